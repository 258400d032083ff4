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
        /// When it was mended and answered again; nil for what has no length, or did not end before the run.
        var endS: Double?

        enum CodingKeys: String, CodingKey {
            case name, kind, part
            case startS = "start_s"
            case endS = "end_s"
        }
    }

    /// A process of the setup that is no chat server, over the measured phases: store, broker, balancer.
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
}
