/// What a comparison says of one metric.
enum MetricVerdict: String, Codable, Sendable, CaseIterable {
    /// Better than the baseline: sooner, more of what is wanted, or at less cost.
    case faster
    /// Worse.
    case slower
    /// More than the baseline, of a metric that is neither good nor bad.
    case higher
    case lower
    case none = "no difference detected"

    /// Which way of a metric is the good one.
    enum Better: String, Codable, Sendable {
        case lower, higher, neutral
    }

    /// - Parameter difference: b - a, for a difference that was shown; nil if none was.
    init(difference: Double?, better: Better) {
        guard let difference, difference != 0 else {
            self = .none
            return
        }
        switch better {
        case .neutral: self = difference > 0 ? .higher : .lower
        case .lower: self = difference < 0 ? .faster : .slower
        case .higher: self = difference > 0 ? .faster : .slower
        }
    }

    /// For each metric whether a difference is claimed: its adjusted p is at most `alpha`, and its interval shows the
    /// same direction. The second can only take a claim away, so the error rate stays the test's; it spares the reader
    /// an interval that contradicts the verdict.
    static func claims(_ a: [[Double?]], _ b: [[Double?]], alpha: Double, seed: UInt64) -> [Bool] {
        let tests = StepDown(a, b, alpha: alpha, seed: seed).tests
        return tests.indices.map { place in
            guard let test = tests[place], test.adjusted <= alpha else { return false }
            return BootstrapInterval(a[place].compactMap(\.self), b[place].compactMap(\.self), seed: seed)?
                .excludesZero ?? false
        }
    }
}
