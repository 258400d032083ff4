import Foundation

/// How a cost grows: one panel for each figure, sizes on a logarithmic axis, the floor as a dashed line.
enum Plot {
    private static let panel = (width: 420.0, height: 300.0)
    private static let inset = (left: 64.0, right: 20.0, top: 48.0, bottom: 48.0)

    static func svg(_ figures: [FigureResult]) -> String {
        let width = panel.width * Double(figures.count)
        let panels = figures.enumerated().map { index, figure in
            "<g transform=\"translate(\(Int(panel.width) * index) 0)\">\n\(draw(figure))</g>"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(panel.height))" role="img" \
            font-family="system-ui, sans-serif" font-size="12">
            <title>Deliveries for a second of the server's CPU</title>
            <style>
            :root { color-scheme: light dark; --back: #ffffff; --ink: #1f2328; --faint: #d0d7de; --value: #0969da; \
            --floor: #6e7781 }
            @media (prefers-color-scheme: dark) { :root { --back: #0d1117; --ink: #e6edf3; --faint: #30363d; \
            --value: #58a6ff; --floor: #9198a1 } }
            text { fill: var(--ink) } .grid { stroke: var(--faint) } .back { fill: var(--back) }
            .value { stroke: var(--value); fill: none; stroke-width: 2 } .dot { fill: var(--value) }
            .floor { stroke: var(--floor); fill: none; stroke-width: 2; stroke-dasharray: 5 4 } .hole { fill: var(--floor) }
            </style>
            <rect class="back" width="100%" height="100%"/>
            \(panels.joined(separator: "\n"))
            </svg>

            """
    }

    /// The smallest of 1, 2, 2.5 and 5 times a power of ten that is no less than this.
    private static func roundStep(_ least: Double) -> Double {
        let power = pow(10, floor(log10(least)))
        return [1, 2, 2.5, 5].map { $0 * power }.first { $0 >= least } ?? 10 * power
    }

    private static func draw(_ figure: FigureResult) -> String {
        let points = figure.series
        let step = roundStep(points.flatMap { [$0.value, $0.floor ?? 0] }.reduce(1, max) / 4)
        let top = step * 4
        let low = log10(points.map(\.x).reduce(.infinity, min))
        let span = max(0.1, log10(points.map(\.x).reduce(0, max)) - low)
        func place(_ x: Double, _ y: Double) -> (x: String, y: String) {
            let right = (log10(x) - low) / span * (panel.width - inset.left - inset.right)
            let down = (1 - y / top) * (panel.height - inset.top - inset.bottom)
            return (String(format: "%.1f", inset.left + right), String(format: "%.1f", inset.top + down))
        }
        func line(_ style: String, _ values: [(Double, Double)]) -> String {
            let corners = values.map { place($0.0, $0.1) }.map { "\($0.x),\($0.y)" }.joined(separator: " ")
            return "<polyline class=\"\(style)\" points=\"\(corners)\"/>\n"
        }
        func dots(_ style: String, _ values: [(Double, Double)], _ name: String) -> String {
            values.map { x, y in
                let at = place(x, y)
                return "<circle class=\"\(style)\" cx=\"\(at.x)\" cy=\"\(at.y)\" r=\"4\"><title>\(name), "
                    + "\(x.compact): \(y.compact)</title></circle>\n"
            }.joined()
        }
        var text = "<text x=\"\(Int(inset.left))\" y=\"18\" font-weight=\"600\">\(figure.name)</text>\n"
        text +=
            "<text x=\"\(Int(inset.left))\" y=\"34\">deliveries/server CPU s; dashed: \(figure.floor?.what ?? "")</text>\n"
        for value in stride(from: 0, through: top, by: step) {
            let at = place(points.first?.x ?? 1, value)
            text += "<line class=\"grid\" x1=\"\(Int(inset.left))\" x2=\"\(Int(panel.width - inset.right))\" "
            text += "y1=\"\(at.y)\" y2=\"\(at.y)\"/>\n<text x=\"\(Int(inset.left) - 6)\" y=\"\(at.y)\" "
            text += "text-anchor=\"end\" dominant-baseline=\"middle\">\(value.compact)</text>\n"
        }
        for point in points {
            text += "<text x=\"\(place(point.x, 0).x)\" y=\"\(Int(panel.height) - 24)\" text-anchor=\"middle\">"
            text += "\(point.x.compact)</text>\n"
        }
        let values = points.map { ($0.x, $0.value) }
        let floors = points.compactMap { point in point.floor.map { (point.x, $0) } }
        text += line("floor", floors) + dots("hole", floors, "floor")
        text += line("value", values) + dots("dot", values, "ChatServer")
        return text
    }
}
