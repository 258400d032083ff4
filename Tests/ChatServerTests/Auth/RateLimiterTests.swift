import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

@Suite struct RateLimiterTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private let limits = RateLimits()

    @Test(arguments: RateLimits.Kind.allCases)
    func aBurstAndThenASteadyRate(kind: RateLimits.Kind) throws {
        let limiter = RateLimiter(limits)
        let limit = try #require(limits[kind])
        let ada = RateLimiter.Subject.user(1)
        for _ in 0..<Int(limit.burst) { #expect(limiter.take(kind, ada, now: start) == nil) }
        let wait = try #require(limiter.take(kind, ada, now: start))
        #expect(abs(Double(wait.nanoseconds) - 1e9 / limit.perSecond) < 1000)
        #expect(limiter.take(kind, ada, now: start + wait - .milliseconds(1)) != nil)
        #expect(limiter.take(kind, ada, now: start + wait + .microseconds(10)) == nil)
        #expect(limiter.take(kind, ada, now: start + wait + .microseconds(10)) != nil)
        // After a long rest the whole burst is there, and no more.
        let later = start + .hours(10)
        for _ in 0..<Int(limit.burst) { #expect(limiter.take(kind, ada, now: later) == nil) }
        #expect(limiter.take(kind, ada, now: later) != nil)
    }

    @Test func subjectsAndKindsAreApart() {
        let limiter = RateLimiter(limits)
        while limiter.take(.accessCode, .member(1, 1), now: start) == nil {}
        #expect(limiter.take(.accessCode, .member(1, 2), now: start) == nil)
        #expect(limiter.take(.accessCode, .member(2, 1), now: start) == nil)
        #expect(limiter.take(.joinUser, .member(1, 1), now: start) == nil)
        while limiter.take(.sendUser, .user(1), now: start) == nil {}
        #expect(limiter.take(.sendUser, .room(1), now: start) == nil)
    }

    @Test func aNetworkSharesItsBucket() throws {
        let limiter = RateLimiter(limits)
        let address = { (text: String) in RateLimiter.Subject.address(try #require(ClientAddress(text))) }
        while limiter.take(.loginAddress, try address("2001:db8::1"), now: start) == nil {}
        #expect(limiter.take(.loginAddress, try address("2001:db8::ffff"), now: start) != nil)
        #expect(limiter.take(.loginAddress, try address("2001:db8:0:1::1"), now: start) == nil)
    }

    @Test func oneBucketForAllWhoHoldIt() throws {
        let limiter = RateLimiter(limits)
        let first = try #require(limiter.bucket(.sendUser, .user(1), now: start))
        let second = try #require(limiter.bucket(.sendUser, .user(1), now: start))
        while first.take(now: start) == nil {}
        #expect(second.take(now: start) != nil)
        // Whose clock is a moment behind gets nothing out of it.
        #expect(first.take(now: start + .milliseconds(50)) == nil)
        for _ in 0..<10 { #expect(second.take(now: start) != nil) }
        #expect(first.take(now: start + .milliseconds(50)) != nil)
    }

    @Test func offIsOff() throws {
        let limiter = RateLimiter(nil)
        #expect(limiter.bucket(.sendUser, .user(1)) == nil)
        for _ in 0..<10_000 { #expect(limiter.take(.accessCode, .user(1), now: start) == nil) }
        try limiter.check(.registerAddress, .address(.unknown))
        var limits = RateLimits()
        limits[.sendRoom] = nil
        #expect(RateLimiter(limits).bucket(.sendRoom, .room(1)) == nil)
    }

    @Test func checkThrowsAProblemWithARetryTime() throws {
        let limiter = RateLimiter(limits)
        while limiter.take(.accessCode, .user(1)) == nil {}
        do {
            try limiter.check(.accessCode, .user(1))
            Issue.record("an empty bucket must throw")
        } catch let problem as Problem {
            #expect(problem.code == .rateLimited)
            #expect((1...30).contains(problem.retryAfterSeconds ?? 0))
        }
    }

    @Test func fullBucketsAreForgottenAndEmptyOnesNot() {
        let limiter = RateLimiter(limits, capacity: 10)
        while limiter.take(.accessCode, .user(1), now: start) == nil {}
        for index in 2..<1000 {
            let now = start + .seconds(Int64(index))
            _ = limiter.take(.sendUser, .user(Int64(index)), now: now)
            if index < 25 { #expect(limiter.take(.accessCode, .user(1), now: now) != nil) }
        }
    }

    /// Whoever comes in thousands at once gets no more memory for it, and whoever is held is not forgotten.
    @Test func aFloodOfSubjectsIsBounded() throws {
        let limiter = RateLimiter(limits, capacity: 100)
        let held = try #require(limiter.bucket(.sendUser, .user(0), now: start))
        while held.take(now: start) == nil {}
        for index in 1..<100_000 { _ = limiter.take(.sendUser, .user(Int64(index)), now: start) }
        #expect(limiter.count <= 150)
        #expect(limiter.take(.sendUser, .user(0), now: start) != nil)
    }
}
