import ChatProtocol
import Foundation
import NIOCore
import Testing

@Suite struct ClientEventTests {
    @Test(arguments: [
        (#"{"event":"authenticate","token":"abc"}"#, ClientEvent.authenticate(token: "abc")),
        (#"{"event":"join_room","room_id":7}"#, .joinRoom(.init(roomID: 7))),
        (
            #"{"event":"join_room","room_id":7,"access_code":"sesame","after_seq":3,"epoch":"e"}"#,
            .joinRoom(.init(roomID: 7, accessCode: "sesame", afterSeq: 3, epoch: "e"))
        ),
        (#" {"room_id" : 7 , "event" : "leave_room"} "#, .leaveRoom(roomID: 7)),
        (
            #"{"event":"message_send","room_id":7,"content":"a\"\u00e9\ud83d\ude00\n","client_msg_id":"m","trace":true}"#,
            .messageSend(.init(roomID: 7, content: "a\"é😀\n", clientMessageID: "m", trace: true))
        ),
        (#"{"\u0065vent":"typing","room_id":-9223372036854775808}"#, .typing(roomID: .min)),
        (#"{"event":"ping"}"#, .ping(t: nil)),
        (#"{"event":"ping","t":1.50e3}"#, .ping(t: "1.50e3")),
        (#"{"event":"ping","t":"h\u00e9\"","x":{"deep":[1,{"a":[]}]},"y":null}"#, .ping(t: #""h\u00e9\"""#)),
    ])
    func decodes(_ text: String, _ event: ClientEvent) throws {
        #expect(try decode(text) == event)
    }

    @Test(arguments: [
        ("", ErrorCode.malformedJSON), ("{", .malformedJSON), (#"{"event":"ping"} x"#, .malformedJSON),
        (#"{"event":"ping",}"#, .malformedJSON), (#"{"event":'ping'}"#, .malformedJSON),
        (#"{"event":"ping","t":01}"#, .malformedJSON), (#"{"event":"ping","t":+1}"#, .malformedJSON),
        (#"{"event":"ping","x":[1,}"#, .malformedJSON), (#"{"event":"ping","x":[1}"#, .malformedJSON),
        ("{\"event\":\"pi\nng\"}", .malformedJSON), (#"{"event":"ping","t":"\x"}"#, .malformedJSON),
        ("[]", .invalidEvent), ("7", .invalidEvent), (#""event""#, .invalidEvent), ("null", .invalidEvent),
        ("{}", .invalidEvent), (#"{"event":7}"#, .invalidEvent), (#"{"event":null}"#, .invalidEvent),
        (#"{"event":"dance"}"#, .unknownEvent), (#"{"event":""}"#, .unknownEvent),
        (#"{"event":"ping","event":"ping"}"#, .invalidEvent), (#"{"event":"ping","x":1,"x":2}"#, .invalidEvent),
        (#"{"event":"ping","t":null}"#, .invalidEvent), (#"{"event":"ping","t":[]}"#, .invalidEvent),
        (#"{"event":"join_room"}"#, .invalidEvent), (#"{"event":"join_room","room_id":"7"}"#, .invalidEvent),
        (#"{"event":"join_room","room_id":7.0}"#, .invalidEvent),
        (#"{"event":"join_room","room_id":9223372036854775808}"#, .invalidEvent),
        (#"{"event":"join_room","room_id":7,"after_seq":-1}"#, .validationFailed),
        (#"{"event":"join_room","room_id":7,"after_seq":"1"}"#, .invalidEvent),
        (#"{"event":"message_send","room_id":7,"client_msg_id":"m"}"#, .invalidEvent),
        (#"{"event":"message_send","room_id":7,"content":"x"}"#, .invalidEvent),
        (#"{"event":"message_send","content":"x","client_msg_id":"m"}"#, .invalidEvent),
        (#"{"event":"message_send","room_id":7,"content":{},"client_msg_id":"m"}"#, .invalidEvent),
        (#"{"event":"message_send","room_id":7,"content":"","client_msg_id":"m"}"#, .validationFailed),
        (#"{"event":"message_send","room_id":7,"content":"x","client_msg_id":""}"#, .validationFailed),
        (#"{"event":"message_send","room_id":7,"content":"x\u0000","client_msg_id":"m"}"#, .validationFailed),
        (#"{"event":"message_send","room_id":7,"content":"\ud800","client_msg_id":"m"}"#, .malformedJSON),
        (#"{"event":"message_send","room_id":7,"content":"\ude00\ud83d","client_msg_id":"m"}"#, .malformedJSON),
        (#"{"event":"message_send","room_id":7,"content":"x","client_msg_id":"m","trace":1}"#, .invalidEvent),
        (#"{"event":"authenticate"}"#, .invalidEvent), (#"{"event":"typing","room_id":true}"#, .invalidEvent),
    ])
    func refuses(_ text: String, _ code: ErrorCode) {
        #expect(code == #expect(throws: ProtocolError.self) { try decode(text) }?.code, "\(text)")
    }

    @Test(arguments: ["a", "é", "😀", "e\u{301}"]) func lengthsCountScalars(_ unit: String) throws {
        let count = 4000 / unit.unicodeScalars.count
        let fits = String(repeating: unit, count: count)
        let send = { (content: String) in
            #"{"event":"message_send","room_id":1,"client_msg_id":"m","content":"\#(content)"}"#
        }
        #expect(throws: Never.self) { try decode(send(fits)) }
        #expect(throws: ProtocolError.self) { try decode(send(fits + unit)) }
    }

    @Test func anErrorNamesWhatCouldBeRead() {
        let text = #"{"room_id":7,"client_msg_id":"m","event":"message_send","content":5}"#
        let error = #expect(throws: ProtocolError.self) { try decode(text) }
        #expect(error?.roomID == 7)
        #expect(error?.clientMessageID == "m")
    }

    @Test func everyBrokenOffTextIsRefused() {
        let text =
            #"{"event":"message_send","room_id":7,"content":"a\u00e9\n","client_msg_id":"m","x":[{"a":1.5e3},null]}"#
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            #expect(throws: ProtocolError.self) { try decode(String(decoding: bytes[..<length], as: UTF8.self)) }
        }
    }

    @Test func nestingHasALimitAndNoDepthCrashes() {
        let nested = { (depth: Int) in
            #"{"event":"ping","x":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(throws: Never.self) { try decode(nested(60)) }
        #expect(throws: ProtocolError.self) { try decode(nested(64)) }
        #expect(throws: ProtocolError.self) {
            try decode(#"{"event":"ping","x":"# + String(repeating: "[", count: 60_000))
        }
    }

    @Test(arguments: [31, 32, 33, 500]) func duplicatesAreFoundAmongManyUnknownKeys(_ count: Int) {
        let keys = (0..<count).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
        #expect(throws: Never.self) { try decode(#"{"event":"ping",\#(keys)}"#) }
        #expect(throws: ProtocolError.self) { try decode(#"{"event":"ping",\#(keys),"k\#(count - 1)":0}"#) }
    }

    @Test(arguments: [
        ClientEvent.authenticate(token: "a\"b"), .leaveRoom(roomID: -1), .typing(roomID: .max), .ping(t: "7"),
        .joinRoom(.init(roomID: 1, accessCode: "ñ\u{1}", afterSeq: 0, epoch: "e")),
        .messageSend(.init(roomID: 1, content: "tab\t\\ quote\" 😀", clientMessageID: "m", trace: true)),
    ])
    func encodingIsUndoneByDecoding(_ event: ClientEvent) throws {
        var buffer = ByteBuffer()
        event.encode(into: &buffer)
        #expect(try decode(String(buffer: buffer)) == event)
    }

    /// Whatever a mutated frame decodes as must be JSON to others too.
    @Test func mutatedFramesNeverCrash() throws {
        var random = SystemRandomNumberGenerator()
        let seed = Array(
            #"{"event":"message_send","room_id":7,"content":"a\u00e9\ud83d\ude00","client_msg_id":"m","x":[1,{}]}"#.utf8
        )
        for _ in 0..<50_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard (try? decode(text)) != nil else { continue }
            #expect((try? JSONSerialization.jsonObject(with: Data(bytes))) != nil, "\(text)")
        }
    }

    private func decode(_ text: String) throws -> ClientEvent {
        var text = text
        return try text.withUTF8 { try ClientEvent.decode(UnsafeRawBufferPointer($0)) }
    }
}
