import ChatMetrics
import Testing

@testable import ChatServer

@Suite struct RoomSubscriptionsTests {
    private let broker = FakeBroker()
    private let metrics = ServerMetrics(registry: MetricsRegistry(), instance: "test")

    private func subscriptions(grace: Duration = .zero) -> RoomSubscriptions {
        RoomSubscriptions(broker: broker, metrics: metrics, grace: grace)
    }

    @Test func theFirstMemberSubscribesAndTheLastUnsubscribes() async throws {
        let subscriptions = subscriptions()
        try await subscriptions.acquire(7)
        try await subscriptions.acquire(7)
        #expect(broker.calls == [.subscribe(7)])
        await subscriptions.release(7)
        await subscriptions.release(7)
        #expect(await broker.calls(2) == [.subscribe(7), .unsubscribe(7)])
        try await subscriptions.acquire(7)
        #expect(broker.calls == [.subscribe(7), .unsubscribe(7), .subscribe(7)])
    }

    @Test func withinTheGraceTheSubscriptionStays() async throws {
        let subscriptions = subscriptions(grace: .seconds(3600))
        try await subscriptions.acquire(7)
        await subscriptions.release(7)
        try await subscriptions.acquire(7)
        try await subscriptions.acquire(8)
        #expect(broker.calls == [.subscribe(7), .subscribe(8)])
    }

    @Test func manyAtOnceSubscribeOnce() async throws {
        let subscriptions = subscriptions(grace: .seconds(3600))
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { try await subscriptions.acquire(7) } }
            try await group.waitForAll()
        }
        #expect(broker.calls == [.subscribe(7)])
    }

    @Test func aFailureIsToldAndTheNextOneTriesAfresh() async throws {
        let subscriptions = subscriptions(grace: .seconds(3600))
        broker.isFailing = true
        await #expect(throws: FakeBroker.Failure.self) { try await subscriptions.acquire(7) }
        broker.isFailing = false
        try await subscriptions.acquire(7)
        try await subscriptions.acquire(7)
        #expect(broker.calls == [.subscribe(7), .subscribe(7)])
    }

    @Test func afterItsEndTheBrokerIsLeftAlone() async throws {
        let subscriptions = subscriptions(grace: .milliseconds(200))
        try await subscriptions.acquire(7)
        await subscriptions.release(7)
        await subscriptions.close()
        try await Task.sleep(for: .milliseconds(400))
        #expect(broker.calls == [.subscribe(7)])
    }

    /// Whatever came in between, who holds a room at the end is subscribed, and the broker's calls take turns.
    @Test func joinsAndLeavesTakeTurns() async throws {
        let subscriptions = subscriptions()
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50 {
                        try await subscriptions.acquire(7)
                        await subscriptions.release(7)
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        try await subscriptions.acquire(7)
        let calls = broker.calls
        #expect(calls.last == .subscribe(7))
        for (call, next) in zip(calls, calls.dropFirst()) { #expect(call != next) }
    }
}
