import ChatMetrics

/// A figure of a run that comparisons and reports show: its name, unit, the good direction, and how it is read.
///
/// Names are those of the thresholds where there is one. What a ``Summary`` does not hold comes beside it, by name.
struct MetricDefinition: Sendable {
    /// The word in `compare.json`.
    enum Unit: String, Codable, Sendable {
        case nanoseconds = "ns"
        case perSecond = "per_second"
        case seconds, bytes
        /// 0 to 1 for a share, 1 and above for a quotient.
        case ratio, count
    }

    struct Words: Sendable {
        let better: String
        let worse: String

        static let speed = Words(better: "faster", worse: "slower")
        static let cost = Words(better: "cheaper", worse: "costlier")
        static let quality = Words(better: "better", worse: "worse")
    }

    let name: String
    /// For tables: short, in words.
    let label: String
    let unit: Unit
    let better: MetricVerdict.Better
    /// A share of 1, which reads best as a percentage.
    var isShare = false
    /// What better and worse are called.
    var words = Words.speed
    /// Nil: it is never in a summary.
    var read: (@Sendable (Summary) -> Double?)?

    /// Memory, once taken, stays with a process over all blocks: two starts of the same setup differ in it for good.
    var belongsToStart: Bool { unit == .bytes }

    /// The run's value, in the unit; nil if the run has none.
    func value(_ summary: Summary, extras: [String: Double]) -> Double? {
        (extras[name] ?? read?(summary)).flatMap { $0.isFinite ? $0 : nil }
    }

    func format(_ value: Double) -> String {
        switch unit {
        case .nanoseconds: Format.seconds(value / 1e9)
        case .perSecond: Format.rate(value)
        case .seconds: Format.seconds(value)
        case .bytes: value.magnitude < 9e18 ? Format.bytes(Int(value)) : Format.none
        case .ratio: isShare ? Format.percent(value) : Format.number(value)
        case .count: Format.number(value)
        }
    }

    /// The verdict in this metric's words.
    func word(_ verdict: MetricVerdict) -> String {
        switch verdict {
        case .faster: words.better
        case .slower: words.worse
        case .higher, .lower, .none, .untested: verdict.rawValue
        }
    }
}

extension MetricDefinition {
    /// One that no table lists, as a figure of `make perf`: all that is known of it stands beside its values.
    ///
    /// - Parameter label: nil: the name.
    static func unlisted(
        _ name: String, label: String? = nil, unit: Unit, better: MetricVerdict.Better
    ) -> MetricDefinition {
        MetricDefinition(name: name, label: label ?? name, unit: unit, better: better, words: .quality)
    }

    /// Each metric that the run has, by name.
    static func values(_ summary: Summary, extras: [String: Double] = [:]) -> [String: Double] {
        var extras = extras
        for part in summary.parts {
            extras["parts.\(part.name).cpu_seconds"] = part.cpuSeconds
            extras["parts.\(part.name).rss_bytes"] = Double(part.rssBytes)
        }
        let names = table.map(\.name) + extras.keys
        var values: [String: Double] = [:]
        for name in names {
            values[name] = named(name)?.value(summary, extras: extras)
        }
        return values
    }

    /// Those that any of the runs has, in the table's order; the parts' and unknown ones after it, by name.
    static func present(in runs: [[String: Double]]) -> [MetricDefinition] {
        let names = Set(runs.flatMap(\.keys))
        let known = table.filter { names.contains($0.name) }
        let others = names.subtracting(table.map(\.name)).sorted().compactMap(named)
        return known + others
    }
}
