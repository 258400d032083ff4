import ChatProtocol
import NIOCore

/// When one room's hole is read from the store: pure.
struct RepairSchedule {
    /// Two instances' messages may overtake each other on their way; a hole that is older than this is a loss.
    static let reorderWindow = TimeAmount.milliseconds(30)
    private static let longestPause = TimeAmount.seconds(2)

    private var isPlanned = false
    /// How many readings in a row brought nothing; nil before the first one of a hole.
    private var fruitless: Int?

    /// - Returns: how long to wait before the hole is read; nil if there is none, or that is planned already.
    mutating func plan(hole: ClosedRange<Sequence64>?) -> TimeAmount? {
        guard !isPlanned else { return nil }
        guard hole != nil else {
            fruitless = nil
            return nil
        }
        isPlanned = true
        guard let fruitless else { return Self.reorderWindow }
        return fruitless == 0 ? .zero : min(Self.longestPause, .milliseconds(50 << Int64(min(fruitless, 6))))
    }

    /// The planned reading is over.
    mutating func tried(isFruitful: Bool) {
        isPlanned = false
        fruitless = isFruitful ? 0 : (fruitless ?? 0) + 1
    }

    /// When it was due, there was nothing left to read.
    mutating func closed() {
        isPlanned = false
        fruitless = nil
    }
}
