import NIOCore

/// So many at once, and then so many a second. Whoever has one gives it the time and its limit at each use.
struct TokenBucket {
    /// The bucket's size, and what flows back a second.
    struct Limit: Equatable, Sendable, CustomStringConvertible {
        var burst: Double
        var perSecond: Double

        /// `60/20`
        var description: String { "\(Self.text(burst))/\(Self.text(perSecond))" }

        private static func text(_ value: Double) -> String {
            value == value.rounded() ? String(Int(value)) : String((value * 1000).rounded() / 1000)
        }
    }

    private var level: Double
    private var updated: NIODeadline

    /// A full one.
    init(_ limit: Limit, now: NIODeadline) {
        level = limit.burst
        updated = now
    }

    /// Takes one.
    /// - Returns: nil if there was one, else how long until there will be.
    mutating func take(_ limit: Limit, now: NIODeadline) -> TimeAmount? {
        level = filled(limit, now: now)
        // Who shares it may have read the clock earlier.
        updated = max(updated, now)
        guard level < 1 else {
            level -= 1
            return nil
        }
        return .nanoseconds(Int64((1 - level) / limit.perSecond * 1e9))
    }

    /// A full one says nothing that a new one would not.
    func isFull(_ limit: Limit, now: NIODeadline) -> Bool { filled(limit, now: now) >= limit.burst }

    private func filled(_ limit: Limit, now: NIODeadline) -> Double {
        let elapsed = max(0, Double((now - updated).nanoseconds)) / 1e9
        return min(limit.burst, level + elapsed * limit.perSecond)
    }
}
