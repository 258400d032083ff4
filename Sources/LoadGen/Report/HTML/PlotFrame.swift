/// The area of a chart between its axes, and the drawing of what all charts share: grid, axes, lines, areas, hover.
struct PlotFrame: Sendable {
    /// Each chart is drawn for a wide page and for a phone: shrunk, its text would be too small to read.
    enum Size: String, Sendable, CaseIterable {
        case wide, narrow

        var width: Double { self == .wide ? 900 : 350 }
        var left: Double { self == .wide ? 64 : 50 }
        var right: Double { self == .wide ? 14 : 10 }
        /// How many points of a time axis can be told apart, and pointed at.
        var points: Int { self == .wide ? 150 : 50 }
        var xTicks: Int { self == .wide ? 12 : 5 }
    }

    let size: Size
    let height: Double
    var top: Double = 12
    var bottom: Double = 26
    let x: Scale
    let y: Scale

    init(_ size: Size, height: Double, top: Double = 12, bottom: Double = 26, x: Scale, y: Scale) {
        (self.size, self.height, self.top, self.bottom, self.x, self.y) = (size, height, top, bottom, x, y)
    }

    static func horizontal(_ size: Size, _ kind: Scale.Kind, from low: Double, to high: Double) -> Scale {
        Scale(kind, from: low, to: high, start: size.left, end: size.width - size.right)
    }

    var left: Double { size.left }
    var right: Double { size.width - size.right }
    var base: Double { height - bottom }
}

// MARK: - Axes

extension PlotFrame {
    /// Lines across the plot at the y axis's ticks, with their values at the left.
    func yAxis(_ unit: FigureUnit, ticks count: Int = 5) -> Markup {
        y.ticks(count).map { value -> Markup in
            let place = y.position(value)
            return """
                <line class="grid" x1="\(left)" x2="\(right)" y1="\(place)" y2="\(place)"/>\
                <text class="tick end" x="\(left - 7)" y="\(place + 4)">\(unit.tick(value))</text>
                """
        }.joined()
    }

    /// The base line, with marks and labels below it. A label that would leave the picture is moved inside.
    func xAxis(_ ticks: [(value: Double, label: String)]) -> Markup {
        let labels = ticks.map { tick -> Markup in
            let place = x.position(tick.value)
            let half = Double(tick.label.count) * 3.4
            let shown = min(max(place, half), size.width - half)
            return """
                <line class="axis" x1="\(place)" x2="\(place)" y1="\(base)" y2="\(base + 4)"/>\
                <text class="tick mid" x="\(shown)" y="\(base + 17)">\(tick.label)</text>
                """
        }
        return "<line class=\"axis\" x1=\"\(left)\" x2=\"\(right)\" y1=\"\(base)\" y2=\"\(base)\"/>" + labels.joined()
    }
}

// MARK: - Data

extension PlotFrame {
    typealias Point = (x: Double, y: Double?)

    /// A line through the points, interrupted where there is no value. A value alone between gaps is a dot.
    func line(_ points: [Point], _ style: String) -> Markup {
        var path = ""
        var dots: [Markup] = []
        for run in Self.runs(points) {
            let places = run.map { (x.position($0.x), y.position($0.y)) }
            guard places.count > 1 else {
                dots += places.map { "<circle class=\"\(style) dot\" cx=\"\($0.0)\" cy=\"\($0.1)\" r=\"2.2\"/>" }
                continue
            }
            for (index, place) in places.enumerated() {
                path += (index == 0 ? "M" : "L") + Markup.coordinate(place.0) + " " + Markup.coordinate(place.1)
            }
        }
        return (path.isEmpty ? "" : "<path class=\"\(style) line\" d=\"\(path)\"/>") + dots.joined()
    }

    /// The area between two lines over the same x; where one has no value, there is a gap.
    func band(_ points: [(x: Double, low: Double?, high: Double?)], _ style: String) -> Markup {
        let upper = Self.runs(points.map { ($0.x, $0.low == nil ? nil : $0.high) })
        let lower = Self.runs(points.map { ($0.x, $0.high == nil ? nil : $0.low) })
        return zip(upper, lower).map { top, bottom -> Markup in
            let places = (top + bottom.reversed()).map { (x.position($0.x), y.position($0.y)) }
            let path = places.map { Markup.coordinate($0.0) + " " + Markup.coordinate($0.1) }.joined(separator: "L")
            return "<path class=\"\(style) area\" d=\"M\(path)Z\"/>"
        }.joined()
    }

    /// An invisible column over each value of `xs`, from half-way to the last to half-way to the next, that shows its
    /// text while it is pointed at. Without the page's script a browser shows the title by itself.
    func columns(_ xs: [Double], _ text: (Int) -> String) -> Markup {
        let places = xs.map { x.position($0) }
        return places.indices.map { index -> Markup in
            let start = index == 0 ? left : (places[index - 1] + places[index]) / 2
            let end = index + 1 == places.count ? right : (places[index] + places[index + 1]) / 2
            return """
                <rect class="hit" x="\(start)" y="\(top)" width="\(max(0.5, end - start))" \
                height="\(max(1, base - top))"><title>\(text(index))</title></rect>
                """
        }.joined()
    }

    private static func runs(_ points: [Point]) -> [[(x: Double, y: Double)]] {
        var runs: [[(x: Double, y: Double)]] = [[]]
        for point in points {
            if let value = point.y { runs[runs.count - 1].append((point.x, value)) } else { runs.append([]) }
        }
        return runs.filter { !$0.isEmpty }
    }
}
