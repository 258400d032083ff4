/// What the servers said of themselves and what the generator did, on the same time axis as the latency.
struct ServerPanels: Sendable {
    let record: RunRecord
    let axis: TimeAxis

    /// With more instances than this, their lines can't be told apart: one line then shows all of them together.
    private static let instanceLimit = 6

    var figures: [ChartFigure] { panels.compactMap(\.figure) }

    private var panels: [TimePanel] {
        [
            panel(
                "rate", "Messages", .perSecond("messages"),
                [
                    line("offered", \.offered), line("sent", \.sent), line("acked", \.acked),
                ]),
            panel("deliveries", "Deliveries", .perSecond("deliveries"), [line("delivered", \.delivered)]),
            panel(
                "server-deliveries", "Deliveries, as the servers count them", .perSecond("deliveries"),
                instances { record.readings.rate(\.deliveries, of: $0) }),
            panel(
                "persisted", "Messages stored", .perSecond("messages"),
                instances { record.readings.rate(\.persisted, of: $0) }),
            panel("cpu", "Servers' processor time", .cores, instances { record.readings.rate(\.cpuSeconds, of: $0) }),
            panel(
                "memory", "Servers' resident memory", .bytes,
                instances { record.readings.gauge(\.residentBytes, of: $0) }),
            panel(
                "connections", "Open connections", .count("connections"),
                [line("all clients", \.connections)]
                    + instances { record.readings.gauge(\.connections, of: $0) }),
            panel(
                "reconnects", "Connections lost and clients back", .perSecond(""),
                [line("lost", \.disconnected), line("back", \.reconnected)].filter(Self.isEventful)),
            panel(
                "lag", "Generator's lag behind its own schedule", .nanoseconds,
                [line("largest of the second", \.generatorLag)]),
        ]
    }

    private func panel(_ id: String, _ title: String, _ unit: FigureUnit, _ series: [TimePanel.Series]) -> TimePanel {
        TimePanel(id: "panel-\(id)", title: title, unit: unit, series: series, axis: axis)
    }

    private func line(_ name: String, _ path: KeyPath<TimelinePoint, Double?>) -> TimePanel.Series {
        .init(name: name, points: record.timeline.map { ($0.second + 0.5, $0[keyPath: path]) })
    }

    private static func isEventful(_ series: TimePanel.Series) -> Bool {
        series.points.contains { ($0.y ?? 0) > 0 }
    }

    private func instances(_ points: (String) -> [PlotFrame.Point]) -> [TimePanel.Series] {
        let names = record.readings.instances
        if names.count <= Self.instanceLimit {
            return names.map { TimePanel.Series(name: Format.printable($0), points: points($0)) }
        }
        var sums: [Double: Double] = [:]
        for name in names {
            for point in points(name) { sums[(point.x * 10).rounded() / 10, default: 0] += point.y ?? 0 }
        }
        let total = sums.sorted { $0.key < $1.key }.map { (x: $0.key, y: Optional($0.value)) }
        return [.init(name: "all \(names.count) instances", points: total)]
    }
}
