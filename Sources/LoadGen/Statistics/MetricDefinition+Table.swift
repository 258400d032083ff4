import ChatMetrics

extension MetricDefinition {
    /// Everything that is compared, but for the setups' parts, whose names no table knows. The latencies first: they
    /// are what a user of a chat feels.
    static let table: [MetricDefinition] =
        latencies(.deliver, "deliver") + latencies(.ack, "ack") + latencies(.lastReceiver, "last receiver")
        + [
            .init(name: "messages.delivery_rate", label: "deliveries", unit: .perSecond, better: .higher) {
                $0.messages.deliveryRate
            },
            .init(
                name: "messages.cross_instance_share", label: "across instances", unit: .ratio, better: .neutral,
                isShare: true
            ) { $0.messages.delivered > 0 ? $0.messages.crossInstanceShare : nil },
            .init(name: "broker.messages_per_publish", label: "broker messages each", unit: .count, better: .neutral) {
                ratio($0.servers.map(\.brokerReceived), $0.servers.map(\.published))
            },
            .init(name: "rooms.per_instance", label: "rooms an instance", unit: .count, better: .neutral) {
                Descriptive.mean($0.servers.filter { $0.roomsMax > 0 }.map { Double($0.roomsMax) })
            },
            .init(
                name: "connections.max_over_mean", label: "fullest instance/mean", unit: .ratio, better: .lower,
                words: .quality
            ) { imbalance($0.servers) },
            .init(name: "servers.cpu_seconds", label: "servers' cpu", unit: .seconds, better: .lower, words: .cost) {
                sum($0.servers.map(\.cpuSeconds))
            },
            .init(name: "servers.rss_bytes", label: "servers' memory", unit: .bytes, better: .lower, words: .cost) {
                sum($0.servers.map { Double($0.rssBytes) })
            },
            .init(name: "reconnect.seconds", label: "all back after", unit: .seconds, better: .lower) {
                ifReconnected($0, Double($0.latency[.reconnect].max) / 1e9)
            },
            .init(name: "reconnect.recovered", label: "recovered joins", unit: .count, better: .neutral) {
                ifReconnected($0, Double($0.servers.reduce(0) { $0 + $1.recoveries }))
            },
            .init(name: "reconnect.replayed", label: "replayed messages", unit: .count, better: .neutral) {
                ifReconnected($0, Double($0.servers.reduce(0) { $0 + $1.replayed }))
            },
            .init(
                name: "reconnect.store_reads_peak", label: "peak of store reads", unit: .perSecond, better: .lower,
                words: .cost
            ) { ifReconnected($0, $0.recoveriesPeak) },
        ]

    private static let byName = Dictionary(table.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The definition of that name. `parts.NAME.cpu_seconds` and `parts.NAME.rss_bytes` exist for any part of a setup
    /// (`postgres`, `redis`, `haproxy`, or an instance); nil for what nobody knows.
    static func named(_ name: String) -> MetricDefinition? {
        if let known = byName[name] { return known }
        let words = name.split(separator: ".")
        guard words.count > 2, words.first == "parts" else { return nil }
        let part = words[1..<words.count - 1].joined(separator: ".")
        switch words.last {
        case "cpu_seconds":
            return .init(name: name, label: "\(part) cpu", unit: .seconds, better: .lower, words: .cost)
        case "rss_bytes":
            return .init(name: name, label: "\(part) memory", unit: .bytes, better: .lower, words: .cost)
        default: return nil
        }
    }

    private static func latencies(_ series: Summary.Series, _ label: String) -> [MetricDefinition] {
        let statistics: [(name: String, title: String, read: @Sendable (LatencySummary) -> Int64)] = [
            ("p50", "p50", { $0.p50 }), ("p99", "p99", { $0.p99 }), ("p999", "p99.9", { $0.p999 }),
        ]
        return statistics.map { statistic in
            MetricDefinition(
                name: "\(series.rawValue).\(statistic.name)", label: "\(label) \(statistic.title)",
                unit: .nanoseconds, better: .lower
            ) { summary in
                let latency = summary.latency[series]
                return latency.count > 0 ? Double(statistic.read(latency)) : nil
            }
        }
    }

    private static func ratio(_ a: [Int], _ b: [Int]) -> Double? {
        let whole = b.reduce(0, +)
        return whole > 0 ? Double(a.reduce(0, +)) / Double(whole) : nil
    }

    private static func ifReconnected(_ summary: Summary, _ value: Double) -> Double? {
        summary.latency[.reconnect].count > 0 ? value : nil
    }

    private static func sum(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +)
    }

    /// Connections of the fullest instance over the mean of all; 1 is even. Nil for fewer than two instances.
    private static func imbalance(_ servers: [Summary.Server]) -> Double? {
        let connections = servers.map { Double($0.connectionsMax) }
        guard connections.count > 1, let mean = Descriptive.mean(connections), mean > 0 else { return nil }
        return (connections.max() ?? 0) / mean
    }
}
