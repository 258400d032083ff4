/// What the rule's metric was at each load that was tried, and the interval in which its limit is crossed.
struct CapacityChart: Sendable {
    let document: CapacityDocument

    private enum Mark: CaseIterable {
        case passed, failed, void

        init(_ step: CapacityDocument.Step) { self = step.void ? .void : step.passed ? .passed : .failed }

        var style: String { self == .passed ? "isgood" : self == .failed ? "isbad" : "isvoid" }
        var word: String { self == .passed ? "passed" : self == .failed ? "failed" : "void" }
    }

    /// Nil without a value.
    var knee: ChartFigure? {
        let steps = document.steps.filter { $0.value?.isFinite == true }
        guard !steps.isEmpty else { return nil }
        let (loads, values) = (document.loadUnit, document.valueUnit)
        let words = steps.sorted { $0.load < $1.load }.map {
            "\(loads.text($0.load)): \(values.text($0.value)), \(Mark($0).word)"
        }
        return ChartFigure(
            id: "knee",
            title: "What each load cost",
            note:
                "● passed, ✕ failed, ○ void. Dashed: the rule's limit; tinted: the interval that was found.",
            description: words.prefix(20).joined(separator: "; ") + ".",
            height: { $0 == .wide ? 320 : 280 },
            draw: { drawKnee($0, steps) })
    }

    /// The loads in the order in which they were tried.
    var search: ChartFigure? {
        guard !document.steps.isEmpty else { return nil }
        let steps = document.steps.sorted { $0.order < $1.order }
        let words = steps.map { "\(document.loadUnit.text($0.load)) \(Mark($0).word)" }
        return ChartFigure(
            id: "search", title: "The search, step by step", description: words.joined(separator: ", ") + ".",
            isSmall: true,
            height: { _ in 200 },
            draw: { drawSearch($0, steps) })
    }

    private func drawKnee(_ size: PlotFrame.Size, _ steps: [CapacityDocument.Step]) -> Markup {
        let height: Double = size == .wide ? 320 : 280
        let values = steps.compactMap(\.value) + (document.limit.map { [$0] } ?? [])
        let y = Scale.vertical(values, pixels: 16...height - 42, logarithmicBeyond: 12)
        let highest = steps.map(\.load).max() ?? 1
        let x = PlotFrame.horizontal(size, .linear, from: 0, to: highest * 1.06)
        let frame = PlotFrame(size, height: height, top: 16, bottom: 42, x: x, y: y)
        var out: Markup = ""
        if let low = document.interval.low, let high = document.interval.high {
            let (start, end) = (x.position(low), x.position(high))
            out += """
                <rect class="found" x="\(start)" y="\(frame.top)" width="\(max(2, end - start))" \
                height="\(frame.base - frame.top)"/>
                """
        }
        out += frame.yAxis(document.valueUnit, ticks: 7)
        if let limit = document.limit, limit > 0 || y.kind == .linear {
            let place = y.position(limit)
            out += """
                <line class="limit" x1="\(frame.left)" x2="\(frame.right)" y1="\(place)" y2="\(place)"/>\
                <text class="faultname" x="\(frame.left + 6)" y="\(place - 5)">\(document.rule)</text>
                """
        }
        out += frame.xAxis(x.ticks(size.xTicks / 2 + 2).map { ($0, document.loadUnit.tick($0)) })
        let axis = document.of == "clients" ? "clients" : "messages planned a second"
        out += "<text class=\"tick mid\" x=\"\((frame.left + frame.right) / 2)\" y=\"\(height - 6)\">\(axis)</text>"
        let marks = steps.map { step in mark(step, x.position(step.load), y.position(step.value ?? 0)) }
        return out + marks.joined()
    }

    private func drawSearch(_ size: PlotFrame.Size, _ steps: [CapacityDocument.Step]) -> Markup {
        let y = Scale.vertical(steps.map(\.load), pixels: 12...160, logarithmicBeyond: .infinity)
        let x = PlotFrame.horizontal(size, .linear, from: 0.5, to: Double(steps.count) + 0.5)
        let frame = PlotFrame(size, height: 200, bottom: 40, x: x, y: y)
        let line = frame.line(steps.enumerated().map { (Double($0 + 1), $1.load) }, "rim")
        let marks = steps.enumerated().map { mark($1, x.position(Double($0 + 1)), y.position($1.load)) }
        let every = max(1, steps.count / size.xTicks)
        let ticks = stride(from: 1, through: steps.count, by: every).map { (value: Double($0), label: String($0)) }
        return frame.yAxis(document.loadUnit, ticks: 4) + line + frame.xAxis(ticks) + marks.joined()
            + "<text class=\"tick mid\" x=\"\((frame.left + frame.right) / 2)\" y=\"194\">step</text>"
    }

    private func mark(_ step: CapacityDocument.Step, _ x: Double, _ y: Double) -> Markup {
        let kind = Mark(step)
        let reason = step.reason.map { $0.isEmpty ? "" : "\n\($0)" } ?? ""
        let text =
            "step \(step.order): \(document.loadUnit.text(step.load))\n"
            + "\(kind.word), \(document.valueUnit.text(step.value))\(reason)"
        let shape: Markup =
            switch kind {
            case .passed: "<circle class=\"point full \(kind.style)\" cx=\"\(x)\" cy=\"\(y)\" r=\"4.5\"/>"
            case .void: "<circle class=\"point \(kind.style)\" cx=\"\(x)\" cy=\"\(y)\" r=\"4.5\"/>"
            case .failed:
                """
                <path class="span \(kind.style)" d="M\(x - 4.5) \(y - 4.5)L\(x + 4.5) \(y + 4.5)\
                M\(x - 4.5) \(y + 4.5)L\(x + 4.5) \(y - 4.5)"/>
                """
            }
        return shape + "<circle class=\"hit\" cx=\"\(x)\" cy=\"\(y)\" r=\"11\"><title>\(text)</title></circle>"
    }
}
