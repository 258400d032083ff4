import ChatMetrics
import Foundation

extension TerminalReport {
    private struct Column: Sendable {
        let title: String
        /// Columns of a higher rank go first where the terminal is narrow.
        let rank: Int
        let text: @Sendable (LatencySummary) -> String
    }

    private static let columns = [
        Column(title: "p50", rank: 0) { Format.duration($0.p50) },
        Column(title: "p90", rank: 4) { Format.duration($0.p90) },
        Column(title: "p99", rank: 1) { Format.duration($0.p99) },
        Column(title: "p99.9", rank: 3) { Format.duration($0.p999) },
        Column(title: "max", rank: 2) { Format.duration($0.max) },
        Column(title: "samples", rank: 5) { Format.count(Int(clamping: $0.count)) },
    ]
    private static let columnWidth = 10
    private static let labelColumn = 30

    private var columns: [Column] {
        let fitting = (width - Self.labelColumn) / Self.columnWidth
        return Self.columns.filter { $0.rank < fitting }
    }

    private struct Row: Sendable {
        let label: String
        let series: Summary.Series
        var always = false
    }

    /// The uncorrected row lies right below its corrected twin, so that the eye subtracts them.
    private static let rows = [
        Row(label: "connect", series: .connect, always: true),
        Row(label: "ack", series: .ack, always: true),
        Row(label: "  uncorrected", series: .ackUncorrected),
        Row(label: "deliver", series: .deliver, always: true),
        Row(label: "  uncorrected", series: .deliverUncorrected),
        Row(label: "  same instance", series: .deliverSameInstance),
        Row(label: "  across instances", series: .deliverCrossInstance),
        Row(label: "last receiver", series: .lastReceiver, always: true),
        Row(label: "reconnect", series: .reconnect),
    ]

    mutating func latencies() {
        let titles = columns.map { Format.rightAligned($0.title, to: Self.columnWidth) }.joined()
        lines.append("")
        let heading = Format.padded("LATENCY", to: Self.labelColumn - 2)
        lines.append("  " + palette.paint(heading, .bold) + palette.paint(titles, .dim))
        for row in Self.rows {
            let series = summary.latency[row.series]
            guard row.always || series.count > 0 else { continue }
            lines.append("    " + leader(row.label, column: Self.labelColumn + 1) + cells(series))
        }
        prose(correction, indent: 4)
    }

    private func cells(_ series: LatencySummary) -> String {
        guard series.count > 0 else { return "no samples" }
        // The leader has written one of the first column's blanks.
        return String(columns.map { Format.rightAligned($0.text(series), to: Self.columnWidth) }.joined().dropFirst())
    }

    /// What the two counts mean, and what their difference means in this run.
    private var correction: String {
        let meaning = "Latency counts from the instant a message was planned; \"uncorrected\" from when it was sent."
        let (planned, sent) = (summary.latency[.deliver], summary.latency[.deliverUncorrected])
        guard planned.count > 0, sent.count > 0 else { return meaning }
        let hidden = planned.p99 - sent.p99
        // Below a twentieth the two histograms differ by their own resolution and by chance.
        guard hidden > max(100_000, planned.p99 / 20) else { return meaning + " Here they agree: sends were on time." }
        return meaning + " At deliver's p99 they differ by \(Format.duration(hidden)): time that messages waited to be"
            + " sent, which the uncorrected figure hides."
    }

    /// Where a traced message's time goes: each bar begins where the one before ends. Means, because means add up to
    /// the whole, and percentiles do not.
    mutating func stages() {
        let stages = Summary.Series.stages.map { (series: $0, summary: summary.latency[$0]) }
            .filter { $0.summary.count > 0 }
        guard !stages.isEmpty else { return }
        let total = stages.map { Double(max(0, $0.summary.mean)) }.reduce(0, +)
        let barWidth = min(40, width - 42)
        section("STAGES", note: "mean of the traced messages, one stage after the other, and its p99")
        var start = 0.0
        for stage in stages {
            let mean = Double(max(0, stage.summary.mean))
            let bar = Self.bar(from: start, length: mean, of: total, width: barWidth)
            start += mean
            let name = Format.padded(stage.series.rawValue.replacing("stage_", with: ""), to: 9)
            let figures = [stage.summary.mean, stage.summary.p99]
                .map { Format.rightAligned(Format.duration($0), to: Self.columnWidth) }.joined()
            lines.append("    \(name) \(palette.paint("│\(bar)│", .dim))\(figures)")
        }
        let label = Format.padded("in all", to: 9 + barWidth + 3)
        lines.append("    \(label)" + Format.rightAligned(Format.duration(Int64(total)), to: Self.columnWidth))
    }

    private static func bar(from start: Double, length: Double, of total: Double, width: Int) -> String {
        guard total > 0 else { return String(repeating: " ", count: width) }
        let scale = Double(width) / total
        let first = min(width - 1, Int((start * scale).rounded(.down)))
        // A stage that was measured is to be seen, however short it is.
        let end = max(first + 1, min(width, Int(((start + length) * scale).rounded())))
        return String(repeating: " ", count: first) + String(repeating: "█", count: end - first)
            + String(repeating: " ", count: width - end)
    }
}
