import ChatMetrics
import Foundation

/// What kind of value a metric has, and which units a rule may give for it.
enum ThresholdUnit: Sendable, Equatable {
    case latency, count, rate, share, seconds, bytes

    /// Suffix to factor; the empty suffix is there when a bare number will do. Both micro signs are understood.
    var scales: [String: Double] {
        switch self {
        case .latency: ["ns": 1, "us": 1e3, "\u{B5}s": 1e3, "\u{3BC}s": 1e3, "ms": 1e6, "s": 1e9]
        case .count: ["": 1]
        case .rate: ["": 1, "/s": 1]
        case .share: ["%": 0.01]
        case .seconds: ["": 1, "s": 1, "ms": 1e-3]
        case .bytes:
            [
                "": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1_024, "MiB": 1_048_576, "GiB": 1_073_741_824,
            ]
        }
    }

    /// How a right value looks.
    var expectation: String {
        switch self {
        case .latency: "a number with a unit: ns, us, µs, ms or s, as in 250ms"
        case .count: "a whole number, as in 0"
        case .rate: "a number a second, as in 500 or 500/s"
        case .share: "a percentage, as in 50%"
        case .seconds: "a number of seconds, as in 1.5 or 1.5s"
        case .bytes: "a size, as in 65536, 64KiB or 1.5MB"
        }
    }

    func format(_ value: Double) -> String {
        switch self {
        case .latency: Format.seconds(value / 1e9)
        case .count: Format.number(value)
        case .rate: Format.rate(value)
        case .share: Format.percent(value)
        case .seconds: Format.seconds(value)
        case .bytes: value.magnitude < 9e18 ? Format.bytes(Int(value)) : Format.none
        }
    }
}

/// A figure of a summary that a rule can name.
struct ThresholdMetric: Sendable {
    let name: String
    let unit: ThresholdUnit
    /// Nil when the run has no such figure: a latency series without samples.
    let read: @Sendable (Summary) -> Double?

    /// The name without the statistic: `deliver` of `deliver.p99`.
    var subject: String {
        name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }

    private enum Statistic: String, CaseIterable {
        case min, mean, p50, p90, p99, p999, p9999, max, count

        func value(_ summary: LatencySummary) -> Double {
            switch self {
            case .min: Double(summary.min)
            case .mean: Double(summary.mean)
            case .p50: Double(summary.p50)
            case .p90: Double(summary.p90)
            case .p99: Double(summary.p99)
            case .p999: Double(summary.p999)
            case .p9999: Double(summary.p9999)
            case .max: Double(summary.max)
            case .count: Double(summary.count)
            }
        }
    }

    private static func latency(
        _ subject: String, _ read: @escaping @Sendable (Summary) -> LatencySummary
    ) -> [ThresholdMetric] {
        Statistic.allCases.map { statistic in
            ThresholdMetric(name: "\(subject).\(statistic)", unit: statistic == .count ? .count : .latency) { summary in
                let series = read(summary)
                return series.count == 0 && statistic != .count ? nil : statistic.value(series)
            }
        }
    }

    private static func count(_ name: String, _ read: @escaping @Sendable (Summary) -> Int) -> ThresholdMetric {
        ThresholdMetric(name: name, unit: .count) { Double(read($0)) }
    }

    static let all: [ThresholdMetric] =
        Summary.Series.allCases.flatMap { series in latency(series.rawValue) { $0.latency[series] } }
        + latency("generator.lag") { $0.generator.lag }
        + Summary.Integrity.CodingKeys.allCases.map { key in
            count("integrity.\(key.rawValue)") { $0.integrity.figures.first { $0.name == key.rawValue }?.value ?? 0 }
        }
        + [
            count("messages.offered") { $0.messages.offered },
            count("messages.sent") { $0.messages.sent },
            count("messages.acked") { $0.messages.acked },
            count("messages.persisted") { $0.messages.persisted },
            count("messages.expected_deliveries") { $0.messages.expectedDeliveries },
            count("messages.delivered") { $0.messages.delivered },
            count("messages.rejected") { $0.messages.rejected },
            count("messages.unsent") { $0.messages.unsent },
            .init(name: "messages.send_rate", unit: .rate) { $0.messages.sendRate },
            .init(name: "messages.delivery_rate", unit: .rate) { $0.messages.deliveryRate },
            .init(name: "messages.cross_instance_share", unit: .share) { $0.messages.crossInstanceShare },
            count("clients.target") { $0.clients.target },
            count("clients.connected") { $0.clients.connected },
            count("clients.failed") { $0.clients.failed },
            count("clients.disconnected") { $0.clients.disconnected },
            count("clients.reconnected") { $0.clients.reconnected },
            count("errors.total") { $0.errors.values.reduce(0, +) },
            .init(name: "generator.cpu_seconds", unit: .seconds) { $0.generator.cpuSeconds },
            .init(name: "generator.rss_bytes", unit: .bytes) { Double($0.generator.rssBytes) },
            .init(name: "generator.bytes_per_client", unit: .bytes) { Double($0.generator.bytesPerClient) },
            .init(name: "servers.cpu_seconds", unit: .seconds) { $0.servers.map(\.cpuSeconds).reduce(0, +) },
            .init(name: "servers.rss_bytes", unit: .bytes) { Double($0.servers.map(\.rssBytes).reduce(0, +)) },
        ]

    private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The metric of that name; `p99.9` is another spelling of `p999`, `p99.99` of `p9999`.
    static func named(_ name: String) -> ThresholdMetric? {
        for (spelling, statistic) in [(".p99.99", ".p9999"), (".p99.9", ".p999")] where name.hasSuffix(spelling) {
            return byName[name.dropLast(spelling.count) + statistic]
        }
        return byName[name]
    }
}
