import ChatProtocol
import NIOCore
import NIOEmbedded

/// Messages as a run has them: 120 bytes of text. Each benchmark goes round many of different lengths.
enum Inputs {
    static let count = 64
    static let roomID: RoomID = 42

    static let messages: [Message] = (0..<count).map { index in
        Message(
            roomID: roomID,
            id: 7_340_112 + Int64(index) * 17,
            seq: 95 + Int64(index) * 31,
            userID: 1200 + Int64(index),
            username: "bench-user-\(index)",
            content: content(index),
            clientMessageID: "run1-\(index)-\(index * 7919)",
            createdAt: Timestamp(microseconds: 1_763_939_673_123_456 + Int64(index) * 1_003_001)
        )
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

/// Stands where the kernel would: takes what is written, and counts it. Behind a pointer, which costs a few instructions where
/// a property would cost a hundred.
final class Sink: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    struct Counts {
        var writes = 0
        var flushes = 0
    }

    private let counts = UnsafeMutablePointer<Counts>.allocate(capacity: 1)

    init() { counts.initialize(to: Counts()) }

    deinit { counts.deallocate() }

    var taken: Counts { counts.pointee }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        counts.pointee.writes += 1
        promise?.succeed()
    }

    func flush(context: ChannelHandlerContext) { counts.pointee.flushes += 1 }
}
