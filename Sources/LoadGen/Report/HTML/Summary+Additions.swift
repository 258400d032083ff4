import ChatMetrics
import Foundation

extension Summary {
    /// Deliveries between two instances, over the measured phases: from the sender's to the receiver's.
    struct Flow: Codable, Sendable, Equatable {
        var from = ""
        var to = ""
        var deliveries = 0
    }

    /// A fault that the run put in; times count from the start of the run.
    struct InjectedFault: Codable, Sendable, Equatable {
        var name = ""
        /// What was done, as `kill`.
        var kind = ""
        /// To which process, as `redis`.
        var part = ""
        var startS: Double = 0
        /// Nil for what has no length, or did not end before the run.
        var endS: Double?

        enum CodingKeys: String, CodingKey {
            case name, kind, part
            case startS = "start_s"
            case endS = "end_s"
        }
    }

    /// A process of the setup that is no chat server: store, broker, balancer.
    struct Part: Codable, Sendable, Equatable {
        var name = ""
        var kind = ""
        var cpuSeconds: Double = 0
        var rssBytes = 0

        enum CodingKeys: String, CodingKey {
            case name, kind
            case cpuSeconds = "cpu_seconds"
            case rssBytes = "rss_bytes"
        }
    }

    /// Clients that lost their connection: how many, and how long from the loss until each was ready again.
    struct Reconnect: Codable, Sendable, Equatable {
        var clients = 0
        var ready = LatencySummary()

        enum CodingKeys: String, CodingKey {
            case clients
            case ready = "ready_ns"
        }
    }

    /// The optional parts of `summary.json` that `Summary` itself does not hold. A file without them has none.
    struct Additions: Decodable, Sendable, Equatable {
        var flows: [Flow] = []
        var faults: [InjectedFault] = []
        var parts: [Part] = []
        var reconnect: Reconnect?

        enum CodingKeys: String, CodingKey {
            case flows, faults, parts, reconnect
        }
    }
}

extension Summary.Additions {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        flows = try container.decodeIfPresent([Summary.Flow].self, forKey: .flows) ?? []
        faults = try container.decodeIfPresent([Summary.InjectedFault].self, forKey: .faults) ?? []
        parts = try container.decodeIfPresent([Summary.Part].self, forKey: .parts) ?? []
        reconnect = try container.decodeIfPresent(Summary.Reconnect.self, forKey: .reconnect)
    }
}
