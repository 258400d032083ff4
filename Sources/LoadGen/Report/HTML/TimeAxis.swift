/// The time of a run, which all charts over time share: its length, its phases and the faults put into it.
struct TimeAxis: Sendable {
    /// Seconds from the run's start.
    let end: Double
    let phases: [Summary.Phase]
    let faults: [Summary.InjectedFault]

    init(_ record: RunRecord) {
        phases = record.summary.phases
        faults = record.faults
        end = max(
            1, phases.map { $0.startS + $0.durationS }.max() ?? 0, (record.timeline.last?.second ?? 0) + 1,
            record.readings.last?.second ?? 0)
    }

    func scale(_ size: PlotFrame.Size) -> Scale { PlotFrame.horizontal(size, .linear, from: 0, to: end) }

    /// The axis below a plot.
    func axis(_ frame: PlotFrame) -> Markup {
        frame.xAxis(frame.x.timeTicks(frame.size.xTicks).map { ($0, FigureUnit.seconds.tick($0)) })
    }

    /// Behind the data: a tint over what is measured, a rule where a phase begins, hatching over a fault; with their
    /// names above the plot if it has room for them there.
    func backdrop(_ frame: PlotFrame, names: Bool) -> Markup {
        phases.map { phase(frame, $0, named: names) }.joined() + faults.map { fault(frame, $0, named: names) }.joined()
    }

    private func phase(_ frame: PlotFrame, _ phase: Summary.Phase, named: Bool) -> Markup {
        let start = frame.x.position(phase.startS)
        let end = frame.x.position(phase.startS + phase.durationS)
        var out: Markup = ""
        if phase.measure {
            out += """
                <rect class="measured" x="\(start)" y="\(frame.top)" width="\(max(0, end - start))" \
                height="\(frame.base - frame.top)"/>
                """
        }
        out += "<line class=\"edge\" x1=\"\(start)\" x2=\"\(start)\" y1=\"\(frame.top)\" y2=\"\(frame.base)\"/>"
        let name = Format.printable(phase.name)
        let label = Format.truncated(name, to: Int((end - start - 6) / 6.4))
        // A letter or two of a name say less than none.
        if named, label.count >= min(name.count, 5) {
            out += "<text class=\"phase\" x=\"\(start + 4)\" y=\"\(frame.top - 6)\">\(label)</text>"
        }
        return out
    }

    private func fault(_ frame: PlotFrame, _ fault: Summary.InjectedFault, named: Bool) -> Markup {
        let start = frame.x.position(fault.startS)
        let end = fault.endS.map { frame.x.position($0) } ?? start
        var out: Markup = """
            <rect class="fault" x="\(start)" y="\(frame.top)" width="\(max(2, end - start))" \
            height="\(frame.base - frame.top)"/>
            """
        if named {
            let isRight = start > frame.size.width * 0.7
            out += """
                <text class="faultname\(isRight ? " end" : "")" x="\(isRight ? start - 4 : max(end, start + 2) + 4)" \
                y="\(frame.top + 13)">✕ \(Self.label(fault))</text>
                """
        }
        return out
    }

    /// `kill redis`, or the fault's own name if that is all there is.
    static func label(_ fault: Summary.InjectedFault) -> String {
        let words = [fault.kind, fault.part].filter { !$0.isEmpty }.joined(separator: " ")
        return Format.truncated(Format.printable(words.isEmpty ? fault.name : words), to: 40)
    }

    /// The phase and faults at an instant, for hover texts.
    func context(at second: Double) -> String {
        let phase = phases.last { $0.startS <= second && second < $0.startS + $0.durationS }
        let active = faults.filter { $0.startS <= second && second <= max($0.endS ?? $0.startS, $0.startS + 1) }
        return
            ([phase.map { $0.name + ($0.measure ? " (measured)" : "") } ?? ""] + active.map { "✕ " + Self.label($0) })
            .filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// Phases and faults in words, for those who do not see the chart.
    var description: String {
        let stretches = phases.map { phase in
            "\(phase.name) from \(Format.seconds(phase.startS)) for \(Format.seconds(phase.durationS))"
        }
        let broken = faults.map { "\(Self.label($0)) at \(FigureUnit.seconds.text($0.startS))" }
        var text = stretches.isEmpty ? "" : " Phases: \(stretches.joined(separator: ", "))."
        if !broken.isEmpty { text += " Faults: \(broken.joined(separator: ", "))." }
        return text
    }
}
