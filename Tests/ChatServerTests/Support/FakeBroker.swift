import ChatProtocol
import Synchronization

@testable import ChatServer

/// A broker that remembers what it was asked, and fails when told so.
final class FakeBroker: Broker {
    enum Call: Equatable, Sendable {
        case subscribe(RoomID)
        case unsubscribe(RoomID)
        case publish([Sequence64])
    }

    struct Failure: Error {}

    private struct State {
        var calls: [Call] = []
        var failing = false
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }

    var isFailing: Bool {
        get { state.withLock { $0.failing } }
        set { state.withLock { $0.failing = newValue } }
    }

    /// Waits until so many calls have come.
    func calls(_ count: Int) async -> [Call] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.calls.count < count { state.waiters.append((count, continuation)) }
                return state.calls.count >= count
            }
            if isThere { continuation.resume() }
        }
        return calls
    }

    private func note(_ call: Call) throws {
        let (ready, isFailing) = state.withLock { state in
            state.calls.append(call)
            let ready = state.waiters.filter { $0.count <= state.calls.count }
            state.waiters.removeAll { $0.count <= state.calls.count }
            return (ready.map(\.continuation), state.failing)
        }
        for continuation in ready { continuation.resume() }
        if isFailing { throw Failure() }
    }

    var description: String { "fake" }
    var isShared: Bool { false }
    var probeAge: Double { 0 }
    var trouble: String? { nil }
    func start(_: any BrokerSink) async throws {}
    func publish(_ batch: [BrokerMessage], done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        done(Result { try note(.publish(batch.map(\.seq))) })
    }
    func announce(_: BrokerNotice) async throws {}
    func subscribe(_ roomID: RoomID) async throws { try note(.subscribe(roomID)) }
    func unsubscribe(_ roomID: RoomID) async throws { try note(.unsubscribe(roomID)) }
    func close() async {}
}
