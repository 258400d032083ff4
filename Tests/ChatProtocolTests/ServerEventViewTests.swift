import ChatProtocol
import Testing

/// What a view of an event shows, copied out of it.
private struct Shown: Equatable {
    var kind: ServerEventView.Kind
    var roomID: RoomID = 0
    var seq: Sequence64 = 0
    var id: MessageID = 0
    var userID: UserID = 0
    var retryAfterMilliseconds: Int64 = 0
    var flag = false
    var content: String?
    var clientMessageID: String?
    var epoch: String?
    var instance: String?
    var word: String?
    var detail: String?
    var trace: Trace?
}

private func show(_ json: String) throws -> Shown {
    let bytes = Array(json.utf8)
    return try bytes.withUnsafeBytes { bytes in
        let view = try ServerEventView(bytes)
        return Shown(
            kind: view.kind,
            roomID: view.roomID,
            seq: view.seq,
            id: view.id,
            userID: view.userID,
            retryAfterMilliseconds: view.retryAfterMilliseconds,
            flag: view.flag,
            content: view.string(view.content),
            clientMessageID: view.string(view.clientMessageID),
            epoch: view.string(view.epoch),
            instance: view.string(view.instance),
            word: view.string(view.word),
            detail: view.string(view.detail),
            trace: view.trace
        )
    }
}

struct ServerEventViewTests {
    private func shown(_ event: ServerEvent) -> Shown {
        switch event {
        case .ready(let ready):
            Shown(kind: .ready, userID: ready.userID, epoch: ready.epoch, instance: ready.instance)
        case .roomJoined(let joined):
            Shown(
                kind: .roomJoined, roomID: joined.roomID, seq: joined.seq, flag: joined.recovered, epoch: joined.epoch)
        case .roomLeft(let roomID, let reason): Shown(kind: .roomLeft, roomID: roomID, word: reason.rawValue)
        case .roomUpdated(let roomID, _): Shown(kind: .roomUpdated, roomID: roomID)
        case .message(let message, let trace):
            Shown(
                kind: .message,
                roomID: message.roomID,
                seq: message.seq,
                id: message.id,
                userID: message.userID,
                content: message.content,
                clientMessageID: message.clientMessageID,
                trace: trace
            )
        case .ack(let ack):
            Shown(
                kind: .ack,
                roomID: ack.roomID,
                seq: ack.seq,
                id: ack.id,
                flag: ack.duplicate,
                clientMessageID: ack.clientMessageID,
                trace: ack.trace.map {
                    Trace(receivedNanoseconds: $0.receivedNanoseconds, persistedNanoseconds: $0.persistedNanoseconds)
                }
            )
        case .userJoined(let presence):
            Shown(kind: .userJoined, roomID: presence.roomID, userID: presence.userID)
        case .userLeft(let presence): Shown(kind: .userLeft, roomID: presence.roomID, userID: presence.userID)
        case .typing(let roomID, let userID, _): Shown(kind: .typing, roomID: roomID, userID: userID)
        case .error(let error):
            Shown(
                kind: .error,
                roomID: error.roomID ?? 0,
                retryAfterMilliseconds: Int64(error.retryAfterMilliseconds ?? 0),
                clientMessageID: error.clientMessageID,
                word: error.code.rawValue,
                detail: error.message
            )
        case .pong: Shown(kind: .pong)
        }
    }

    @Test(arguments: ServerEventTests.golden.map(\.0))
    func showsEveryEvent(event: ServerEvent) throws {
        #expect(try show(event.json) == shown(event))
    }

    @Test(arguments: awkwardTexts)
    func resolvesEscapes(text: String) throws {
        var message = ServerEventTests.message
        message.content = text
        message.clientMessageID = text
        var trace = ServerEventTests.trace
        trace.origin = text
        let event = ServerEvent.message(message, trace: trace)
        let seen = try show(event.json)
        #expect(seen == shown(event))
        #expect(seen.content.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }

    @Test func anyOrderAndUnknownMembers() throws {
        var random = SplitMix(seed: 1)
        let members = [
            #""event":"message""#, #""room_id":7"#, #""id":8"#, #""seq":9"#, #""user_id":10"#, #""content":"\u0041""#,
            #""trace":{"origin":"o","x":{"received_ns":9},"received_ns":5,"published_ns":1.5}"#, #""new":[{"seq":1}]"#,
            #""other":{"room_id":1}"#, #""score":1.5"#, #""gone":null"#, #""seq_":3"#, #""Content":"x""#,
        ]
        let expected = Shown(
            kind: .message,
            roomID: 7,
            seq: 9,
            id: 8,
            userID: 10,
            content: "A",
            trace: Trace(receivedNanoseconds: 5, origin: "o")
        )
        for _ in 0..<200 {
            let json = "{ " + members.shuffled(using: &random).joined(separator: " ,\n") + " }"
            #expect(try show(json) == expected)
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"event":"news"}"#, #"{"event":"messagf"}"#, #"{"event":"room_lost"}"#, #"{"event":"room_update_"}"#,
        #"{"event":1}"#,
        #"{"event":""}"#,
        #"{"event":"user_joine_"}"#, #"{"event":"pinG"}"#, #"{"event":null}"#,
    ])
    func otherEvents(json: String) throws {
        #expect(try show(json) == Shown(kind: .other))
    }

    @Test func membersOfAnotherTypeAreAsIfMissing() throws {
        let json = #"{"event":"message","room_id":"7","seq":1.0,"id":null,"content":5,"trace":true,"duplicate":"yes"}"#
        #expect(try show(json) == Shown(kind: .message))
    }

    @Test func truncatedAtEveryByte() {
        let whole = Array(ServerEvent.message(ServerEventTests.message, trace: ServerEventTests.trace).json.utf8)
        for length in 0..<whole.count {
            #expect(throws: JSONError.self) { try show(String(decoding: whole[..<length], as: UTF8.self)) }
        }
    }

    @Test(arguments: ["", "[]", "7", #"{"event":"ack"}x"#, #"{"event":"ack",}"#, #"{"seq":01}"#])
    func refuses(json: String) {
        #expect(throws: JSONError.self) { try show(json) }
    }

    @Test func tokenLeavesTextInPlace() throws {
        let json = Array(#"{"content":"a\nb","event":"message"}"#.utf8)
        try json.withUnsafeBytes { bytes in
            let view = try ServerEventView(bytes)
            let token = try #require(view.content)
            #expect(token.range == 12..<16)
            #expect(token.hasEscapes)
            #expect(!token.hasLoneSurrogate)
            #expect(Array(view.raw(token)) == Array(#"a\nb"#.utf8))
            #expect(!view.hasTrace)
        }
    }
}
