import ChatMetrics
import Foundation

extension Summary {
    /// What the load generator itself cost, and whether it kept up with its own schedule.
    struct Generator: Codable, Sendable, Equatable {
        /// How late events left, counted from their planned instants.
        var lag = LatencySummary()
        var cpuSeconds: Double = 0
        var rssBytes = 0
        var bytesPerClient = 0
        /// The generator was the bottleneck: the figures measure it, not the server.
        var void = false
        var voidReason: String?

        enum CodingKeys: String, CodingKey {
            case lag = "lag_ns"
            case cpuSeconds = "cpu_seconds"
            case rssBytes = "rss_bytes"
            case bytesPerClient = "bytes_per_client"
            case void
            case voidReason = "void_reason"
        }

        /// Written by hand for one reason: `void_reason` is there as null when there is none.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(lag, forKey: .lag)
            try container.encode(cpuSeconds, forKey: .cpuSeconds)
            try container.encode(rssBytes, forKey: .rssBytes)
            try container.encode(bytesPerClient, forKey: .bytesPerClient)
            try container.encode(void, forKey: .void)
            try container.encode(voidReason, forKey: .voidReason)
        }
    }

    struct Server: Codable, Sendable, Equatable {
        var instance = ""
        var connectionsMax = 0
        var cpuSeconds: Double = 0
        var rssBytes = 0
        var deliveries = 0
        /// Messages that it gave to the broker, and those that the broker gave to it, its own among them.
        var published = 0
        var brokerReceived = 0
        /// Rooms with a member on it, at most.
        var roomsMax = 0
        /// Joins that asked for what was missed, and the messages that were replayed to them.
        var recoveries = 0
        var replayed = 0

        enum CodingKeys: String, CodingKey {
            case instance
            case connectionsMax = "connections_max"
            case cpuSeconds = "cpu_seconds"
            case rssBytes = "rss_bytes"
            case deliveries, published
            case brokerReceived = "broker_received"
            case roomsMax = "rooms_max"
            case recoveries, replayed
        }
    }

    /// A phase as it was played; times count from the start of the run.
    struct Phase: Codable, Sendable, Equatable {
        var name = ""
        var startS: Double = 0
        var durationS: Double = 0
        /// Planned messages per second.
        var rate: Double = 0
        var measure = false

        enum CodingKeys: String, CodingKey {
            case name
            case startS = "start_s"
            case durationS = "duration_s"
            case rate, measure
        }
    }

    /// What became of one threshold. `value` is in nanoseconds for latencies, 0 to 1 for shares.
    struct ThresholdResult: Codable, Sendable, Equatable {
        var rule = ""
        var value: Double = 0
        var pass = false
        /// Why it failed, when the value alone does not say so.
        var note: String?
    }
}

extension Summary.Server {
    /// Only the contract's keys must be there.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        instance = try container.decode(String.self, forKey: .instance)
        connectionsMax = try container.decode(Int.self, forKey: .connectionsMax)
        cpuSeconds = try container.decode(Double.self, forKey: .cpuSeconds)
        rssBytes = try container.decode(Int.self, forKey: .rssBytes)
        deliveries = try container.decode(Int.self, forKey: .deliveries)
        published = try container.decodeIfPresent(Int.self, forKey: .published) ?? 0
        brokerReceived = try container.decodeIfPresent(Int.self, forKey: .brokerReceived) ?? 0
        roomsMax = try container.decodeIfPresent(Int.self, forKey: .roomsMax) ?? 0
        recoveries = try container.decodeIfPresent(Int.self, forKey: .recoveries) ?? 0
        replayed = try container.decodeIfPresent(Int.self, forKey: .replayed) ?? 0
    }
}
