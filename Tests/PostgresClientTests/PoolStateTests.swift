import Testing

@testable import PostgresClient

/// The pool's life without a server: connections are numbers, waiters are names.
@Suite struct PoolStateTests {
    private typealias State = PoolState<Int, String>

    private static let start = ContinuousClock.now
    private static let down = PostgresError.unavailable("down")

    private static func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private func make(size: Int = 2, maxWaiting: Int = 3) -> State {
        State(bounds: State.Bounds(size: size, maxWaiting: maxWaiting, maxWait: .milliseconds(1_000)))
    }

    /// `a:7` for a waiter that got connection 7, `a!` for one that failed.
    private func told(_ actions: State.Actions) -> [String] {
        actions.resume.map { waiter, result in
            switch result {
            case .success(let connection): "\(waiter):\(connection)"
            case .failure: "\(waiter)!"
            }
        }
    }

    @Test func opensAsManyAsAreNeededUpToItsSize() {
        var state = make()
        #expect(state.acquire("a", id: 1, now: Self.at(0)).open == 1)
        #expect(state.acquire("b", id: 2, now: Self.at(0)).open == 1)
        #expect(state.acquire("c", id: 3, now: Self.at(0)).open == 0)
        #expect(told(state.opened(7, now: Self.at(1))) == ["a:7"])
        #expect(told(state.released(7, isReusable: true, now: Self.at(2))) == ["b:7"])
        #expect(told(state.opened(8, now: Self.at(3))) == ["c:8"])
        #expect(state.released(8, isReusable: true, now: Self.at(4)).resume.isEmpty)
        #expect(state.statistics == .init(open: 2, idle: 1, waiting: 0))
        #expect(state.takeIdle() == 8)
        #expect(state.takeIdle() == nil)
    }

    @Test func theQueueIsBoundedAndInOrder() {
        var state = make(size: 1, maxWaiting: 2)
        _ = state.acquire("a", id: 1, now: Self.at(0))
        _ = state.acquire("b", id: 2, now: Self.at(0))
        let refused = state.acquire("c", id: 3, now: Self.at(0))
        #expect(refused.resume.first?.1 == .failure(.overloaded))
        #expect(told(state.opened(7, now: Self.at(1))) == ["a:7"])
        #expect(told(state.released(7, isReusable: true, now: Self.at(2))) == ["b:7"])
    }

    @Test func whoWaitsTooLongLeaves() {
        var state = make(size: 1)
        _ = state.acquire("a", id: 1, now: Self.at(0))
        _ = state.opened(7, now: Self.at(1))
        _ = state.acquire("b", id: 2, now: Self.at(10))
        _ = state.acquire("c", id: 3, now: Self.at(500))
        #expect(state.nextDeadline == Self.at(1_010))
        #expect(state.expired(now: Self.at(1_009)).resume.isEmpty)
        let expired = state.expired(now: Self.at(1_010))
        #expect(told(expired) == ["b!"])
        #expect(expired.resume.first?.1 == .failure(.overloaded))
        #expect(state.nextDeadline == Self.at(1_500))
        #expect(state.cancelled(id: 3) == "c")
        #expect(state.cancelled(id: 3) == nil)
        #expect(state.nextDeadline == nil)
    }

    @Test func aFailedAttemptFailsAllAndSilencesThePool() {
        var state = make()
        _ = state.acquire("a", id: 1, now: Self.at(0))
        _ = state.acquire("b", id: 2, now: Self.at(0))
        #expect(state.openFailed(Self.down, now: Self.at(1), jitter: 0).resume.isEmpty)
        let second = state.openFailed(Self.down, now: Self.at(2), jitter: 0)
        #expect(told(second) == ["a!", "b!"])
        // Two failures: 100 ms.
        let during = state.acquire("c", id: 3, now: Self.at(101))
        #expect(during.resume.first?.1 == .failure(Self.down))
        #expect(during.open == 0)
        // Then one tries for all.
        #expect(state.acquire("d", id: 4, now: Self.at(102)).open == 1)
        #expect(state.acquire("e", id: 5, now: Self.at(103)).open == 0)
        let recovered = state.opened(9, now: Self.at(104))
        #expect(told(recovered) == ["d:9"])
        #expect(recovered.open == 1)
    }

    @Test func whileAConnectionIsInUseItMayComeBackForThoseWhoWait() {
        var state = make()
        _ = state.acquire("a", id: 1, now: Self.at(0))
        _ = state.opened(7, now: Self.at(1))
        _ = state.acquire("b", id: 2, now: Self.at(2))
        #expect(state.openFailed(Self.down, now: Self.at(3), jitter: 0).resume.isEmpty)
        #expect(state.acquire("c", id: 3, now: Self.at(4)).resume.isEmpty)
        #expect(told(state.released(7, isReusable: true, now: Self.at(5))) == ["b:7"])
        #expect(told(state.released(7, isReusable: false, now: Self.at(6))) == ["c!"])
    }

    @Test func aBrokenConnectionIsReplacedForThoseWhoWait() {
        var state = make(size: 1)
        _ = state.acquire("a", id: 1, now: Self.at(0))
        _ = state.opened(7, now: Self.at(1))
        _ = state.acquire("b", id: 2, now: Self.at(2))
        #expect(state.released(7, isReusable: false, now: Self.at(3)).open == 1)
        #expect(told(state.opened(8, now: Self.at(4))) == ["b:8"])
    }

    @Test func closing() {
        var state = make(size: 3)
        for id in 1...3 { _ = state.acquire("a", id: UInt64(id), now: Self.at(0)) }
        _ = state.opened(7, now: Self.at(1))
        _ = state.opened(8, now: Self.at(1))
        _ = state.released(8, isReusable: true, now: Self.at(1))
        _ = state.released(8, isReusable: true, now: Self.at(1))
        let closing = state.close()
        #expect(closing.close == [8])
        #expect(!state.isDrained)
        #expect(state.opened(9, now: Self.at(2)).close == [9])
        #expect(state.released(7, isReusable: true, now: Self.at(3)).close == [7])
        #expect(state.isDrained)
        #expect(told(state.acquire("z", id: 9, now: Self.at(4))) == ["z!"])
    }

    @Test(arguments: [
        (1, 0.0, 50), (2, 0.0, 100), (3, 0.0, 200), (6, 0.0, 1_600), (7, 0.0, 2_000), (1_000_000, 0.0, 2_000),
        (1, 1.0, 25), (7, 1.0, 1_000), (0, 0.0, 50),
    ])
    func backoff(failures: Int, jitter: Double, milliseconds: Int) {
        #expect(Backoff().delay(failures: failures, jitter: jitter) == .milliseconds(milliseconds))
    }
}
