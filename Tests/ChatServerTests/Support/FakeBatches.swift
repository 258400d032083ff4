import ChatProtocol
import Synchronization

@testable import ChatServer

/// Hands out the batches that it was given, and keeps what became of them.
final class FakeBatches: BatchSource {
    private let batches: [[NewMessage]]
    private let state = Mutex<(taken: Int, outcomes: [[AppendOutcome]])>((0, []))

    init(_ batches: [[NewMessage]]) { self.batches = batches }

    var taken: Int { state.withLock { $0.taken } }
    var outcomes: [[AppendOutcome]] { state.withLock { $0.outcomes } }

    func next() -> (messages: [NewMessage], now: Timestamp)? {
        state.withLock { state in
            guard state.taken < batches.count else { return nil }
            defer { state.taken += 1 }
            return (batches[state.taken], Timestamp(microseconds: 1_750_000_000_000_000))
        }
    }

    func committed(_ outcomes: [AppendOutcome]) { state.withLock { $0.outcomes.append(outcomes) } }
}
