/// A dot for each block's value, one row for each setup: what lies behind a median.
struct StripPlot: Sendable {
    let metric: String
    let unit: FigureUnit
    let rows: [(setup: String, values: [Double])]

    private static let step = 26.0

    /// Nil without values.
    func figure(_ number: Int) -> ChartFigure? {
        let values = rows.flatMap(\.values).filter(\.isFinite)
        guard !values.isEmpty else { return nil }
        let words = rows.map { row in
            "\(row.setup): " + row.values.map { unit.text($0) }.joined(separator: ", ")
        }
        return ChartFigure(
            id: "strip-\(number)", title: Format.printable(metric), description: words.joined(separator: "; ") + ".",
            isSmall: true,
            sizes: [.narrow],
            height: { _ in Double(rows.count) * Self.step + 32 },
            draw: { _ in draw(values) })
    }

    /// Both sizes of page show it in a column of the narrow one's width.
    private func draw(_ values: [Double]) -> Markup {
        let width = PlotFrame.Size.narrow.width
        let (lowest, highest) = (values.min() ?? 0, values.max() ?? 1)
        let margin = max((highest - lowest) * 0.08, highest.magnitude * 0.02, 1e-9)
        let low = lowest >= 0 ? max(0, lowest - margin) : lowest - margin
        let x = Scale(.linear, from: low, to: highest + margin, start: 112, end: width - 8)
        let base = Double(rows.count) * Self.step + 6
        let ticks = x.ticks(4).map { value -> Markup in
            let place = x.position(value)
            return """
                <line class="grid" x1="\(place)" x2="\(place)" y1="2" y2="\(base)"/>\
                <text class="tick mid" x="\(min(place, width - 18))" y="\(base + 16)">\(unit.tick(value))</text>
                """
        }
        let strips = rows.enumerated().map { index, row in
            strip(row, Double(index) * Self.step + 14, x, TimePanel.style(index))
        }
        return ticks.joined() + strips.joined()
    }

    private func strip(_ row: (setup: String, values: [Double]), _ middle: Double, _ x: Scale, _ style: String)
        -> Markup
    {
        let values = row.values.filter(\.isFinite).sorted()
        let name = Format.truncated(Format.printable(row.setup), to: 15)
        var out: Markup = "<text class=\"name end\" x=\"102\" y=\"\(middle + 4)\">\(name)</text>"
        if let median = Self.median(values) {
            let place = x.position(median)
            out += "<line class=\"median\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(middle - 9)\" y2=\"\(middle + 9)\"/>"
        }
        out += values.map {
            "<circle class=\"point \(style)\" cx=\"\(x.position($0))\" cy=\"\(middle)\" r=\"3.6\"/>" as Markup
        }
        .joined()
        let text =
            "\(row.setup)\nmedian: \(unit.text(Self.median(values)))\n"
            + "\(values.count) blocks: " + values.map { unit.text($0) }.joined(separator: ", ")
        return out + """
            <rect class="hit" x="0" y="\(middle - 13)" width="350" height="\(Self.step)"><title>\(text)</title></rect>
            """
    }

    static func median(_ sorted: [Double]) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
