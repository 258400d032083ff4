import NIOCore

/// How many frames of any kind one connection may send: a token bucket, far above what a person or a well-made client
/// needs. Who empties it is closed with 1013.
struct FrameBudget {
    static let burst = 1000.0
    static let perSecond = 200.0

    private let isLimited: Bool
    private var level = FrameBudget.burst
    private var updated = NIODeadline.now()

    init(isLimited: Bool) {
        self.isLimited = isLimited
    }

    /// - Returns: false if the budget is used up.
    mutating func take(now: NIODeadline) -> Bool {
        guard isLimited else { return true }
        let elapsed = Double((now - updated).nanoseconds) / 1e9
        level = min(Self.burst, level + max(0, elapsed) * Self.perSecond) - 1
        updated = now
        return level >= 0
    }
}
