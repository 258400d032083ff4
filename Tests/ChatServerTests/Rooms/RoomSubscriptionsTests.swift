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
        // The fresh attempt fails as well, and then the broker is back.
        _ = await broker.calls(2)
        broker.isFailing = false
        try? await subscriptions.acquire(7)
        try await subscriptions.acquire(7)
        let calls = broker.calls
        #expect(calls.allSatisfy { $0 == .subscribe(7) })
        try await subscriptions.acquire(7)
        #expect(broker.calls == calls)
    }
}
