import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

@Suite struct RateLimiterTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test(arguments: [
        RateLimiter.Kind.register, .login, .send, .join, .accessCode, .accessCodeOfRoom, .accessCodeFrom,
    ])
    func aBurstAndThenASteadyRate(kind: RateLimiter.Kind) throws {
        let limiter = RateLimiter(isOn: true)
        let (burst, perSecond) = (kind.limit.burst, kind.limit.perSecond)
        for _ in 0..<Int(burst) { #expect(limiter.take(kind, key: "ada", now: start) == nil) }
        let wait = try #require(limiter.take(kind, key: "ada", now: start))
        #expect(abs(Double(wait.nanoseconds) - 1e9 / perSecond) < 1000)
        #expect(limiter.take(kind, key: "ada", now: start + wait - .milliseconds(1)) != nil)
        #expect(limiter.take(kind, key: "ada", now: start + wait + .microseconds(10)) == nil)
        #expect(limiter.take(kind, key: "ada", now: start + wait + .microseconds(10)) != nil)
        // After a long rest the whole burst is there, and no more.
        let later = start + .hours(10)
        for _ in 0..<Int(burst) { #expect(limiter.take(kind, key: "ada", now: later) == nil) }
        #expect(limiter.take(kind, key: "ada", now: later) != nil)
    }

    @Test func keysAndKindsAreApart() {
        let limiter = RateLimiter(isOn: true)
        while limiter.take(.accessCode, key: "ada/1", now: start) == nil {}
        #expect(limiter.take(.accessCode, key: "ada/2", now: start) == nil)
        #expect(limiter.take(.join, key: "ada/1", now: start) == nil)
    }

    @Test func offIsOff() throws {
        let limiter = RateLimiter(isOn: false)
        for _ in 0..<10_000 { #expect(limiter.take(.accessCode, key: "ada", now: start) == nil) }
        try limiter.check(.register, key: "ada")
    }

    @Test func checkThrowsAProblemWithARetryTime() throws {
        let limiter = RateLimiter(isOn: true)
        while limiter.take(.accessCode, key: "ada") == nil {}
        do {
            try limiter.check(.accessCode, key: "ada")
            Issue.record("an empty bucket must throw")
        } catch let problem as Problem {
            #expect(problem.code == .rateLimited)
            #expect((1...30).contains(problem.retryAfterSeconds ?? 0))
        }
    }

    @Test func whatIsGivenBackCanBeTakenAgainAndNoMore() {
        let limiter = RateLimiter(isOn: true)
        for _ in 0..<100 {
            #expect(limiter.take(.accessCode, key: "ada", now: start) == nil)
            limiter.giveBack(.accessCode, key: "ada", now: start)
        }
        limiter.giveBack(.accessCode, key: "ada", now: start)
        for _ in 0..<5 { #expect(limiter.take(.accessCode, key: "ada", now: start) == nil) }
        #expect(limiter.take(.accessCode, key: "ada", now: start) != nil)
        limiter.giveBack(.accessCode, key: "unknown", now: start)
        RateLimiter(isOn: false).giveBack(.accessCode, key: "ada", now: start)
    }

    @Test func fullBucketsAreForgottenAndEmptyOnesNot() {
        let limiter = RateLimiter(isOn: true, capacity: 10)
        while limiter.take(.accessCode, key: "guesser", now: start) == nil {}
        for index in 0..<1000 { _ = limiter.take(.send, key: "\(index)", now: start + .seconds(1)) }
        #expect(limiter.take(.accessCode, key: "guesser", now: start + .seconds(1)) != nil)
    }
}
