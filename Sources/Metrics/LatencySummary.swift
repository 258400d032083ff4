/// What a run says of one latency series: a count, and nanoseconds. All zero when nothing was recorded.
package struct LatencySummary: Codable, Sendable, Equatable {
    package var count: UInt64
    /// Exact.
    package var min: Int64
    /// Exact, rounded to the nanosecond.
    package var mean: Int64
    package var p50: Int64
    package var p90: Int64
    package var p99: Int64
    /// The 99.9th percentile.
    package var p999: Int64
    /// The 99.99th percentile.
    package var p9999: Int64
    /// Exact.
    package var max: Int64

    package init(
        count: UInt64 = 0,
        min: Int64 = 0,
        mean: Int64 = 0,
        p50: Int64 = 0,
        p90: Int64 = 0,
        p99: Int64 = 0,
        p999: Int64 = 0,
        p9999: Int64 = 0,
        max: Int64 = 0
    ) {
        self.count = count
        self.min = min
        self.mean = mean
        self.p50 = p50
        self.p90 = p90
        self.p99 = p99
        self.p999 = p999
        self.p9999 = p9999
        self.max = max
    }
}
