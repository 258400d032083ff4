/// Delivery latency in each second of the run: the median as a line, the rest as bands up to the largest that the
/// timeline has.
struct LatencyOverTime: Sendable {
    let record: RunRecord
    let axis: TimeAxis

    private typealias Column = (name: String, path: KeyPath<TimelinePoint, Double?> & Sendable)

    /// Ascending; those that the file has.
    private var columns: [Column] {
        let all: [Column] = [
            ("p50", \.p50), ("p90", \.p90), ("p99", \.p99), ("p99.9", \.p999), ("max", \.max),
        ]
        return all.filter { column in record.timeline.contains { $0[keyPath: column.path] != nil } }
    }

    /// Nil without a single latency.
    var figure: ChartFigure? {
        let (columns, rows) = (columns, record.timeline.downsampled(to: PlotFrame.Size.wide.points))
        guard let first = columns.first, let last = columns.last else { return nil }
        var legend = [ChartFigure.LegendEntry(style: "s0", label: first.name)]
        for (index, pair) in zip(columns, columns.dropFirst()).enumerated() {
            legend.append(.init(style: "b\(index)", label: "\(pair.0.name) to \(pair.1.name)", isArea: true))
        }
        let isCoarse = rows.count < record.timeline.count
        let each = isCoarse ? "each point is the worst of its seconds" : "one point a second"
        let worst = rows.compactMap { $0[keyPath: last.path] }.max() ?? 0
        return ChartFigure(
            id: "latency-over-time",
            title: "Delivery latency over time",
            note:
                "From a message's planned instant to its arrival at each receiver; \(each). Tinted: measured.",
            description:
                "Bands of delivery latency over \(FigureUnit.seconds.text(axis.end)); the highest \(last.name) is "
                + "\(FigureUnit.nanoseconds.text(worst))." + axis.description,
            legend: legend,
            table: table(rows, columns),
            height: { $0 == .wide ? 320 : 260 },
            draw: { draw($0, columns) })
    }

    private func draw(_ size: PlotFrame.Size, _ columns: [Column]) -> Markup {
        let rows = record.timeline.downsampled(to: size.points)
        let height: Double = size == .wide ? 320 : 260
        let values = rows.flatMap { row in columns.compactMap { row[keyPath: $0.path] } }
        let y = Scale.vertical(values, pixels: 28...height - 26, logarithmicBeyond: 12)
        let frame = PlotFrame(size, height: height, top: 28, x: axis.scale(size), y: y)
        let bands = zip(columns, columns.dropFirst()).enumerated().reversed().map { index, pair in
            let points = rows.map {
                (x: $0.second + 0.5, low: $0[keyPath: pair.0.path], high: $0[keyPath: pair.1.path])
            }
            return frame.band(points, "b\(index)")
        }
        let lines = columns.enumerated().map { index, column in
            frame.line(rows.map { ($0.second + 0.5, $0[keyPath: column.path]) }, index == 0 ? "s0" : "rim")
        }
        let hits = frame.columns(rows.map { $0.second + 0.5 }) { index in
            let row = rows[index]
            let head = [FigureUnit.seconds.tick(row.second), axis.context(at: row.second + 0.5)]
            let figures = columns.map { "\($0.name): \(FigureUnit.nanoseconds.text(row[keyPath: $0.path]))" }
            let delivered = row.delivered.map { ["delivered: \(Format.rate($0))"] } ?? []
            return ([head.filter { !$0.isEmpty }.joined(separator: " · ")] + figures.reversed() + delivered)
                .joined(separator: "\n")
        }
        let kind: Markup = y.kind == .log ? "<text class=\"tick\" x=\"2\" y=\"11\">log scale</text>" : ""
        return axis.backdrop(frame, names: true) + frame.yAxis(.nanoseconds, ticks: 7) + bands.joined()
            + lines.joined() + axis.axis(frame) + kind + hits
    }

    private func table(_ rows: [TimelinePoint], _ columns: [Column]) -> DataTable {
        let rates: [Column] = [
            ("offered", \.offered), ("sent", \.sent), ("acked", \.acked), ("delivered", \.delivered),
        ]
        let body = rows.map { row -> [String] in
            let latencies = columns.map { FigureUnit.nanoseconds.text(row[keyPath: $0.path]) }
            let flows = rates.map { column in row[keyPath: column.path].map(Format.rate) ?? Format.none }
            let connections = row.connections.map(Format.number) ?? Format.none
            return [FigureUnit.seconds.tick(row.second), row.phase] + latencies + flows
                + [connections, FigureUnit.nanoseconds.text(row.generatorLag)]
        }
        return DataTable(
            columns: ["time", "phase"] + columns.map(\.name) + rates.map(\.name) + ["connections", "generator lag"],
            rows: body, caption: "The run second by second", words: [1])
    }
}
