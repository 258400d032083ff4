/// How long to leave a server alone after failed attempts to connect.
struct Backoff: Sendable {
    var first: Duration = .milliseconds(50)
    var cap: Duration = .seconds(2)

    /// Doubles with each failure, up to ``cap``.
    /// - Parameters:
    ///   - failures: attempts that failed in a row, at least 1.
    ///   - jitter: from 0 to 1: takes away up to half, so that many clients do not come back at once.
    func delay(failures: Int, jitter: Double) -> Duration {
        let doublings = min(max(failures, 1) - 1, 20)
        return min(cap, first * (1 << doublings)) * (1 - jitter / 2)
    }
}
