import Foundation

/// A rule that a run keeps or breaks, as `deliver.p99 < 250ms`.
///
/// A rule is `METRIC OP VALUE`. `OP` is one of `< <= > >= == !=`. Latencies need a unit (`ns`, `us`, `µs`, `ms`, `s`),
/// shares a `%`; counts are whole numbers; rates may end in `/s`; sizes may have a unit (`KB`, `MiB`, …).
struct Threshold: Sendable {
    enum Comparison: String, CaseIterable, Sendable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "=="
        case notEqual = "!="

        /// True for a rule that a value breaks by growing.
        var isUpperBound: Bool { self == .less || self == .lessOrEqual }

        func holds(_ left: Double, _ right: Double) -> Bool {
            switch self {
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            case .equal: left == right
            case .notEqual: left != right
            }
        }
    }

    /// The rule as it was written.
    let rule: String
    let metric: ThresholdMetric
    let comparison: Comparison
    /// In the metric's base unit: nanoseconds, bytes, seconds, 0 to 1 for a share.
    let limit: Double

    func evaluate(_ summary: Summary) -> Summary.ThresholdResult {
        guard let value = metric.read(summary), value.isFinite else {
            // A rule about something that never happened would else pass on a run in which nothing worked.
            let note = "\(metric.subject) has no samples: nothing was measured"
            return .init(rule: rule, value: 0, pass: false, note: note)
        }
        if value == 0, summary.unproved.contains(where: { metric.name == "integrity.\($0)" }) {
            return .init(rule: rule, value: value, pass: false, note: "\(metric.name) was not checked")
        }
        return .init(rule: rule, value: value, pass: comparison.holds(value, limit), note: nil)
    }

    /// Metric names as the rules know them; for help texts.
    static var metricNames: [String] { ThresholdMetric.all.map(\.name) }
}
