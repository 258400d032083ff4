/// The relative difference of each metric with its interval, one below the other: an interval that spans the middle
/// line has shown nothing.
struct ForestPlot: Sendable {
    let pair: ComparisonDocument.Pair
    /// Families together.
    let comparisons: [ComparisonDocument.Comparison]
    let confidence: Double
    let number: Int

    private typealias Row = ComparisonDocument.Comparison

    /// A family begins with a gap.
    private static let gap = 8.0

    /// Nil without a difference.
    var figure: ChartFigure? {
        let rows = comparisons.filter { $0.difference?.isFinite == true }
        guard !rows.isEmpty else { return nil }
        let words = rows.map { "\($0.metric) \($0.interval): \($0.verdict)" }
        return ChartFigure(
            id: "forest-\(number)",
            title: "\(Format.printable(pair.b)) against \(Format.printable(pair.a))",
            note: "Difference of the medians with its \(Format.percent(confidence)) interval. "
                + "A filled mark is a difference that the blocks have shown, a hollow one is none detected.",
            description: words.prefix(12).joined(separator: "; ") + ".",
            legend: [
                .init(style: "isgood", label: "better"), .init(style: "isbad", label: "worse"),
                .init(style: "isneutral", label: "different, neither better nor worse"),
                .init(style: "isnone", label: "no difference detected"),
            ],
            height: { Self.layout($0, rows).height },
            draw: { draw($0, rows) })
    }

    private static func layout(_ size: PlotFrame.Size, _ rows: [Row]) -> (tops: [Double], height: Double) {
        let step: Double = size == .wide ? 24 : 44
        var top = 14.0
        var tops: [Double] = []
        for (index, row) in rows.enumerated() {
            if index > 0, row.family != rows[index - 1].family { top += gap }
            tops.append(top)
            top += step
        }
        return (tops, top + 34)
    }

    /// The ends of the axis: all of the intervals, but no further than four times what is usual, so that one metric
    /// that fell to nothing does not flatten the others. What lies beyond is an arrow.
    private static func range(_ rows: [Row]) -> ClosedRange<Double> {
        let ends = rows.flatMap { [$0.low, $0.high, $0.difference].compactMap { $0 } }.filter(\.isFinite)
        let usual = ends.map(\.magnitude).sorted()[ends.count / 2]
        let limit = max(0.15, 4 * usual)
        let low = max(min(ends.min() ?? 0, -0.02), -limit)
        let high = min(max(ends.max() ?? 0, 0.02), limit)
        let margin = (high - low) * 0.04
        return low - margin...high + margin
    }

    private func draw(_ size: PlotFrame.Size, _ rows: [Row]) -> Markup {
        let isWide = size == .wide
        let (tops, height) = Self.layout(size, rows)
        let range = Self.range(rows)
        let x = Scale(
            .linear, from: range.lowerBound, to: range.upperBound, start: isWide ? 214 : 12,
            end: size.width - (isWide ? 290 : 12))
        let base = height - 30
        let ticks = x.ticks(isWide ? 6 : 4).map { value -> Markup in
            let place = x.position(value)
            return """
                <line class="grid" x1="\(place)" x2="\(place)" y1="6" y2="\(base)"/>\
                <text class="tick mid" x="\(place)" y="\(base + 16)">\(FigureUnit.differenceTick(value))</text>
                """
        }
        let zero = x.position(0)
        let marks = zip(rows, tops).map { row, top in mark(row, top, x, size) }
        return ticks.joined() + "<line class=\"zero\" x1=\"\(zero)\" x2=\"\(zero)\" y1=\"6\" y2=\"\(base)\"/>"
            + marks.joined()
    }

    private func mark(_ row: Row, _ top: Double, _ x: Scale, _ size: PlotFrame.Size) -> Markup {
        let isWide = size == .wide
        let middle = isWide ? top + 10 : top + 28
        let difference = row.difference ?? 0
        // An end that has no bound runs out of the picture; without any interval there is the point alone.
        let hasInterval = row.low != nil || row.high != nil
        let low = row.low ?? (hasInterval ? -.infinity : difference)
        let high = row.high ?? (hasInterval ? .infinity : difference)
        let shown = row.finding == .none ? "" : " full"
        var out: Markup = ""
        if isWide {
            out += """
                <text class="name end" x="200" y="\(middle + 4)">\(Format.printable(row.metric))</text>\
                <text class="value" x="\(x.end + 20)" y="\(middle + 4)">\(row.interval)</text>\
                <text class="tick end" x="\(size.width - 2)" y="\(middle + 4)">\
                \(row.finding == .none && row.wasTested ? "~" : row.word)</text>
                """
        } else {
            // A long name leaves no room for the interval, which the hover has as well.
            let figure = row.metric.count > 20 ? FigureUnit.difference(difference) : row.interval
            out += """
                <text class="name" x="4" y="\(top + 12)">\(Format.printable(row.metric))</text>\
                <text class="tick end" x="\(size.width - 4)" y="\(top + 12)">\(figure)</text>
                """
        }
        out +=
            "<line class=\"span \(row.finding.style)\" x1=\"\(x.position(low))\" x2=\"\(x.position(high))\" "
            + "y1=\"\(middle)\" y2=\"\(middle)\"/>"
        // What leaves the picture ends in an arrow.
        if low < x.low { out += arrow(x.start, middle, -1, row.finding.style) }
        if high > x.high { out += arrow(x.end, middle, 1, row.finding.style) }
        guard x.low...x.high ~= difference else { return out + hover(row, top, size) }
        let place = x.position(difference)
        out += "<circle class=\"point\(shown) \(row.finding.style)\" cx=\"\(place)\" cy=\"\(middle)\" r=\"4.5\"/>"
        return out + hover(row, top, size)
    }

    private func hover(_ row: Row, _ top: Double, _ size: PlotFrame.Size) -> Markup {
        let unit = row.figureUnit
        let text = """
            \(row.metric): \(row.outcome)
            \(row.a): \(unit.text(row.medianA))
            \(row.b): \(unit.text(row.medianB))
            \(row.interval)
            p \(Row.probability(row.p)), adjusted \(Row.probability(row.adjustedP)); n \(row.countA) + \(row.countB)
            """
        return """
            <rect class="hit" x="0" y="\(top - 2)" width="\(size.width)" height="\(size == .wide ? 24.0 : 44.0)">\
            <title>\(text)</title></rect>
            """
    }

    private func arrow(_ x: Double, _ y: Double, _ direction: Double, _ style: String) -> Markup {
        """
        <path class="point full \(style)" \
        d="M\(x + direction * 6) \(y)L\(x - direction) \(y - 4)L\(x - direction) \(y + 4)Z"/>
        """
    }
}
