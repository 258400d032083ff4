import Foundation

/// A capacity search for the terminal: a line a step as it ends, and the interval at the end.
struct TerminalCapacity: Sendable {
    let report: CapacityReport
    let palette: Palette

    init(_ report: CapacityReport, color: Bool) {
        self.report = report
        palette = Palette(color: color)
    }

    func heading() -> String {
        let what = "\(Format.printable(report.scenario)) on \(Format.printable(report.setup))"
        return "\n  \(palette.paint("capacity of \(what)", .bold))\n"
            + "  \(palette.paint("\(report.of == .rate ? "the highest rate" : "the most clients") with \(Format.printable(report.rule))", .dim))\n"
    }

    /// `  12 ✓ 4,000/s   deliver.p99 12.3 ms`
    func line(_ step: CapacityStep) -> String {
        let rule = try? Threshold.parse(report.rule)
        let value = step.value.map { rule?.metric.unit.format($0) ?? Format.number($0) } ?? Format.none
        let (mark, style): (String, Palette.Style) =
            switch step.outcome {
            case .passed: ("✓", .green)
            case .failed: ("✗", .red)
            case .void: ("·", .yellow)
            }
        let load = Format.rightAligned(report.of.format(step.load), to: 16)
        let metric = rule?.metric.name ?? report.rule
        let void = step.outcome == .void ? "void: " : ""
        let reason = step.reason.map { palette.paint("  \(void)\(Format.printable($0))", .dim) } ?? ""
        let figure = step.reason == nil ? value : Format.padded(value, to: 10)
        return "  \(Format.rightAligned("\(step.order)", to: 3)) \(palette.paint(mark, style))\(load)"
            + "   \(Format.printable(metric)) \(figure)\(reason)"
    }

    /// Heading, steps and result.
    func render(width: Int) -> String {
        let steps = report.steps.map { line($0) + "\n" }.joined()
        return heading() + "\n" + steps + "\n" + conclusion(width: width)
    }

    func conclusion(width: Int) -> String {
        guard let result = report.result else { return "" }
        let bold = sentence(result)
        var rest: [String] = []
        let load = report.of.format
        if let passed = result.allPassedTo { rest.append("every step up to \(load(passed)) passed") }
        if let failed = result.allFailedFrom { rest.append("every step from \(load(failed)) on failed") }
        let void = report.steps.count { $0.outcome == .void }
        if void > 0 { rest.append("\(void) of \(report.steps.count) steps were void") }
        let lines = Format.wrapped(bold, to: width - 2).map { "  " + palette.paint($0, .bold) }
        let detail = rest.joined(separator: "; ")
        let more = detail.isEmpty ? "" : detail.prefix(1).uppercased() + detail.dropFirst() + "."
        return (lines + Format.wrapped(more, to: width - 2).map { "  " + palette.paint($0, .dim) })
            .joined(separator: "\n") + "\n\n"
    }

    private func sentence(_ result: CapacityResult) -> String {
        let load = report.of.format
        let rule = Format.printable(report.rule)
        let low = result.low.map(load) ?? Format.none
        let high = result.high.map(load) ?? Format.none
        switch result.outcome {
        case .found:
            return "\(rule) holds up to a load between \(low) and \(high) (95% interval of the knee)."
        case .stepLimit where result.low != nil && result.high != nil:
            return "\(rule) holds up to a load between \(low) and \(high) (95% interval of the knee); the steps ran"
                + " out before it was as narrow as asked for."
        case .stepLimit:
            let known = [
                result.low.map { "holds at \(load($0))" }, result.high.map { "was broken at \(load($0))" },
            ].compactMap(\.self)
            let what =
                known.isEmpty ? "no step says anything of \(rule)" : "\(rule) \(known.joined(separator: ", and "))"
            return "The steps ran out before the knee was found: \(what)."
        case .generatorLimit:
            return "\(rule) holds at \(low) and maybe far above: the generator could not offer more."
        case .scenarioLimit:
            return "\(rule) holds at \(low), the most that was to be tried."
        case .nonePassed:
            return "\(rule) holds at no load that was tried, down to \(high)."
        }
    }
}
