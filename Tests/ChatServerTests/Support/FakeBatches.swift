import ChatProtocol
import Synchronization

@testable import ChatServer

/// Hands out the batches that it was given, every third only to a store that waits for it, and keeps what became of them.
final class FakeBatches: BatchSource {
    private let batches: [[NewMessage]]
    private let state = Mutex<(taken: Int, outcomes: [[AppendOutcome]], owed: Int)>((0, [], 0))

    init(_ batches: [[NewMessage]]) { self.batches = batches }

    var taken: Int { state.withLock { $0.taken } }
    var outcomes: [[AppendOutcome]] { state.withLock { $0.outcomes } }
    /// Batches whose outcomes the store kept to itself while it waited for the next.
    var owedWhileWaiting: Int { state.withLock { $0.owed } }

    func next() -> NextBatch? { take { $0 % 3 != 2 } }

    func awaitNext() -> NextBatch? {
        state.withLock { $0.owed += $0.taken - $0.outcomes.count }
        return take { _ in true }
    }

    private func take(_ isThere: (Int) -> Bool) -> NextBatch? {
        state.withLock { state in
            guard state.taken < batches.count, isThere(state.taken) else { return nil }
            defer { state.taken += 1 }
            return (batches[state.taken], Timestamp(microseconds: 1_750_000_000_000_000))
        }
    }

    func committed(_ outcomes: [AppendOutcome]) { state.withLock { $0.outcomes.append(outcomes) } }
}
