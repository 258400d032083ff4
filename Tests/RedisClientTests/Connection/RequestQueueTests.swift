import NIOCore
import Testing

@testable import RedisClient

struct RequestQueueTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func isComplete(
        _ outcome: RequestQueue<Int>.Outcome, _ expected: Int, _ replies: [RedisReply]
    ) -> Bool {
        if case .complete(expected, replies) = outcome { true } else { false }
    }

    private static func isIncomplete(_ outcome: RequestQueue<Int>.Outcome) -> Bool {
        if case .incomplete = outcome { true } else { false }
    }

    private static func isUnexpected(_ outcome: RequestQueue<Int>.Outcome) -> Bool {
        if case .unexpected = outcome { true } else { false }
    }

    @Test func `replies go to the oldest request, as many as it wants`() {
        var queue = RequestQueue<Int>(maxBytes: 100, timeout: .seconds(1))
        expect(queue.requested(1, byteCount: 10, replyCount: 1, now: Self.start), true)
        expect(queue.requested(2, byteCount: 10, replyCount: 2, now: Self.start), true)
        #expect(queue.bytesInFlight == 20)
        expect(Self.isComplete(queue.replied(.integer(1)), 1, [.integer(1)]), true)
        expect(Self.isIncomplete(queue.replied(.integer(2))), true)
        #expect(queue.bytesInFlight == 10)
        expect(Self.isComplete(queue.replied(.error("x")), 2, [.integer(2), .error("x")]), true)
        expect(Self.isUnexpected(queue.replied(.null)), true)
    }

    @Test func `bytes in flight have a bound`() {
        var queue = RequestQueue<Int>(maxBytes: 100, timeout: .seconds(1))
        expect(queue.requested(1, byteCount: 101, replyCount: 1, now: Self.start), false)
        expect(queue.requested(2, byteCount: 100, replyCount: 1, now: Self.start), true)
        expect(queue.requested(3, byteCount: 1, replyCount: 1, now: Self.start), false)
        expect(Self.isComplete(queue.replied(.null), 2, [.null]), true)
        expect(queue.requested(3, byteCount: 1, replyCount: 1, now: Self.start), true)
        expect(queue.closed(), [3])
        #expect(queue.bytesInFlight == 0)
    }

    @Test func `the deadline is that of the oldest`() {
        var queue = RequestQueue<Int>(maxBytes: 100, timeout: .seconds(1))
        #expect(queue.deadline == nil)
        _ = queue.requested(1, byteCount: 1, replyCount: 1, now: Self.start)
        _ = queue.requested(2, byteCount: 1, replyCount: 1, now: Self.start + .milliseconds(300))
        #expect(queue.deadline == Self.start + .seconds(1))
        _ = queue.replied(.null)
        #expect(queue.deadline == Self.start + .milliseconds(1300))
        _ = queue.replied(.null)
        #expect(queue.deadline == nil)
    }
}

struct BackoffTests {
    @Test func `the delay doubles up to its limit, and begins anew`() {
        var backoff = Backoff(first: .milliseconds(50), limit: .seconds(2))
        let delays = (0..<8).map { _ in backoff.failed(jitter: 0).nanoseconds / 1_000_000 }
        #expect(delays == [50, 100, 200, 400, 800, 1600, 2000, 2000])
        expect(backoff.failed(jitter: 1), .seconds(1))
        backoff.succeeded()
        expect(backoff.failed(jitter: 0.5).nanoseconds, 37_500_000)
    }

    @Test func `many attempts do not overflow`() {
        var backoff = Backoff(first: .milliseconds(50), limit: .seconds(2))
        for _ in 0..<1000 { _ = backoff.failed(jitter: 1) }
        expect(backoff.failed(jitter: 0), .seconds(2))
    }
}

struct HandshakeTests {
    @Test(arguments: [
        ("redis://h", nil, ["PING"]),
        ("redis://:p@h", "chat", ["AUTH p", "CLIENT SETNAME chat", "PING"]),
        ("redis://u:p@h/3", nil, ["AUTH u p", "SELECT 3", "PING"]),
    ])
    func `the first commands`(address: String, name: String?, expected: [String]) throws {
        let handshake = Handshake(server: try RedisServer(parsing: address), clientName: name)
        let commands = expected.map { RedisCommand($0.split(separator: " ").map(String.init)).bytes }
        #expect(handshake.commands.map(\.bytes) == commands)
    }
}
