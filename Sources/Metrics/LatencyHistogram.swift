import Histogram

/// Latencies in nanoseconds, from 0 to one hour, in an HdrHistogram of three significant digits.
///
/// Resolution: 1 ns up to 2 µs; above, a value is kept to within 1/1024 of itself. Minimum, maximum and mean are exact.
/// It takes 264 KiB, whatever it holds; a copy shares them until one of the two records. Keep one for each event loop
/// and series, and merge at the end: merging adds counts, so it loses nothing.
package struct LatencyHistogram: Sendable {
    /// The highest value that is kept as it is: one hour.
    package static let highest: Int64 = 3_600_000_000_000

    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1,
        highestTrackableValue: UInt64(LatencyHistogram.highest),
        numberOfSignificantValueDigits: .three
    )
    private var lowest = Int64.max
    private var largest: Int64 = 0
    /// 128 bits: 64 would be full after five million hours.
    private var total: UInt128 = 0

    /// How many values were negative (clocks that disagree); they are recorded as 0.
    package private(set) var negative: UInt64 = 0
    /// How many values were above `highest`; they are recorded as `highest`.
    package private(set) var aboveRange: UInt64 = 0

    package init() {}

    /// Records a latency. None is ever dropped: see `negative` and `aboveRange`.
    package mutating func record(_ nanoseconds: Int64) {
        var value = nanoseconds
        if value < 0 {
            self.negative &+= 1
            value = 0
        } else if value > Self.highest {
            self.aboveRange &+= 1
            value = Self.highest
        }
        if value < self.lowest { self.lowest = value }
        if value > self.largest { self.largest = value }
        self.total &+= UInt128(truncatingIfNeeded: value)
        self.histogram.record(UInt64(bitPattern: value))
    }

    /// Adds all that `other` has recorded.
    package mutating func merge(_ other: LatencyHistogram) {
        self.histogram.add(other.histogram)
        self.lowest = Swift.min(self.lowest, other.lowest)
        self.largest = Swift.max(self.largest, other.largest)
        self.total &+= other.total
        self.negative &+= other.negative
        self.aboveRange &+= other.aboveRange
    }

    /// How many values were recorded.
    package var count: UInt64 { self.histogram.totalCount }

    /// The smallest value; 0 when empty.
    package var min: Int64 { self.count == 0 ? 0 : self.lowest }

    /// The largest value; 0 when empty.
    package var max: Int64 { self.largest }

    /// The mean in nanoseconds; 0 when empty.
    package var mean: Double { self.count == 0 ? 0 : Double(self.total) / Double(self.count) }

    /// The value in nanoseconds that `p` per cent (0 … 100) of the values are at or below, to the resolution above,
    /// rounded up; exact for 0 (the minimum) and 100 (the maximum). 0 when empty.
    package func percentile(_ p: Double) -> Int64 { self.percentiles([p])[0] }

    /// Several percentiles in one pass; `ascending` percentages, as in `percentile(_:)`.
    package func percentiles(_ ascending: [Double]) -> [Int64] {
        var result: [Int64] = []
        result.reserveCapacity(ascending.count)
        var seen: UInt64 = 0
        self.forEachBucket { highest, count in
            seen += count
            while result.count < ascending.count, seen >= self.rank(ascending[result.count]) {
                result.append(ascending[result.count] <= 0 ? self.min : Swift.min(highest, self.max))
            }
            return result.count < ascending.count
        }
        while result.count < ascending.count { result.append(self.max) }
        return result
    }

    /// The figures of a report.
    package var summary: LatencySummary {
        guard self.count > 0 else { return LatencySummary() }
        let values = self.percentiles([50, 90, 99, 99.9, 99.99])
        return LatencySummary(
            count: self.count,
            min: self.min,
            mean: Int64(self.mean.rounded()),
            p50: values[0],
            p90: values[1],
            p99: values[2],
            p999: values[3],
            p9999: values[4],
            max: self.max
        )
    }

    /// Which of the sorted values, counted from 1, stands at `p` per cent.
    private func rank(_ p: Double) -> UInt64 {
        // One ulp less, as in every HdrHistogram: 99.9 % of 1,000 is 999, not the 999.0000000000001 of the product.
        let exact = Swift.min(Swift.max(p.nextDown, 0), 100) * Double(self.count) / 100
        return Swift.min(Swift.max(UInt64(exact.rounded(.up)), 1), self.count)
    }

    /// Calls `body` with each bucket that holds something, in ascending order: the highest value that the bucket
    /// stands for, and its count. Ends early when `body` returns false.
    ///
    /// The library's own iterators also keep a total of values in 64 bits, and trap when it overflows.
    package func forEachBucket(_ body: (_ highest: Int64, _ count: UInt64) -> Bool) {
        guard self.count > 0 else { return }
        var value = self.histogram.lowestEquivalentForValue(UInt64(self.lowest))
        while value <= UInt64(self.largest) {
            let next = self.histogram.nextNonEquivalentForValue(value)
            let count = self.histogram.countForValue(value)
            if count > 0, !body(Int64(next - 1), count) { return }
            value = next
        }
    }
}
