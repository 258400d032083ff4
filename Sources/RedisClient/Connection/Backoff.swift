import NIOCore

/// How long to wait before the next attempt to connect: twice as long each time, up to a limit, less a random part, so
/// that many instances do not come back in step. Pure.
struct Backoff {
    let first: TimeAmount
    let limit: TimeAmount
    private var attempts = 0

    init(first: TimeAmount, limit: TimeAmount) {
        self.first = first
        self.limit = limit
    }

    /// - Parameter jitter: from 0 to 1; 1 takes half of the delay away.
    mutating func failed(jitter: Double) -> TimeAmount {
        let longest = min(first.nanoseconds << min(attempts, 20), limit.nanoseconds)
        attempts += 1
        return .nanoseconds(longest - Int64(Double(longest) * jitter / 2))
    }

    /// The connection has lasted.
    mutating func succeeded() {
        attempts = 0
    }
}
