/// What a histogram counts, and so how its values become the numbers of a scrape.
package enum HistogramScale: Sendable, Equatable {
    /// Durations: observed in nanoseconds, bounds and sum in seconds.
    case seconds
    /// Whole numbers (rows, bytes): observed, bounded and summed as they are.
    case count
}

/// The bounds that the server's histograms use.
package enum ChatBuckets {
    /// For durations, in seconds: 0.0001 … 10.
    package static let seconds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// For the rows of a batch: 1, 2, 4 … 512.
    package static let rows: [Double] = (0..<10).map { Double(1 << $0) }
}

/// One histogram of a family, with fixed bounds. A value that equals a bound is in that bound's bucket.
///
/// Recording is two relaxed atomic additions on the calling thread's own stripe. The count is the sum of the buckets,
/// so the `+Inf` bucket and `_count` of a scrape always agree.
package final class HistogramCell: Sendable {
    let scale: HistogramScale

    /// The bounds in the unit of what is observed, and `Int64.max` as a sentinel: `+Inf`'s bucket.
    private let limits: [Int64]
    /// By bit width of a value (0…63): the first bucket that can hold a value of that width. With bounds that grow
    /// geometrically, one or two comparisons are left.
    private let firstBucket: [Int]
    /// A word for each bucket, then the sum of the values.
    private let words: StripedWords

    /// `bounds` in the scale's unit: ascending, finite, `+Inf` left out (`MetricsRegistry` has checked that).
    init(scale: HistogramScale, bounds: [Double]) {
        self.scale = scale
        let limits =
            bounds.map { bound in
                let limit = scale == .seconds ? (bound * 1e9).rounded() : bound.rounded(.down)
                return Int64(exactly: limit) ?? (limit < 0 ? Int64.min : Int64.max)
            } + [Int64.max]
        self.limits = limits
        self.firstBucket = (0...63).map { width in
            let smallest: Int64 = width == 0 ? 0 : 1 << Int64(width - 1)
            return limits.firstIndex { smallest <= $0 } ?? limits.count - 1
        }
        self.words = StripedWords(words: limits.count + 1)
    }

    /// Records a duration; for `HistogramScale.seconds`. A negative one (a clock was set) counts as zero.
    package func observe(nanoseconds: Int64) {
        assert(self.scale == .seconds, "observe(nanoseconds:) on a histogram of counts")
        self.observe(nanoseconds)
    }

    /// Records a whole number; for `HistogramScale.count`. A negative one counts as zero.
    package func observe(count: Int64) {
        assert(self.scale == .count, "observe(count:) on a histogram of seconds")
        self.observe(count)
    }

    /// Records a duration that was met `times` times; for `HistogramScale.seconds`.
    package func observe(nanoseconds: Int64, times: Int64) {
        assert(self.scale == .seconds, "observe(nanoseconds:times:) on a histogram of counts")
        self.observe(nanoseconds, times: times)
    }

    @inline(__always)
    private func observe(_ observed: Int64, times: Int64 = 1) {
        let value = max(observed, 0)
        var bucket = self.firstBucket[64 &- value.leadingZeroBitCount]
        while value > self.limits[bucket] { bucket &+= 1 }
        let stripe = self.words.stripe
        self.words.add(times, to: bucket, stripe: stripe)
        self.words.add(value &* times, to: self.limits.count, stripe: stripe)
    }

    /// How many values were observed.
    package var count: Int64 {
        var total: Int64 = 0
        for bucket in self.limits.indices { total &+= self.words.sum(of: bucket) }
        return total
    }

    /// The sum of what was observed: seconds for `.seconds`, else the numbers' own unit.
    package var sum: Double {
        let total = Double(self.words.sum(of: self.limits.count))
        return self.scale == .seconds ? total / 1e9 : total
    }

    /// Counts of values at or below each bound, in the order of the bounds, and last of all values (`+Inf`).
    package var cumulativeCounts: [Int64] {
        var total: Int64 = 0
        return self.limits.indices.map { bucket in
            total &+= self.words.sum(of: bucket)
            return total
        }
    }
}

/// A histogram of fractions, for swift-metrics' `Recorder`; one sum for all threads, so not for hot paths.
final class FloatHistogramCell: Sendable {
    private let bounds: [Double]
    private let buckets: StripedWords
    private let total = AtomicDouble(0)

    init(bounds: [Double]) {
        self.bounds = bounds
        self.buckets = StripedWords(words: bounds.count + 1)
    }

    /// NaN and the infinities are ignored: one of them would spoil the sum for good.
    func observe(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.buckets.add(1, to: bucket, stripe: self.buckets.stripe)
        self.total.add(value)
    }

    var sum: Double { self.total.value }

    var cumulativeCounts: [Int64] {
        var total: Int64 = 0
        return (0...self.bounds.count).map { bucket in
            total &+= self.buckets.sum(of: bucket)
            return total
        }
    }
}
