/// A small chart over the run's time, one of several that stand below each other with their axes in line.
struct TimePanel: Sendable {
    struct Series: Sendable {
        var name: String
        /// Ascending in x.
        var points: [PlotFrame.Point]
    }

    var id: String
    var title: String
    var unit: FigureUnit
    var series: [Series]
    let axis: TimeAxis

    /// Nil if no series has a value.
    var figure: ChartFigure? {
        let shown = series.filter { series in series.points.contains { $0.y != nil } }
        guard !shown.isEmpty else { return nil }
        let peaks = shown.map { "\($0.name) up to \(unit.text($0.points.compactMap(\.y).max()))" }
        return ChartFigure(
            id: id,
            title: title,
            description: "\(title) over time: \(peaks.joined(separator: ", ")).",
            legend: shown.enumerated().map { .init(style: Self.style($0), label: $1.name) },
            table: table(shown),
            isSmall: true,
            height: { _ in 132 },
            draw: { draw($0, shown) })
    }

    /// Colour and dash: six of them, then they come again.
    static func style(_ index: Int) -> String { "s\(index % 6)" }

    private func draw(_ size: PlotFrame.Size, _ series: [Series]) -> Markup {
        let drawn = series.map { Series(name: $0.name, points: Self.thinned($0.points, to: size.points)) }
        let values = drawn.flatMap { $0.points.compactMap(\.y) }
        let y = Scale.vertical(values, pixels: 8...106, logarithmicBeyond: .infinity, steps: 3)
        let frame = PlotFrame(size, height: 132, top: 8, x: axis.scale(size), y: y)
        let lines = drawn.enumerated().map { frame.line($1.points, Self.style($0)) }
        let xs = Self.instants(drawn)
        let hits = frame.columns(xs) { index in
            let x = xs[index]
            let figures = drawn.compactMap { series in
                Self.value(of: series, near: x).map { "\(series.name): \(unit.text($0))" }
            }
            let head = [Self.time(x), axis.context(at: x)].filter { !$0.isEmpty }
            return ([head.joined(separator: " · ")] + figures).joined(separator: "\n")
        }
        return axis.backdrop(frame, names: false) + frame.yAxis(unit, ticks: 3) + lines.joined() + axis.axis(frame)
            + hits
    }

    private func table(_ series: [Series]) -> DataTable {
        let thin = series.map { Series(name: $0.name, points: Self.thinned($0.points, to: PlotFrame.Size.wide.points)) }
        let rows = Self.instants(thin).map { x in
            [Self.time(x)] + thin.map { Self.value(of: $0, near: x).map { unit.text($0) } ?? "" }
        }
        return DataTable(columns: ["time"] + series.map(\.name), rows: rows, caption: title)
    }

    private static func time(_ second: Double) -> String { FigureUnit.seconds.tick((second * 10).rounded() / 10) }

    /// Where values are read: at the points of the series that has the most.
    static func instants(_ series: [Series]) -> [Double] {
        series.max { $0.points.count < $1.points.count }?.points.map(\.x) ?? []
    }

    /// A series' value at an instant, or the nearest one that is no further than its points lie from each other.
    static func value(of series: Series, near x: Double) -> Double? {
        guard let first = series.points.first, let last = series.points.last,
            let nearest = series.points.min(by: { ($0.x - x).magnitude < ($1.x - x).magnitude })
        else { return nil }
        let spacing = (last.x - first.x) / Double(max(1, series.points.count - 1))
        return (nearest.x - x).magnitude <= max(spacing, 0.5) ? nearest.y : nil
    }

    /// At most `limit` points, each the largest of its group: a peak is what these panels are looked at for.
    static func thinned(_ points: [PlotFrame.Point], to limit: Int) -> [PlotFrame.Point] {
        guard points.count > limit, limit > 0 else { return points }
        let size = (points.count + limit - 1) / limit
        return stride(from: 0, to: points.count, by: size).compactMap { start in
            let group = points[start..<min(start + size, points.count)]
            return group.max { ($0.y ?? -1) < ($1.y ?? -1) }
        }
    }
}
