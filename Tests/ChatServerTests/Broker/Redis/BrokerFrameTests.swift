import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

@Suite struct BrokerFrameTests {
    private static let frames: [BrokerFrame] = [
        .message(
            BrokerMessage(
                roomID: 7, seq: .max, payload: ByteBuffer(string: #"{"event":"message"}"#), origin: "a\u{E9}",
                receivedNanoseconds: 1, publishedNanoseconds: 2,
                trace: Trace(
                    receivedNanoseconds: 1, persistedNanoseconds: 3, publishedNanoseconds: 2, origin: "a\u{E9}")
            ),
            from: InstanceID(bits: 5)
        ),
        .notice(.memberLeft(roomID: 1, userID: 2, reason: .removed), from: InstanceID(bits: 6)),
        .notice(.roomDeleted(.max), from: InstanceID(bits: 6)),
        .notice(.roomRenamed(7, name: "T\u{E9}a"), from: InstanceID(bits: 6)),
        .notice(
            .presence(
                PresenceNotice(
                    instance: InstanceID(bits: 6), number: 9,
                    content: .reports([.init(roomID: 1, userID: 2, username: "ada", isHere: true)])
                )
            ),
            from: InstanceID(bits: 6)
        ),
        .probe(from: InstanceID(bits: .max)),
    ]

    @Test(arguments: frames.indices)
    func roundTrip(index: Int) throws {
        let frame = Self.frames[index]
        let read = try #require(BrokerFrame(frame.encode()))
        #expect(read.sender == frame.sender)
        switch (frame, read) {
        case (.message(let sent, _), .message(let received, _)):
            #expect(received.payload == sent.payload)
            #expect(received.seq == sent.seq)
            #expect(received.roomID == sent.roomID)
            #expect(received.origin == sent.origin)
            #expect(received.trace == sent.trace)
        case (.notice(let sent, _), .notice(let received, _)): #expect(sent == received)
        case (.probe, .probe): break
        default: Issue.record("another kind")
        }
    }

    /// Whoever else writes to the channel: what is cut or altered is refused, never a crash.
    @Test(arguments: frames.indices)
    func garbage(index: Int) {
        let bytes = Self.frames[index].encode()
        var generator = SystemRandomNumberGenerator()
        for length in 0..<bytes.readableBytes {
            _ = BrokerFrame(bytes.getSlice(at: 0, length: length) ?? ByteBuffer())
            if length < 10 { #expect(BrokerFrame(bytes.getSlice(at: 0, length: length) ?? ByteBuffer()) == nil) }
            for _ in 0..<20 {
                var altered = bytes
                altered.setInteger(UInt8.random(in: .min ... .max, using: &generator), at: length)
                _ = BrokerFrame(altered)
            }
        }
        #expect(BrokerFrame(ByteBuffer(string: "hello")) == nil)
        #expect(BrokerFrame(ByteBuffer()) == nil)
    }
}
