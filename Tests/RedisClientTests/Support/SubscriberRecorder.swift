import NIOCore
import Synchronization

@testable import RedisClient

/// Keeps what a subscriber tells.
final class SubscriberRecorder: RedisSubscriberDelegate {
    struct State {
        var messages: [RedisMessage] = []
        var batches = 0
        var generations: [UInt64] = []
        var reasons: [RedisError] = []
    }

    private let state = Mutex(State())

    var current: State { state.withLock { $0 } }
    var messageCount: Int { state.withLock { $0.messages.count } }
    var texts: [String] { state.withLock { $0.messages.map { String(buffer: $0.payload) } } }

    func messages(_ batch: [RedisMessage]) {
        state.withLock {
            $0.messages += batch
            $0.batches += 1
        }
    }

    func connected(generation: UInt64) { state.withLock { $0.generations.append(generation) } }

    func disconnected(reason: RedisError) { state.withLock { $0.reasons.append(reason) } }
}
