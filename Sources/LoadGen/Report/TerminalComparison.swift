import Foundation

/// A comparison for the terminal, in the manner of benchstat: a row a metric, both medians with their intervals, the
/// difference with its own, and `~` where none was shown, with the difference that these blocks would have shown.
///
/// Above each table stands what it comes to in a sentence.
struct TerminalComparison: Sendable {
    /// What a terminal has room for; narrower than the least, lines wrap.
    enum Layout: Sendable, Comparable {
        /// Without intervals, p and n.
        case narrow
        /// Without p and n.
        case medium
        case wide

        init(width: Int) {
            self = width >= 114 ? .wide : width >= 100 ? .medium : .narrow
        }
    }

    static let minimumWidth = 80
    static let labelWidth = 22
    static let sideWidth = 17

    let comparison: Comparison
    let palette: Palette
    let width: Int
    var lines: [String] = []

    var layout: Layout { Layout(width: width) }

    static func render(_ comparison: Comparison, folder: String? = nil, color: Bool, width: Int) -> String {
        var report = TerminalComparison(
            comparison: comparison, palette: Palette(color: color), width: max(minimumWidth, width))
        report.title()
        for setup in comparison.setups where setup != comparison.baseline { report.table(setup) }
        report.legend()
        report.model()
        report.notes()
        if let folder { report.lines += ["", "  Results in \(folder)"] }
        return report.lines.joined(separator: "\n") + "\n\n"
    }

    private mutating func title() {
        let names = comparison.setups.map(Format.printable).joined(separator: ", ")
        lines.append("")
        prose("\(Format.printable(comparison.scenario)): \(names)", style: .bold)
        let counts = comparison.setups.map { comparison.usable($0).count }
        let blocks = Set(counts).count == 1 ? "\(counts.first ?? 0)" : counts.map(String.init).joined(separator: ", ")
        // Of finished runs, whose order was somebody else's, a note says whether they took turns.
        let order = comparison.comparesFinished ? "finished runs each" : "blocks each, interleaved"
        prose("\(blocks) \(order) · seed \(comparison.seed) · \(comparison.startedAt)")
    }

    private mutating func legend() {
        guard !comparison.comparisons.isEmpty else { return }
        let level = Format.percent(comparison.confidence)
        let text =
            "Medians over the blocks, ± the reach of their \(level) intervals; differences with \(level) bootstrap"
            + " intervals. p is adjusted for all metrics of a table (step-down permutation test). ~ no difference"
            + " detected; after it the smallest difference that these blocks would have shown four times in five."
        lines.append("")
        prose(text)
    }

    private mutating func notes() {
        guard !comparison.notes.isEmpty else { return }
        lines.append("")
        for note in comparison.notes { prose("· " + Format.printable(note), style: .yellow) }
    }

    /// The model beside the measurement.
    private mutating func model() {
        guard !comparison.model.isEmpty else { return }
        let titles = ["expected", "measured"].map { Format.rightAligned($0, to: 14) }.joined()
        lines += ["", "  " + palette.paint("MODEL", .bold) + palette.paint(Format.padded("", to: 41) + titles, .dim)]
        for row in comparison.model {
            let metric = MetricDefinition.named(row.name)
            let format = { (value: Double) in metric?.format(value) ?? Format.number(value) }
            let label = metric?.label ?? row.name.replacing("_", with: " ")
            let cells = [format(row.expected), row.measured.map(format) ?? Format.none]
            lines.append(
                "    " + Format.padded(Format.truncated(Format.printable(row.setup), to: 17), to: 18)
                    + Format.padded(Format.truncated(Format.printable(label), to: 25), to: 26)
                    + cells.map { Format.rightAligned($0, to: 14) }.joined())
        }
    }

    mutating func prose(_ text: String, style: Palette.Style = .dim) {
        lines += Format.wrapped(text, to: width - 2).map { "  " + palette.paint($0, style) }
    }
}
