import Foundation

/// The text at the end of a run: the thresholds, the proof of integrity, the figures, and one sentence on all of it.
///
/// A run that failed or is void says so in its first line and in its last one.
struct TerminalReport: Sendable {
    /// Narrower than this the columns would have to go, one by one, until nothing is left to compare.
    private static let minimumWidth = 60

    let summary: Summary
    let palette: Palette
    let width: Int
    var lines: [String] = []

    static func render(_ summary: Summary, folder: String, color: Bool, width: Int) -> String {
        var report = TerminalReport(
            summary: summary, palette: Palette(color: color), width: max(minimumWidth, width))
        report.title()
        report.thresholds()
        report.integrity()
        report.latencies()
        report.stages()
        report.messages()
        report.clients()
        report.injectedFaults()
        report.errors()
        report.generator()
        report.servers()
        report.verdict()
        report.folder(folder)
        return report.lines.joined(separator: "\n") + "\n"
    }

    private mutating func title() {
        let faults = summary.faults
        if let gravest = faults.first {
            // Not the colour alone: logs and NO_COLOR must show it, too.
            let banner = "  ✗✗✗  " + Self.headline(gravest) + "  ✗✗✗"
            lines += ["", palette.paint(palette.color ? Format.padded(banner, to: width) : banner, .alarm)]
        }
        let name = [summary.scenario, summary.setup].filter { !$0.isEmpty }.map(Format.printable)
        let environment = summary.environment
        let programs = [environment.store, environment.broker, environment.balancer]
            .filter { !$0.isEmpty && $0 != "none" }.map(Format.printable).joined(separator: ", ")
        let details = ["\(Format.seconds(summary.durationS)) measured", programs, "seed \(summary.seed)"]
        lines.append("")
        prose(name.joined(separator: " on "), indent: 2, style: .bold)
        prose(details.filter { !$0.isEmpty }.joined(separator: " · "), indent: 2)
    }

    private mutating func thresholds() {
        section("THRESHOLDS")
        if summary.thresholds.isEmpty { prose("none set: nothing in this run could fail but its integrity", indent: 4) }
        let rules = summary.thresholds.map { Format.printable($0.rule) }
        let column = min(width / 2, max(32, (rules.map(\.count).max() ?? 0) + 5))
        for (result, rule) in zip(summary.thresholds, rules) {
            let unit = (try? Threshold.parse(result.rule))?.metric.unit
            let value = result.note == nil ? unit.map { $0.format(result.value) } ?? Format.number(result.value) : "–"
            check(rule, result.pass, value: value, column: column)
            if let note = result.note { prose(Format.printable(note), indent: 8) }
        }
    }

    private mutating func integrity() {
        section("INTEGRITY", note: "every message at every receiver, then the store")
        for figure in summary.integrity.figures {
            let label = figure.name.replacing("_", with: " ")
            if figure.value == 0, summary.unproved.contains(figure.name) {
                lines.append("    – " + leader(label, column: 30) + palette.paint("not checked", .yellow))
                continue
            }
            check(label, figure.value == 0, value: Format.count(figure.value), column: 32)
        }
        if summary.messages.delivered == 0 {
            prose("nothing was delivered: these figures prove nothing", indent: 6, style: .yellow)
        }
        for detail in summary.integrityDetail.prefix(Summary.integrityDetailLimit) {
            prose("· " + Format.printable(detail), indent: 6)
        }
    }

    private mutating func folder(_ folder: String) {
        lines += ["  Results in \(folder)", ""]
    }
}

// MARK: - Lines

extension TerminalReport {
    mutating func section(_ title: String, note: String = "") {
        let room = width - title.count - 5
        let tail = note.isEmpty || note.count > room ? "" : "   " + palette.paint(note, .dim)
        lines += ["", "  " + palette.paint(title, .bold) + tail]
    }

    /// Wrapped text; the lines after the first are indented by `hanging` more.
    mutating func prose(_ text: String, indent: Int, hanging: Int = 0, style: Palette.Style = .dim) {
        for (index, line) in Format.wrapped(text, to: width - indent - hanging).enumerated() {
            let blanks = String(repeating: " ", count: indent + (index == 0 ? 0 : hanging))
            lines.append(blanks + palette.paint(line, style))
        }
    }

    /// `✓ rule ........ value`, with the value in the given column.
    mutating func check(_ label: String, _ pass: Bool, value: String, column: Int) {
        let mark = palette.paint(pass ? "✓" : "✗", pass ? .green : .red)
        let figure = pass ? value : palette.paint(value, .red)
        lines.append("    \(mark) " + leader(label, column: column - 2) + figure)
    }

    /// `    label ........ value`, with the values of all figures in one column.
    mutating func figure(_ label: String, _ value: String) {
        lines.append("    " + leader(label, column: width < 72 ? 22 : 32) + value)
    }

    func leader(_ label: String, column: Int) -> String {
        let text = Format.truncated(label, to: width - 24)
        let dots = String(repeating: ".", count: max(3, column - 4 - text.count - 2))
        return "\(text) \(palette.paint(dots, .dim)) "
    }
}
