extension ComparisonDocument.Comparison {
    /// Whether the blocks have shown a difference, and of which kind.
    enum Finding: Sendable, Equatable {
        case better, worse, different, none

        /// The class that gives a mark its colour; marks differ in shape as well.
        var style: String {
            switch self {
            case .better: "isgood"
            case .worse: "isbad"
            case .different: "isneutral"
            case .none: "isnone"
            }
        }
    }

    var finding: Finding {
        switch (verdict, better) {
        case ("faster", _): .better
        case ("slower", _): .worse
        case ("higher", "higher"), ("lower", "lower"): .better
        case ("higher", "lower"), ("lower", "higher"): .worse
        case ("higher", _), ("lower", _): .different
        default: .none
        }
    }

    /// Nil for a unit that nobody knows.
    private var definition: MetricDefinition? {
        if let known = MetricDefinition.named(metric) { return known }
        guard let unit = MetricDefinition.Unit(rawValue: unit), let better = MetricVerdict.Better(rawValue: better)
        else { return nil }
        return .unlisted(metric, unit: unit, better: better)
    }

    var wasTested: Bool { verdict != MetricVerdict.untested.rawValue }

    var figureUnit: FigureUnit {
        switch unit {
        case "ns": .nanoseconds
        case "per_second": .perSecond("")
        case "seconds": .seconds
        case "bytes": .bytes
        // Another ratio than a share, as messages per publish, is a number.
        case "ratio" where MetricDefinition.named(metric)?.isShare ?? metric.hasSuffix("share"): .share
        default: .count("")
        }
    }

    /// `deliver` of `deliver.p99`: metrics of one family stand together.
    var family: String { String(metric.prefix { $0 != "." }) }

    /// `−12.3% (−15.0% … −9.1%)`
    var interval: String {
        guard let difference else { return Format.none }
        guard low != nil || high != nil else { return FigureUnit.difference(difference) }
        // An end that has no bound is null.
        let ends = [low.map(FigureUnit.difference) ?? "\u{2212}∞", high.map(FigureUnit.difference) ?? "+∞"]
        return "\(FigureUnit.difference(difference)) (\(ends.joined(separator: " … ")))"
    }

    /// The verdict in the metric's own words: what is faster for a latency is cheaper for a cost.
    var word: String {
        guard let verdict = MetricVerdict(rawValue: verdict) else { return verdict }
        return definition?.word(verdict) ?? verdict.rawValue
    }

    /// The verdict in full: what could have been shown belongs to "no difference detected".
    var outcome: String {
        guard finding == .none, let detectable, detectable.isFinite else { return word }
        return "\(word) (detectable: ±\(Format.percent(detectable)))"
    }

    /// The same for a table that explains the sign: `~ (±5.8%)`.
    var shortOutcome: String {
        guard finding == .none, wasTested else { return word }
        guard let detectable, detectable.isFinite else { return "~" }
        return "~ (±\(Format.percent(detectable)))"
    }

    static func probability(_ p: Double?) -> String {
        guard let p, p.isFinite else { return Format.none }
        if p < 0.001 { return "<0.001" }
        return p < 0.1 ? FigureUnit.plain((p * 1_000).rounded() / 1_000) : FigureUnit.plain((p * 100).rounded() / 100)
    }
}

extension ComparisonDocument {
    struct Pair: Sendable, Hashable {
        var a: String
        var b: String
    }

    /// The pairs in their order in the file, those with the baseline first.
    var pairs: [Pair] {
        var seen: Set<Pair> = []
        let all = comparisons.map { Pair(a: $0.a, b: $0.b) }.filter { seen.insert($0).inserted }
        return all.filter { $0.a == baseline } + all.filter { $0.a != baseline }
    }

    /// A pair's comparisons, families together, both in the order of the file.
    func comparisons(of pair: Pair) -> [Comparison] {
        let own = comparisons.filter { $0.a == pair.a && $0.b == pair.b }
        var families: [String] = []
        for family in own.map(\.family) where !families.contains(family) { families.append(family) }
        return families.flatMap { family in own.filter { $0.family == family } }
    }

    /// Every setup's block values of a metric, in the order of the setups.
    func values(of metric: String) -> [(setup: String, values: [Double])] {
        var found: [String: [Double]] = [:]
        for comparison in comparisons where comparison.metric == metric {
            found[comparison.a] = comparison.valuesA
            found[comparison.b] = comparison.valuesB
        }
        return setups.compactMap { setup in found[setup].map { (setup, $0) } }
    }

    /// Of runs that were finished before, and lie in other folders than this comparison's.
    var isOfFinished: Bool {
        setups == ["before", "after"] && !runs.isEmpty && runs.allSatisfy { !$0.folder.hasPrefix("blocks/") }
    }

    /// One comparison for each metric.
    var metrics: [Comparison] {
        var seen: Set<String> = []
        return comparisons.filter { seen.insert($0.metric).inserted }
    }
}
