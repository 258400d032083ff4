import ChatProtocol
import Foundation
import NIOCore
import Testing

struct ServerEventTests {
    static let message = Message(
        roomID: 7,
        id: 1001,
        seq: 12,
        userID: 3,
        username: "ada",
        content: "hi \"all\"\n",
        clientMessageID: "m1",
        createdAt: Timestamp(microseconds: 1_763_939_673_123_456)
    )

    static let trace = Trace(
        receivedNanoseconds: 1,
        persistedNanoseconds: 2,
        publishedNanoseconds: 3,
        brokerReceivedNanoseconds: 4,
        origin: "a",
        instance: "b\\"
    )

    static func ack(duplicate: Bool, trace: ServerEvent.AckTrace? = nil) -> ServerEvent {
        .ack(
            ServerEvent.Ack(
                clientMessageID: "m1",
                roomID: 7,
                id: 1001,
                seq: 12,
                createdAt: message.createdAt,
                duplicate: duplicate,
                trace: trace
            )
        )
    }

    static func joined(recovered: Bool) -> ServerEvent {
        .roomJoined(ServerEvent.RoomJoined(roomID: 7, seq: 12, epoch: "e", online: 2, recovered: recovered))
    }

    static let presence = ServerEvent.Presence(roomID: 7, userID: 3, username: "ada", online: 2)
    static let messageMembers =
        #""room_id":7,"id":1001,"seq":12,"user_id":3,"username":"ada","client_msg_id":"m1","#
        + #""created_at":"2025-11-23T23:14:33.123456Z","content":"hi \"all\"\n""#
    static let traceMember =
        #""trace":{"received_ns":1,"persisted_ns":2,"published_ns":3,"broker_received_ns":4,"origin":"a","instance":"b\\"}"#

