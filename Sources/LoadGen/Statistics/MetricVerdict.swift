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
    /// The blocks can't say: the figure belongs to a process's start, and each side had one.
    case untested = "not tested"

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
}
