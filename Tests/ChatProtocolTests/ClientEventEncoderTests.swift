import ChatProtocol
import Foundation
import NIOCore
import Testing

struct ClientEventEncoderTests {
    static let golden: [(ClientEvent, String)] = [
        (.authenticate(token: "a.b"), #"{"event":"authenticate","token":"a.b"}"#),
        (.joinRoom(ClientEvent.JoinRoom(roomID: 7)), #"{"event":"join_room","room_id":7}"#),
        (
            .joinRoom(ClientEvent.JoinRoom(roomID: 7, accessCode: "c\"", afterSeq: 5, epoch: "e")),
            #"{"event":"join_room","room_id":7,"access_code":"c\"","after_seq":5,"epoch":"e"}"#
        ),
        (.leaveRoom(roomID: Int64.max), #"{"event":"leave_room","room_id":9223372036854775807}"#),
        (
            .messageSend(ClientEvent.MessageSend(roomID: 7, content: "hi", clientMessageID: "m")),
            #"{"event":"message_send","room_id":7,"client_msg_id":"m","content":"hi"}"#
        ),
        (
            .messageSend(ClientEvent.MessageSend(roomID: 7, content: "\u{1}é", clientMessageID: "m", trace: true)),
            #"{"event":"message_send","room_id":7,"client_msg_id":"m","trace":true,"content":"\u0001é"}"#
        ),
        (.typing(roomID: Int64.min), #"{"event":"typing","room_id":-9223372036854775808}"#),
        (.ping(t: nil), #"{"event":"ping"}"#),
        (.ping(t: "-0"), #"{"event":"ping","t":-0}"#),
        (.ping(t: #""x""#), #"{"event":"ping","t":"x"}"#),
    ]

    @Test(arguments: golden)
    func encodes(event: ClientEvent, json: String) throws {
        #expect(event.json == json)
        #expect(decode(json) == .success(event))
        #expect(try foundationObject(json) != nil)
    }

    @Test(arguments: awkwardTexts.filter { !$0.isEmpty })
    func roundTripsText(text: String) throws {
        let events: [ClientEvent] = [
            .authenticate(token: text),
            .joinRoom(ClientEvent.JoinRoom(roomID: 1, accessCode: text, epoch: text)),
            .messageSend(ClientEvent.MessageSend(roomID: 1, content: text, clientMessageID: text)),
        ]
        for event in events { #expect(decode(event.json) == .success(event)) }
        let read = try foundationObject(events[2].json)?["content"] as? String
        #expect(read.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }

    /// What Foundation writes is read, too: it escapes slashes and knows other orders of members.
    @Test(arguments: awkwardTexts.filter { !$0.isEmpty })
    func readsWhatFoundationWrites(text: String) throws {
        let object: [String: Any] = [
            "event": "message_send", "room_id": 9_007_199_254_740_993, "content": text, "client_msg_id": text,
            "trace": true,
        ]
        let bytes = try Array(JSONSerialization.data(withJSONObject: object))
        let event = ClientEvent.messageSend(
            ClientEvent.MessageSend(roomID: 9_007_199_254_740_993, content: text, clientMessageID: text, trace: true)
        )
        #expect(decode(bytes) == .success(event))
    }

    @Test func escapesEveryControlCharacter() throws {
        for value in UInt8(0)..<0x20 {
            let text = "x" + String(Unicode.Scalar(value)) + "y"
            var buffer = ByteBuffer()
            buffer.writeJSONString(text)
            let json = String(buffer: buffer)
            #expect(json.utf8.allSatisfy { $0 >= 0x20 })
            #expect(try foundationObject(#"{"a":\#(json)}"#)?["a"] as? String == text)
        }
    }

    @Test(arguments: [0, 1, -1, 9, 10, -10, 99, 100, 1_234_567_890, Int64.max, Int64.min, Int64.min + 1])
    func decimals(value: Int64) {
        var buffer = ByteBuffer()
        buffer.writeDecimal(value)
        #expect(String(buffer: buffer) == String(value))
    }
}