    static let golden: [(ServerEvent, String)] = [
        (
            .ready(
                ServerEvent.Ready(
                    userID: 3,
                    username: "ada",
                    instance: "127.0.0.1:8080",
                    epoch: "e",
                    pingIntervalMilliseconds: 25_000
                )
            ),
            #"{"event":"ready","user_id":3,"username":"ada","instance":"127.0.0.1:8080","epoch":"e","#
                + #""ping_interval_ms":25000,"max_frame_bytes":65536}"#
        ),
        (
            joined(recovered: true),
            #"{"event":"room_joined","room_id":7,"seq":12,"epoch":"e","online":2,"recovered":true}"#
        ),
        (
            joined(recovered: false),
            #"{"event":"room_joined","room_id":7,"seq":12,"epoch":"e","online":2,"recovered":false}"#
        ),
        (.roomLeft(roomID: 7, reason: .left), #"{"event":"room_left","room_id":7,"reason":"left"}"#),
        (.roomLeft(roomID: 7, reason: .removed), #"{"event":"room_left","room_id":7,"reason":"removed"}"#),
        (.roomLeft(roomID: 7, reason: .revoked), #"{"event":"room_left","room_id":7,"reason":"revoked"}"#),
        (.roomLeft(roomID: 7, reason: .deleted), #"{"event":"room_left","room_id":7,"reason":"deleted"}"#),
        (
            .roomUpdated(roomID: 7, name: "Tea \"& cake\""),
            #"{"event":"room_updated","room_id":7,"name":"Tea \"& cake\""}"#
        ),
        (.message(message, trace: nil), #"{"event":"message",\#(messageMembers)}"#),
        (.message(message, trace: trace), #"{"event":"message",\#(messageMembers),\#(traceMember)}"#),
        (
            ack(duplicate: false),
            #"{"event":"ack","client_msg_id":"m1","room_id":7,"id":1001,"seq":12,"#
                + #""created_at":"2025-11-23T23:14:33.123456Z","duplicate":false}"#
        ),
        (
            ack(duplicate: true, trace: ServerEvent.AckTrace(receivedNanoseconds: 1, persistedNanoseconds: 2)),
            #"{"event":"ack","client_msg_id":"m1","room_id":7,"id":1001,"seq":12,"#
                + #""created_at":"2025-11-23T23:14:33.123456Z","duplicate":true,"#
                + #""trace":{"received_ns":1,"persisted_ns":2}}"#
        ),
        (
            .userJoined(presence),
            #"{"event":"user_joined","room_id":7,"user_id":3,"username":"ada","online":2}"#
        ),
        (
            .userLeft(presence),
            #"{"event":"user_left","room_id":7,"user_id":3,"username":"ada","online":2}"#
        ),
        (
            .typing(roomID: 7, userID: 3, username: "ada"),
            #"{"event":"typing","room_id":7,"user_id":3,"username":"ada"}"#
        ),
        (
            .error(ProtocolError(.unknownEvent, "unknown event 'x'")),
            #"{"event":"error","code":"unknown_event","message":"unknown event 'x'"}"#
        ),
        (
            .error(
                ProtocolError(
                    .rateLimited,
                    "slow \"down\"",
                    roomID: 7,
                    clientMessageID: "m1",
                    retryAfterMilliseconds: 250
                )
            ),
            #"{"event":"error","code":"rate_limited","message":"slow \"down\"","room_id":7,"client_msg_id":"m1","#
                + #""retry_after_ms":250}"#
        ),
        (.pong(t: nil, serverTimeNanoseconds: 5), #"{"event":"pong","server_time_ns":5}"#),
        (.pong(t: "1e400", serverTimeNanoseconds: 5), #"{"event":"pong","t":1e400,"server_time_ns":5}"#),
        (.pong(t: #""\u0041""#, serverTimeNanoseconds: 5), #"{"event":"pong","t":"\u0041","server_time_ns":5}"#),
    ]

    @Test(arguments: golden)
    func encodes(event: ServerEvent, json: String) {
        #expect(event.json == json)
        var frame = ByteBuffer()
        event.encodeFrame(into: &frame)
        let length = json.utf8.count
        let head: [UInt8] =
            length <= 125 ? [0x81, UInt8(length)] : [0x81, 126, UInt8(length >> 8), UInt8(length & 255)]
        #expect(Array(frame.readableBytesView) == head + Array(json.utf8))
    }

    /// The contract's members of each event, and those that may be missing.
    static let members: [String: (always: Set<String>, sometimes: Set<String>)] = [
        "ready": (["user_id", "username", "instance", "epoch", "ping_interval_ms", "max_frame_bytes"], []),
        "room_joined": (["room_id", "seq", "epoch", "online", "recovered"], []),
        "room_left": (["room_id", "reason"], []),
        "room_updated": (["room_id", "name"], []),
        "message": (
            ["room_id", "id", "seq", "user_id", "username", "content", "client_msg_id", "created_at"], ["trace"]
        ),
        "ack": (["client_msg_id", "room_id", "id", "seq", "created_at", "duplicate"], ["trace"]),
        "user_joined": (["room_id", "user_id", "username", "online"], []),
        "user_left": (["room_id", "user_id", "username", "online"], []),
        "typing": (["room_id", "user_id", "username"], []),
        "error": (["code", "message"], ["room_id", "client_msg_id", "retry_after_ms"]),
        "pong": (["server_time_ns"], ["t"]),
    ]

    @Test(arguments: golden.map(\.1))
    func hasTheContractsMembers(json: String) throws {
        // Foundation has no number as large as the one of a pong here.
        let object = try #require(try foundationObject(json.replacingOccurrences(of: "1e400", with: "1")))
        var keys = try #require(Set(object.allKeys.map { $0 as? String ?? "" }))
        let event = try #require(object["event"] as? String)
        let (always, sometimes) = try #require(Self.members[event])
        keys.remove("event")
        #expect(keys.isSuperset(of: always))
        #expect(keys.subtracting(always).isSubset(of: sometimes))
    }

    @Test(arguments: awkwardTexts)
    func everyTextIsEscaped(text: String) throws {
        var message = Self.message
        message.content = text
        message.username = text
        message.clientMessageID = text
        var trace = Self.trace
        trace.origin = text
        trace.instance = text
        let events: [ServerEvent] = [
            .message(message, trace: trace),
            .typing(roomID: 1, userID: 1, username: text),
            .roomUpdated(roomID: 1, name: text),
            .error(ProtocolError(.invalidEvent, text, clientMessageID: text)),
            .userJoined(ServerEvent.Presence(roomID: 1, userID: 1, username: text, online: 1)),
        ]
        for event in events { #expect(try foundationObject(event.json) != nil) }
        let object = try foundationObject(events[0].json)
        for key in ["content", "username", "client_msg_id"] {
            #expect((object?[key] as? String).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
        }
        #expect((object?["trace"] as? NSDictionary)?["origin"] as? String == text)
    }

    @Test func traceIsPutIntoAnEncodedMessage() {
        var payload = ByteBuffer()
        ServerEvent.message(Self.message, trace: nil).encode(into: &payload)
        for trace in [nil, Self.trace] {
            var buffer = ByteBuffer(string: "before")
            buffer.writeMessagePayload(payload, trace: trace)
            #expect(String(buffer: buffer) == "before" + ServerEvent.message(Self.message, trace: trace).json)
        }
    }
}
