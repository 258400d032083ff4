/// Horizontal bars, one below the other, each with its name and its figure in full.
struct BarChart: Sendable {
    struct Bar: Sendable {
        var name: String
        var value: Double
        /// Behind the figure, as a share or a second figure.
        var note = ""
        /// Shown while the bar is pointed at.
        var details: [String] = []
    }

    var id: String
    var title: String
    var note: Markup = ""
    var unit: FigureUnit
    var bars: [Bar]

    /// Nil without bars.
    var figure: ChartFigure? {
        guard !bars.isEmpty else { return nil }
        let words = bars.map { "\($0.name) \(unit.text($0.value))" }
        return ChartFigure(
            id: id, title: title, note: note,
            description: "\(title): \(words.prefix(12).joined(separator: ", ")).",
            isSmall: true,
            height: { Self.row($0) * Double(bars.count) + 6 },
            draw: draw)
    }

    private static func row(_ size: PlotFrame.Size) -> Double { size == .wide ? 28 : 42 }

    private func draw(_ size: PlotFrame.Size) -> Markup {
        let isWide = size == .wide
        let left: Double = isWide ? 200 : 8
        let end = size.width - (isWide ? 230 : 10)
        let x = Scale(.linear, from: 0, to: max(bars.map(\.value).max() ?? 1, 1e-9), start: left, end: end)
        return bars.enumerated().map { index, bar -> Markup in
            let top = Double(index) * Self.row(size) + (isWide ? 4 : 20)
            let width = bar.value > 0 ? max(2, x.position(bar.value) - left) : 0
            let figure = [unit.text(bar.value), bar.note].filter { !$0.isEmpty }.joined(separator: " · ")
            let name = Format.truncated(Format.printable(bar.name), to: isWide ? 27 : 24)
            let text = ([bar.name, figure] + bar.details).joined(separator: "\n")
            return """
                <text class="name\(isWide ? " end" : "")" x="\(isWide ? left - 10 : 8)" \
                y="\(isWide ? top + 14 : top - 5)">\(name)</text>\
                <rect class="bar" x="\(left)" y="\(top)" width="\(width)" height="\(isWide ? 20.0 : 14.0)" rx="2"/>\
                <text class="value\(isWide ? "" : " end")" x="\(isWide ? left + width + 8 : size.width - 8)" \
                y="\(isWide ? top + 14 : top - 5)">\(figure)</text>\
                <rect class="hit" x="0" y="\(isWide ? top - 4 : top - 18)" width="\(size.width)" \
                height="\(Self.row(size))"><title>\(text)</title></rect>
                """
        }.joined()
    }
}
