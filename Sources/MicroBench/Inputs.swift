import ChatProtocol
import NIOCore

/// Messages and frames as a run has them: 120 bytes of text and a trace in none of them. Each benchmark goes round
/// many, so that the branch predictor cannot learn one by heart.
struct Inputs {
    static let count = 64

    let messages: [Message]
    let sends: [ClientEvent]

    init() {
        messages = (0..<Self.count).map { index in
            Message(
                roomID: 40 + Int64(index),
                id: 7_340_112 + Int64(index) * 17,
                seq: 95 + Int64(index) * 31,
                userID: 1200 + Int64(index),
                username: "bench-user-\(index)",
                content: Self.content(index),
                clientMessageID: "run1-\(index)-\(index * 7919)",
                createdAt: Timestamp(microseconds: 1_763_939_673_123_456 + Int64(index) * 1_003_001)
            )
        }
        sends = messages.map { message in
            .messageSend(
                ClientEvent.MessageSend(
                    roomID: message.roomID,
                    content: message.content,
                    clientMessageID: message.clientMessageID
                )
            )
        }
    }

    /// The frames that a server sends.
    var messageFrames: [[UInt8]] {
        messages.map { message in
            var buffer = ByteBuffer()
            ServerEvent.message(message, trace: nil).encodeFrame(into: &buffer)
            return Array(buffer.readableBytesView)
        }
    }

    /// The payloads of the frames that a client sends.
    var sendPayloads: [[UInt8]] {
        sends.map { send in
            var buffer = ByteBuffer()
            send.encode(into: &buffer)
            return Array(buffer.readableBytesView)
        }
    }

    /// The masked frames that a client sends.
    var sendFrames: [ByteBuffer] {
        sends.map { send in
            var buffer = ByteBuffer()
            buffer.writeMaskedTextFrame(maskingKey: 0x9E37_79B9) { send.encode(into: &$0) }
            return buffer
        }
    }

    static func text(_ pattern: String, bytes: Int) -> [UInt8] {
        var result: [UInt8] = []
        while result.count + pattern.utf8.count <= bytes { result.append(contentsOf: pattern.utf8) }
        result.append(contentsOf: repeatElement(UInt8(ascii: "."), count: bytes - result.count))
        return result
    }

    private static func content(_ index: Int) -> String {
        let words = "the quick brown fox number \(index) jumps over the lazy dog and then ".utf8
        return String(decoding: Array((0..<3).flatMap { _ in words }.prefix(120)), as: UTF8.self)
    }
}
