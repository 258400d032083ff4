import ChatProtocol
import Synchronization

@testable import ChatServer

/// Hands out the batches that it was given, or that it makes, and keeps what became of them.
final class FakeBatches: BatchSource {
    private let make: @Sendable (Int) -> [NewMessage]?
    private let state = Mutex<(taken: Int, outcomes: [[AppendOutcome]])>((0, []))

    /// - Parameter make: the batch of this number, from 0; nil: there is none for now.
    init(_ make: @escaping @Sendable (Int) -> [NewMessage]?) { self.make = make }

    convenience init(_ batches: [[NewMessage]]) { self.init { $0 < batches.count ? batches[$0] : nil } }

    var taken: Int { state.withLock { $0.taken } }
    var outcomes: [[AppendOutcome]] { state.withLock { $0.outcomes } }

    func next() -> (messages: [NewMessage], now: Timestamp)? {
        state.withLock { state in
            guard let batch = make(state.taken) else { return nil }
            state.taken += 1
            return (batch, Timestamp(microseconds: 1_750_000_000_000_000))
        }
    }

    func committed(_ outcomes: [AppendOutcome]) { state.withLock { $0.outcomes.append(outcomes) } }
}
