import ChatProtocol
import Testing

/// One kind of JSON value, with a sample of each.
private enum Kind: String, CaseIterable {
    case string, integer, fraction, bool, null, object, array

    var sample: String {
        switch self {
        case .string: #""text""#
        case .integer: "7"
        case .fraction: "1.5"
        case .bool: "true"
        case .null: "null"
        case .object: #"{"a":1}"#
        case .array: "[1]"
        }
    }
}

private struct Field {
    var key: String
    var accepts: Set<Kind>
    var isRequired: Bool { !accepts.contains(.null) && key != "t" }
}

private struct Shape: CustomTestStringConvertible {
    var event: String
    var fields: [Field]
    var testDescription: String { event }

    /// The event, with another value for one member, or without it.
    func json(_ changed: String? = nil, _ change: String? = nil) -> String {
        var members = [#""event":"\#(event)""#]
        for field in fields {
            let sample = [Kind.string, .integer, .bool].first(where: field.accepts.contains)?.sample
            if let value = field.key == changed ? change : sample { members.append(#""\#(field.key)":\#(value)"#) }
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    static let all = [
        Shape(event: "authenticate", fields: [Field(key: "token", accepts: [.string])]),
        Shape(
            event: "join_room",
            fields: [
                Field(key: "room_id", accepts: [.integer]),
                Field(key: "access_code", accepts: [.string, .null]),
                Field(key: "after_seq", accepts: [.integer, .null]),
                Field(key: "epoch", accepts: [.string, .null]),
            ]
        ),
        Shape(event: "leave_room", fields: [Field(key: "room_id", accepts: [.integer])]),
        Shape(
            event: "message_send",
            fields: [
                Field(key: "room_id", accepts: [.integer]),
                Field(key: "content", accepts: [.string]),
                Field(key: "client_msg_id", accepts: [.string]),
                Field(key: "trace", accepts: [.bool, .null]),
            ]
        ),
        Shape(event: "typing", fields: [Field(key: "room_id", accepts: [.integer])]),
        Shape(event: "ping", fields: [Field(key: "t", accepts: [.string, .integer, .fraction])]),
    ]
}

struct ClientEventDecoderTests {
    static let happy: [(String, ClientEvent)] = [
        (#"{"event":"authenticate","token":"a.b.c"}"#, .authenticate(token: "a.b.c")),
        (#"{"event":"join_room","room_id":7}"#, .joinRoom(ClientEvent.JoinRoom(roomID: 7))),
        (
            #"{"event":"join_room","room_id":7,"access_code":"open","after_seq":0,"epoch":"e1"}"#,
            .joinRoom(ClientEvent.JoinRoom(roomID: 7, accessCode: "open", afterSeq: 0, epoch: "e1"))
        ),
        (
            #"{"event":"join_room","room_id":7,"access_code":null,"after_seq":null,"epoch":null}"#,
            .joinRoom(ClientEvent.JoinRoom(roomID: 7))
        ),
        (#"{"event":"leave_room","room_id":7}"#, .leaveRoom(roomID: 7)),
        (
            #"{"event":"message_send","room_id":7,"content":"hi","client_msg_id":"m1"}"#,
            .messageSend(ClientEvent.MessageSend(roomID: 7, content: "hi", clientMessageID: "m1"))
        ),
        (
            #"{"trace":true,"client_msg_id":"m1","content":"hi","room_id":7,"event":"message_send"}"#,
            .messageSend(ClientEvent.MessageSend(roomID: 7, content: "hi", clientMessageID: "m1", trace: true))
        ),
        (
            #"{"event":"message_send","room_id":7,"content":"hi","client_msg_id":"m1","trace":null}"#,
            .messageSend(ClientEvent.MessageSend(roomID: 7, content: "hi", clientMessageID: "m1"))
        ),
        (#"{"event":"typing","room_id":7}"#, .typing(roomID: 7)),
        (#"{"event":"ping"}"#, .ping(t: nil)),
        ("\u{20}\t\r\n{ \"event\"\n:\t\"typing\" ,\r\"room_id\" : 7 } \n", .typing(roomID: 7)),
        (#"{"\u0065vent":"\u0074yping","room\u005fid":7}"#, .typing(roomID: 7)),
        (#"{"event":"typing","room_id":7,"token":5,"content":[],"t":{}}"#, .typing(roomID: 7)),
        (
            #"{"x":null,"event":"typing","y":[1,{"z":[[],{}]},"]"],"room_id":7,"":{"a":{"b":-1.5e+3}}}"#,
            .typing(roomID: 7)
        ),
    ]

    @Test(arguments: happy)
    func accepts(json: String, event: ClientEvent) {
        #expect(decode(json) == .success(event))
    }

    @Test(arguments: Shape.all)
    private func everyFieldOfEveryType(shape: Shape) {
        #expect(decode(shape.json()).error == nil)
        for field in shape.fields {
            let without = decode(shape.json(field.key))
            if field.isRequired {
                #expect(without.error?.code == .invalidEvent, "without \(field.key)")
                #expect(without.error?.message == "'\(field.key)' is missing")
            } else {
                #expect(without.error == nil, "without \(field.key)")
            }
            for kind in Kind.allCases {
                let error = decode(shape.json(field.key, kind.sample)).error
                if field.accepts.contains(kind) {
                    #expect(error == nil, "\(field.key) as \(kind)")
                } else {
                    #expect(error?.code == .invalidEvent, "\(field.key) as \(kind)")
                    #expect(error?.message.hasPrefix("'\(field.key)' must be ") == true)
                }
            }
        }
    }

    static let refused: [(String, ErrorCode)] = [
        (#"{"event":"shout"}"#, .unknownEvent),
        (#"{"event":""}"#, .unknownEvent),
        (#"{"event":"Ping"}"#, .unknownEvent),
        (#"{}"#, .invalidEvent),
        (#"{"event":1}"#, .invalidEvent),
        (#"{"event":null}"#, .invalidEvent),
        (#"{"event":["ping"]}"#, .invalidEvent),
        (#"{"event":{"event":"ping"}}"#, .invalidEvent),
        (#"{"event":true}"#, .invalidEvent),
        (#"{"event":"\ud800"}"#, .invalidEvent),
        (#"{"event":"join_room","room_id":7,"after_seq":-1}"#, .validationFailed),
        ("[]", .invalidEvent),
        (#"["event","ping"]"#, .invalidEvent),
        (#""ping""#, .invalidEvent),
        ("7", .invalidEvent),
        (" true ", .invalidEvent),
        ("null", .invalidEvent),
        ("", .malformedJSON),
        ("  ", .malformedJSON),
        ("ping", .malformedJSON),
        ("{", .malformedJSON),
        ("}", .malformedJSON),
        ("[1,]", .malformedJSON),
        (#"{"event":"ping"}x"#, .malformedJSON),
        (#"{"event":"ping"}{}"#, .malformedJSON),
        (#"{"event":"ping"},"#, .malformedJSON),
        (#"{"event":"ping",}"#, .malformedJSON),
        (#"{,"event":"ping"}"#, .malformedJSON),
        (#"{"event" "ping"}"#, .malformedJSON),
        (#"{"event":}"#, .malformedJSON),
        (#"{event:"ping"}"#, .malformedJSON),
        (#"{'event':'ping'}"#, .malformedJSON),
        (#"{"event":"ping" "t":1}"#, .malformedJSON),
        (#"{"event":"ping","t":tru}"#, .malformedJSON),
        (#"{"event":"ping","t":nulL}"#, .malformedJSON),
        (#"{"event":"ping","t":NaN}"#, .malformedJSON),
        (#"{"event":"ping","t":Infinity}"#, .malformedJSON),
        (#"{"event":"ping"/* */}"#, .malformedJSON),
        ("\u{FEFF}{\"event\":\"ping\"}", .malformedJSON),
        ("{\"event\":\"ping\"}\u{0}", .malformedJSON),
        ("{\u{A0}\"event\":\"ping\"}", .malformedJSON),
    ]

    @Test(arguments: refused)
    func refuses(json: String, code: ErrorCode) {
        #expect(decode(json).error?.code == code)
    }

    static let others = (0..<40).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")

    static let duplicates: [(String, String)] = [
        (#"{"event":"ping","event":"ping"}"#, "event"),
        (#"{"event":"typing","room_id":1,"room_id":2}"#, "room_id"),
        (#"{"event":"ping","\u0065vent":"ping"}"#, "event"),
        (#"{"\u0065vent":"ping","ev\u0065nt":"ping"}"#, "event"),
        (#"{"event":"ping","x":1,"x":1}"#, "x"),
        (#"{"event":"ping","x":1,"\u0078":2}"#, "x"),
        (#"{"event":"ping","\u00e9":1,"é":2}"#, "é"),
        (#"{"event":"ping","":1,"":2}"#, ""),
        (#"{"event":"ping",\#(others),"k3":0}"#, "k3"),
        (#"{"event":"ping",\#(others),"k39":0,"k3":0}"#, "k39"),
        (#"{"event":"ping",\#(others),"\u006b3":0}"#, "k3"),
    ]

    @Test(arguments: duplicates)
    func refusesDuplicateKeys(json: String, key: String) {
        #expect(decode(json) == .failure(ProtocolError(.invalidEvent, "duplicate key '\(key)'", roomID: roomID(json))))
    }

    private func roomID(_ json: String) -> RoomID? { json.contains("room_id") ? 1 : nil }

    static let different = [
        #"{"event":"ping",\#(others)}"#,
        #"{"event":"ping","x":{"a":1,"a":2}}"#,
        #"{"event":"ping","Event":1,"EVENT":2,"event ":3}"#,
        // Canonically equivalent, but not the same scalars.
        "{\"event\":\"ping\",\"\u{E9}\":1,\"e\u{301}\":2}",
        "{\"event\":\"ping\",\(others),\"\u{E9}\":1,\"e\u{301}\":2}",
    ]

    @Test(arguments: different)
    func acceptsKeysThatDiffer(json: String) {
        #expect(decode(json) == .success(.ping(t: nil)))
    }

    @Test func truncatedAtEveryByte() {
        let whole = Array(
            #"{"event":"message_send","room_id":-12,"x":[1,{"y":null}],"content":"é😀\n\ud83d\ude00","client_msg_id":"m"}"#
                .utf8
        )
        #expect(decode(whole).error == nil)
        for length in 0..<whole.count {
            #expect(decode(Array(whole[..<length])).error?.code == .malformedJSON, "\(length) bytes")
        }
    }

    static let carried: [(String, RoomID?, String?)] = [
        (#"{"event":"message_send","room_id":7,"client_msg_id":"m1"}"#, 7, "m1"),
        (#"{"event":"message_send","client_msg_id":"m1","content":"a"}"#, nil, "m1"),
        (#"{"event":"message_send","room_id":7,"content":"a"}"#, 7, nil),
        (#"{"event":"message_send","room_id":"7","client_msg_id":1}"#, nil, nil),
        (#"{"event":"shout","room_id":7,"client_msg_id":"\u006d\"1"}"#, 7, "m\"1"),
        (#"{"room_id":7,"client_msg_id":"m1"}"#, 7, "m1"),
        (#"{"event":"typing","room_id":7,"client_msg_id":"m1","x":1,"x":2}"#, 7, "m1"),
        (#"{"event":"message_send","room_id":7,"client_msg_id":"m1","content":"a"} x"#, 7, "m1"),
        (#"{"event":"message_send","room_id":7,"client_msg_id":"m1","content":"#, 7, "m1"),
        (#"{"event":"message_send","room_id":7,"client_msg_id":"\ud800","content":"a"}"#, 7, nil),
    ]

    @Test(arguments: carried)
    func errorCarriesWhatCouldBeRead(json: String, roomID: RoomID?, clientMessageID: String?) {
        let error = decode(json).error
        #expect(error != nil)
        #expect(error?.roomID == roomID)
        #expect(error?.clientMessageID == clientMessageID)
    }

    @Test func errorsStaySmall() {
        let long = "e" + String(repeating: "\u{301}", count: 30_000)
        let unknown = decode(#"{"event":"\#(long)"}"#).error
        #expect(unknown?.code == .unknownEvent)
        #expect((unknown?.message.utf8.count ?? .max) < 500)
        let duplicate = decode(#"{"event":"ping","\#(long)":1,"\#(long)":1}"#).error
        #expect(duplicate?.code == .invalidEvent)
        #expect((duplicate?.message.utf8.count ?? .max) < 500)
        let identified = decode(#"{"event":"typing","client_msg_id":"\#(long)"}"#).error
        #expect(identified?.clientMessageID == nil)
    }

    /// The text of `t` comes back byte for byte.
    @Test(arguments: [
        "0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e400", "0.10",
        "-0.0",
        "1E+2", "1e-2", "1.5e3", "123456789012345678901234567890", #""""#, #""a""#, #""\u0041\n\"\\\/""#,
        #""\ud83d\ude00""#,
        #""\u0000""#, #""é😀""#, #""1""#,
    ])
    func pingEchoesVerbatim(t: String) {
        #expect(decode(#"{"event":"ping","t": \#(t) }"#) == .success(.ping(t: t)))
    }

    @Test func pingWithLoneSurrogate() {
        #expect(decode(#"{"event":"ping","t":"\udc00"}"#).error?.code == .malformedJSON)
    }
}
