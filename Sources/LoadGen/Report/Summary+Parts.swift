import Foundation

extension Summary {
    /// The machine and the setup's programs, as far as they change what the figures mean.
    struct Environment: Codable, Sendable, Equatable {
        var cpu = ""
        var cores = 0
        var memoryBytes = 0
        var kernel = ""
        var commit = ""
        var build = ""
        var fdLimit = 0
        var store = ""
        var broker = ""
        var balancer = ""

        enum CodingKeys: String, CodingKey {
            case cpu, cores
            case memoryBytes = "memory_bytes"
            case kernel, commit, build
            case fdLimit = "fd_limit"
            case store, broker, balancer
        }
    }

    struct Clients: Codable, Sendable, Equatable {
        var target = 0
        var connected = 0
        var failed = 0
        var disconnected = 0
        var reconnected = 0
        /// Failed connection attempts by reason.
        var failures: [String: Int] = [:]

        enum CodingKeys: String, CodingKey {
            case target, connected, failed, disconnected, reconnected, failures
        }
    }

    /// Memberships that changed during the run.
    struct Churn: Codable, Sendable, Equatable {
        /// Asked to come into a room that is not one of the client's own.
        var stays = 0
        var joined = 0
        /// Over REST, by themselves.
        var left = 0
        /// Over REST, by the owner.
        var removed = 0
        /// Was out, asked to come in without the code, and was refused.
        var refused = 0

        static func + (a: Churn, b: Churn) -> Churn {
            Churn(
                stays: a.stays + b.stays, joined: a.joined + b.joined, left: a.left + b.left,
                removed: a.removed + b.removed, refused: a.refused + b.refused)
        }
    }

    /// Counts over the measured phases.
    struct Messages: Codable, Sendable, Equatable {
        /// Planned by the schedule.
        var offered = 0
        var sent = 0
        var acked = 0
        var persisted = 0
        var expectedDeliveries = 0
        var delivered = 0
        /// Missed on the socket, and found in the room's history after a reconnect that could not be recovered.
        var deliveredByHistory = 0
        /// Per second.
        var sendRate: Double = 0
        /// Per second.
        var deliveryRate: Double = 0
        /// The part of the deliveries whose sender was on another instance, 0 to 1.
        var crossInstanceShare: Double = 0
        /// `message_send` answered by an `error` event.
        var rejected = 0
        /// Planned and never sent, because no connection could take it.
        var unsent = 0

        enum CodingKeys: String, CodingKey {
            case offered, sent, acked, persisted
            case expectedDeliveries = "expected_deliveries"
            case delivered
            case deliveredByHistory = "delivered_by_history"
            case sendRate = "send_rate"
            case deliveryRate = "delivery_rate"
            case crossInstanceShare = "cross_instance_share"
            case rejected, unsent
        }
    }

    /// The promises, counted by how they were broken. All zero is what a correct server gives.
    struct Integrity: Codable, Sendable, Equatable {
        var lost = 0
        var duplicated = 0
        var outOfOrder = 0
        var unacked = 0
        var unexpected = 0
        var storeMissing = 0

        enum CodingKeys: String, CodingKey, CaseIterable {
            case lost, duplicated
            case outOfOrder = "out_of_order"
            case unacked, unexpected
            case storeMissing = "store_missing"
        }

        /// Every figure under its name in the file.
        var figures: [(name: String, value: Int)] {
            CodingKeys.allCases.map { key in
                switch key {
                case .lost: (key.rawValue, lost)
                case .duplicated: (key.rawValue, duplicated)
                case .outOfOrder: (key.rawValue, outOfOrder)
                case .unacked: (key.rawValue, unacked)
                case .unexpected: (key.rawValue, unexpected)
                case .storeMissing: (key.rawValue, storeMissing)
                }
            }
        }

        var isIntact: Bool { figures.allSatisfy { $0.value == 0 } }
    }
}

extension Summary.Clients {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        target = try container.decode(Int.self, forKey: .target)
        connected = try container.decode(Int.self, forKey: .connected)
        failed = try container.decode(Int.self, forKey: .failed)
        disconnected = try container.decode(Int.self, forKey: .disconnected)
        reconnected = try container.decode(Int.self, forKey: .reconnected)
        failures = try container.decodeIfPresent([String: Int].self, forKey: .failures) ?? [:]
    }
}

extension Summary.Messages {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        offered = try container.decode(Int.self, forKey: .offered)
        sent = try container.decode(Int.self, forKey: .sent)
        acked = try container.decode(Int.self, forKey: .acked)
        persisted = try container.decode(Int.self, forKey: .persisted)
        expectedDeliveries = try container.decode(Int.self, forKey: .expectedDeliveries)
        delivered = try container.decode(Int.self, forKey: .delivered)
        deliveredByHistory = try container.decodeIfPresent(Int.self, forKey: .deliveredByHistory) ?? 0
        sendRate = try container.decode(Double.self, forKey: .sendRate)
        deliveryRate = try container.decode(Double.self, forKey: .deliveryRate)
        crossInstanceShare = try container.decode(Double.self, forKey: .crossInstanceShare)
        rejected = try container.decodeIfPresent(Int.self, forKey: .rejected) ?? 0
        unsent = try container.decodeIfPresent(Int.self, forKey: .unsent) ?? 0
    }
}
