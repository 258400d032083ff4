import ChatProtocol
import Foundation
import NIOCore
import Testing

@Suite struct ServerEventTests {
    private static let message = Message(
        roomID: 3,
        id: 9,
        seq: 2,
        userID: 5,
        username: "ada",
        content: "quote\" ñ 😀\n",
        clientMessageID: "m-1",
        createdAt: Timestamp(microseconds: 1_795_478_517_663_952)
    )

    @Test func aMessageIsTheseBytes() {
        #expect(
            text(.message(Self.message, trace: nil))
                == #"{"event":"message","room_id":3,"id":9,"seq":2,"user_id":5,"username":"ada","#
                + #""client_msg_id":"m-1","created_at":"2026-11-24T00:01:57.663952Z","content":"quote\" ñ 😀\n"}"#
        )
    }

    @Test func aTraceIsPutBehindAnEncodedMessage() {
        let trace = Trace(
            receivedNanoseconds: 1,
            persistedNanoseconds: 2,
            publishedNanoseconds: 3,
            brokerReceivedNanoseconds: 4,
            origin: "a",
            instance: "b"
        )
        var buffer = ByteBuffer()
        buffer.writeMessagePayload(ByteBuffer(string: text(.message(Self.message, trace: nil))), trace: trace)
        #expect(String(buffer: buffer) == text(.message(Self.message, trace: trace)))
        #expect(view(String(buffer: buffer))?.trace == trace)
    }

    /// Event by event the members of the contract, no more and no fewer.
    @Test(arguments: [
        (
            ServerEvent.ready(
                .init(userID: 1, username: "ada", instance: "a", epoch: "e", pingIntervalMilliseconds: 25_000)
            ), ["event", "user_id", "username", "instance", "epoch", "ping_interval_ms", "max_frame_bytes"]
        ),
        (
            .roomJoined(.init(roomID: 1, seq: 2, epoch: "e", online: 3, recovered: true)),
            ["event", "room_id", "seq", "epoch", "online", "recovered"]
        ),
        (.roomLeft(roomID: 1, reason: .removed), ["event", "room_id", "reason"]),
        (
            .ack(
                .init(
                    clientMessageID: "m",
                    roomID: 1,
                    id: 2,
                    seq: 3,
                    createdAt: Timestamp(microseconds: 0),
                    duplicate: false,
                    trace: .init(receivedNanoseconds: 1, persistedNanoseconds: 2)
                )
            ), ["event", "client_msg_id", "room_id", "id", "seq", "created_at", "duplicate", "trace"]
        ),
        (
            .userJoined(.init(roomID: 1, userID: 2, username: "u", online: 3)),
            ["event", "room_id", "user_id", "username", "online"]
        ),
        (
            .userLeft(.init(roomID: 1, userID: 2, username: "u", online: 3)),
            ["event", "room_id", "user_id", "username", "online"]
        ),
        (.typing(roomID: 1, userID: 2, username: "u"), ["event", "room_id", "user_id", "username"]),
        (
            .error(.init(.overloaded, "later", roomID: 1, clientMessageID: "m", retryAfterMilliseconds: 5)),
            ["event", "code", "message", "room_id", "client_msg_id", "retry_after_ms"]
        ),
        (.pong(t: #""x""#, serverTimeNanoseconds: 1), ["event", "t", "server_time_ns"]),
        (
            .message(message, trace: nil),
            ["event", "room_id", "id", "seq", "user_id", "username", "content", "client_msg_id", "created_at"]
        ),
    ])
    func membersAreTheContracts(_ event: ServerEvent, _ keys: [String]) throws {
        let object = try JSONSerialization.jsonObject(with: Data(text(event).utf8)) as? [String: Any]
        #expect(Set(object?.keys.map { $0 } ?? []) == Set(keys))
    }

    @Test func aViewReadsMembersInAnyOrder() throws {
        let found = try #require(
            self.view(#"{"x":[1,{"seq":9}],"content":"a\"b","seq":4,"y":1.5,"id":7,"event":"message","room_id":3}"#)
        )
        #expect(found.kind == .message)
        #expect((found.roomID, found.seq, found.id) == (3, 4, 7))
        #expect(found.string(found.content) == "a\"b")
        #expect(!found.hasTrace)
    }

    @Test(arguments: ["", "[]", "{", #"{"event":"message","#, #"{"event":"message"}x"#])
    func aViewRefusesWhatIsNoEvent(_ text: String) {
        #expect(view(text) == nil)
    }

    private func text(_ event: ServerEvent) -> String {
        var buffer = ByteBuffer()
        event.encode(into: &buffer)
        return String(buffer: buffer)
    }

    /// The text is kept by the test for as long as the view is used.
    private func view(_ text: String) -> ServerEventView? {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, text.utf8.count), alignment: 8)
        bytes.copyBytes(from: text.utf8)
        return try? ServerEventView(UnsafeRawBufferPointer(rebasing: bytes[..<text.utf8.count]))
    }
}
