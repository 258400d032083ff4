import Foundation

extension TerminalComparison {
    mutating func table(_ setup: String) {
        let pairs = comparison.comparisons.filter { $0.b == setup }
        lines.append("")
        prose("\(Format.printable(setup)) against \(Format.printable(comparison.baseline))", style: .bold)
        prose(Self.sentence(pairs))
        guard !pairs.isEmpty else { return }
        let sides = [comparison.baseline, setup].map { side in
            Format.rightAligned(Format.truncated(Format.printable(side), to: Self.sideWidth - 2), to: Self.sideWidth)
        }
        var heading = Format.padded("", to: Self.labelWidth) + sides.joined() + "  "
        heading += layout == .wide ? Format.padded("difference", to: 41) + "p       n" : "difference"
        lines += ["", "  " + palette.paint(heading, .dim)]
        for pair in pairs { lines.append("  " + row(pair)) }
    }

    /// What the table comes to: the metrics by verdict, the better ones first.
    static func sentence(_ pairs: [Comparison.Pair]) -> String {
        guard !pairs.isEmpty else {
            return "Nothing to compare: the setups have no measured block with the same metric."
        }
        var groups: [(word: String, labels: [String])] = []
        for verdict in MetricVerdict.allCases where verdict != .none && verdict != .untested {
            for pair in pairs where pair.verdict == verdict {
                let word = pair.definition.word(verdict)
                let label = MetricDefinition.named(pair.metric)?.label ?? Format.printable(pair.metric)
                if let place = groups.firstIndex(where: { $0.word == word }) {
                    groups[place].labels.append(label)
                } else {
                    groups.append((word, [label]))
                }
            }
        }
        let none = pairs.count { $0.verdict == .none }
        let tested = pairs.count { $0.verdict != .untested }
        guard !groups.isEmpty else { return "No difference detected in any of \(tested) metrics." }
        let claims = groups.map { "\($0.word): \($0.labels.joined(separator: ", "))" }.joined(separator: "; ")
        let rest = none == 0 ? "" : "; no difference detected in \(none) of \(tested) metrics"
        return claims.prefix(1).uppercased() + claims.dropFirst() + rest + "."
    }

    private func row(_ pair: Comparison.Pair) -> String {
        let metric = pair.definition
        let format = { (value: Double) in metric.format(value) }
        let label = Format.printable(metric.label)
        var text = Format.padded(Format.truncated(label, to: Self.labelWidth - 1), to: Self.labelWidth)
        for values in [pair.aValues, pair.bValues] {
            // The blank stays where a side is wider than its column.
            text += " " + Format.rightAligned(side(values, format), to: Self.sideWidth - 1)
        }
        text += "  "
        let difference = difference(pair, metric, format)
        let style: Palette.Style? =
            switch pair.verdict {
            case .faster: .green
            case .slower: .red
            case .higher, .lower: .bold
            case .none, .untested: nil
            }
        guard layout == .wide else { return text + (style.map { palette.paint(difference, $0) } ?? difference) }
        // Blanks outside the colour.
        let blanks = String(repeating: " ", count: max(1, 41 - difference.count))
        let p = Format.padded(pair.pAdjusted.map(Self.probability) ?? Format.none, to: 6)
        let n = pair.nA == pair.nB ? "\(pair.nA)" : "\(pair.nA)+\(pair.nB)"
        return text + (style.map { palette.paint(difference, $0) } ?? difference) + blanks + p + "  " + n
    }

    /// `1.23 ms ± 3%`: the median, and how far its own interval reaches.
    private func side(_ values: [Double], _ format: (Double) -> String) -> String {
        guard let median = Descriptive.median(values) else { return Format.none }
        guard median != 0,
            let interval = BootstrapInterval.median(values, confidence: comparison.confidence, seed: comparison.seed)
        else { return format(median) + "      " }
        let reach = max(interval.upperBound - median, median - interval.lowerBound) / median.magnitude
        let percent = reach < 9.995 ? "\(Int((reach * 100).rounded()))%" : ">999%"
        return "\(format(median)) ±" + Format.rightAligned(percent, to: 4)
    }

    private func difference(_ pair: Comparison.Pair, _ metric: MetricDefinition, _ format: (Double) -> String)
        -> String
    {
        let interval = layout == .narrow ? "" : Self.interval(pair)
        if pair.verdict == .untested {
            return [pair.difference.map(Self.signed) ?? "", "not tested"].joined(separator: " ")
        }
        guard pair.verdict != .none else {
            let least = pair.detectable.map { "(\(Format.percent($0)) would show)" } ?? ""
            return ["~", interval, least].filter { !$0.isEmpty }.joined(separator: " ")
        }
        let word = metric.word(pair.verdict)
        guard let share = pair.difference else {
            // From nothing to something there is no ratio.
            let absolute = (pair.bMedian ?? 0) - (pair.aMedian ?? 0)
            return "\(absolute < 0 ? "-" : "+")\(format(absolute.magnitude)) from \(format(pair.aMedian ?? 0)) \(word)"
        }
        return [Self.signed(share), interval, word].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func interval(_ pair: Comparison.Pair) -> String {
        guard pair.ciLow != nil || pair.ciHigh != nil else { return "" }
        return "[\(pair.ciLow.map(signed) ?? "-∞"), \(pair.ciHigh.map(signed) ?? "+∞")]"
    }

    /// `+12.3%`, `-4.0%`; a change below 0.05 % is `0%`.
    static func signed(_ share: Double) -> String {
        guard share.isFinite else { return Format.none }
        guard share.magnitude >= 0.0005 else { return "0%" }
        // From ten times on, nobody reads percent.
        if share >= 9.995 { return "×\(Format.number(share + 1))" }
        return String(format: "%+.1f%%", share * 100)
    }

    /// Three decimals; what is less says so.
    static func probability(_ p: Double) -> String {
        p < 0.0005 ? "<0.001" : String(format: "%.3f", p)
    }
}
