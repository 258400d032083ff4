import NIOCore
import Testing

@testable import RedisClient

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
