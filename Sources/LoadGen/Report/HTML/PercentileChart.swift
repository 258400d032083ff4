import Foundation

/// Latency by percentile, over an axis on which each step to the right leaves out nine tenths of what was left:
/// HdrHistogram's plot, in which a tail is as easy to see as a median.
struct PercentileChart: Sendable {
    let curves: [Summary.Series: PercentileCurve]

    private typealias Line = (series: Summary.Series, name: String, style: String)

    /// A corrected curve is solid and its uncorrected twin dashed, in the same colour.
    private static let lines: [Line] = [
        (.ack, "ack", "s2 solid"), (.ackUncorrected, "ack, uncorrected", "s2 dashed"),
        (.deliver, "deliver", "s0 solid"), (.deliverUncorrected, "deliver, uncorrected", "s0 dashed"),
        (.lastReceiver, "last receiver", "s1 solid"),
    ]

    /// Where the hover reads.
    private static let shares = [
        0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99999, 0.999999,
    ]

    private var lines: [Line] { Self.lines.filter { !(curves[$0.series]?.points.isEmpty ?? true) } }

    private func curve(_ line: Line) -> PercentileCurve { curves[line.series] ?? PercentileCurve(points: []) }

    /// Nil without a distribution.
    var figure: ChartFigure? {
        let lines = lines
        guard !lines.isEmpty else { return nil }
        let tails = lines.map { line in
            "\(line.name) p99 \(FigureUnit.nanoseconds.text(curve(line).value(at: 0.99)))"
        }
        return ChartFigure(
            id: "percentiles",
            title: "Latency by percentile",
            note: "Solid lines count from the instant a message was planned, dashed ones from when it was sent. "
                + "Where the two part, messages had to wait before they could leave.",
            description:
                "Latency against percentile, the axis stretched towards 100%: \(tails.joined(separator: ", ")).",
            legend: lines.map { .init(style: $0.style, label: $0.name) },
            table: table(lines),
            height: { $0 == .wide ? 320 : 280 },
            draw: { draw($0, lines) })
    }

    private func draw(_ size: PlotFrame.Size, _ lines: [Line]) -> Markup {
        let height: Double = size == .wide ? 320 : 280
        let samples = lines.map { curve($0).total }.max() ?? 10
        let x = PlotFrame.horizontal(size, .log, from: 1, to: max(100, samples))
        let values = lines.flatMap { line in curve(line).points.map(\.value) }
        let y = Scale.vertical(values, pixels: 16...height - 26, logarithmicBeyond: 40)
        let frame = PlotFrame(size, height: height, top: 16, x: x, y: y)
        let paths = lines.map { frame.line(points(curve($0)), $0.style) }
        let shares = Self.shares.filter { 1 / (1 - $0) <= x.high }
        let hits = frame.columns(shares.map { 1 / (1 - $0) }) { index in
            let figures = lines.map { line -> String in
                let value = FigureUnit.nanoseconds.text(curve(line).value(at: shares[index]))
                return "\(line.name): \(value)" + (curve(line).reaches(shares[index]) ? "" : " (its maximum)")
            }
            return ([Self.label(shares[index])] + figures).joined(separator: "\n")
        }
        let ticks = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999].filter { 1 / (1 - $0) <= x.high * 1.001 }
        let marks = ticks.filter { size == .wide || $0 != 0.5 }.map { (value: 1 / (1 - $0), label: Self.percent($0)) }
        let uprights = marks.map { mark -> Markup in
            let place = x.position(mark.value)
            return "<line class=\"grid\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(frame.top)\" y2=\"\(frame.base)\"/>"
        }
        let kind: Markup = y.kind == .log ? "<text class=\"tick\" x=\"2\" y=\"10\">log scale</text>" : ""
        return uprights.joined() + frame.yAxis(.nanoseconds, ticks: 7) + paths.joined()
            + frame.xAxis(marks) + kind + hits
    }

    private func points(_ curve: PercentileCurve) -> [PlotFrame.Point] {
        let inner = curve.points.filter { $0.share < 1 }.map { (x: 1 / (1 - $0.share), y: Optional($0.value)) }
        guard curve.total > 0, (inner.last?.x ?? 0) < curve.total else { return inner }
        return inner + [(curve.total, curve.highest)]
    }

    static func percent(_ share: Double) -> String {
        // 0.9999 × 100 is not quite 99.99.
        FigureUnit.plain((share * 1e8).rounded() / 1e6) + "%"
    }

    static func label(_ share: Double) -> String {
        share == 0 ? "minimum" : share == 0.5 ? "median (50%)" : "\(percent(share)) are at or below"
    }

    private func table(_ lines: [Line]) -> DataTable {
        let longest = lines.map { curve($0).total }.max() ?? 0
        let rows = Self.shares.filter { longest * (1 - $0) >= 1 }.map { share in
            [Self.percent(share)]
                + lines.map { line in
                    curve(line).reaches(share) ? FigureUnit.nanoseconds.text(curve(line).value(at: share)) : Format.none
                }
        }
        return DataTable(
            columns: ["percentile"] + lines.map(\.name), rows: rows, caption: "Latency by percentile")
    }
}
