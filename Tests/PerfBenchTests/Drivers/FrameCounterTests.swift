import ChatProtocol
import NIOCore
import Testing

@testable import PerfBench

@Suite struct FrameCounterTests {
    private static let message = ServerEvent.message(
        Message(
            roomID: 1, id: 2, seq: 3, userID: 4, username: "ada", content: String(repeating: "x", count: 120),
            clientMessageID: "1-1", createdAt: Timestamp(microseconds: 1_763_939_673_123_456)),
        trace: nil)

    /// Three messages of two heads' lengths, and everything else that a server may send between them.
    private static var conversation: [UInt8] {
        var buffer = ByteBuffer()
        message.encodeFrame(into: &buffer)
        buffer.writeFrame(.ping, payload: ByteBuffer())
        buffer.writeFrame(.text, payload: ByteBuffer(string: #"{"event":"ack","seq":3}"#))
        buffer.writeFrame(.text, payload: ByteBuffer(string: #"{"event":"message"}"#))
        buffer.writeFrame(.text, payload: ByteBuffer(string: #"{"event":"error","code":"overloaded"}"#))
        buffer.writeFrame(.text, payload: ByteBuffer(string: "{}"))
        message.encodeFrame(into: &buffer)
        return Array(buffer.readableBytesView)
    }

    @Test(arguments: [1, 2, 3, 5, 7, 16, 21, 64, 4096])
    func countsWhateverAReadBrings(size: Int) {
        var counter = FrameCounter()
        let bytes = Self.conversation
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(bytes.count, start + size)].withUnsafeBytes { counter.feed($0) }
        }
        #expect(counter.messages == 3)
        #expect(counter.errors == 1)
        #expect(counter.others == 2)
        #expect(counter.pings == 1)
        #expect(!counter.isClosed)
    }

    @Test func seesTheEnd() {
        var buffer = ByteBuffer()
        buffer.writeCloseFrame(.slowConsumer)
        var counter = FrameCounter()
        Array(buffer.readableBytesView).withUnsafeBytes { counter.feed($0) }
        #expect(counter.isClosed)
    }
}
