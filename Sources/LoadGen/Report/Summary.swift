import ChatMetrics
import Foundation

/// A run's result: what `summary.json` holds, and all that the reports, thresholds and comparisons read.
///
/// Every part has defaults, so that a run fills it step by step. The verdict is no stored part: it follows from the
/// facts, so the two can't disagree.
struct Summary: Codable, Sendable, Equatable {
    /// The version of the shape that this program writes and reads.
    static let currentSchema = 1
    /// How many violations are described in words; beyond the first few they only repeat each other.
    static let integrityDetailLimit = 20

    var schema = Summary.currentSchema
    var scenario = ""
    var setup = ""
    var seed: UInt64 = 0
    /// RFC 3339 with microseconds; `Format.timestamp` makes one.
    var startedAt = ""
    /// Length of the measured phases, in seconds.
    var durationS: Double = 0
    var environment = Environment()
    var clients = Clients()
    /// Nil if no phase changed memberships.
    var churn: Churn?
    var messages = Messages()
    var integrity = Integrity()
    var latency = Latencies()
    var generator = Generator()
    var servers: [Server] = []
    var flows: [Flow] = []
    var parts: [Part] = []
    /// The most joins a second that asked for what was missed: the peak of what reconnects make the store read.
    var recoveriesPeak: Double = 0
    var phases: [Phase] = []
    var injectedFaults: [InjectedFault] = []
    /// `error` events from the server, counted by code.
    var errors: [String: Int] = [:]
    /// The first violations in words; see `integrityDetailLimit`.
    var integrityDetail: [String] = []
    /// Figures of `integrity` that were not looked into, or not to their end: that they are 0 proves nothing.
    var unproved: [String] = []
    var interrupted = false
    /// Why the run could not be carried through; nil when it was.
    var failure: String?
    var thresholds: [ThresholdResult] = []
}

extension Summary {
    /// In the order in which the file shows them: the verdict last, where `tail` finds it.
    enum CodingKeys: String, CodingKey {
        case schema, scenario, setup, seed
        case startedAt = "started_at"
        case durationS = "duration_s"
        case environment, clients, churn, messages, integrity
        case latency = "latency_ns"
        case generator, servers, flows, parts
        case recoveriesPeak = "recoveries_peak"
        case phases
        case injectedFaults = "faults"
        case errors
        case integrityDetail = "integrity_detail"
        case unproved
        case interrupted, failure, thresholds, verdict
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(scenario, forKey: .scenario)
        try container.encode(setup, forKey: .setup)
        try container.encode(seed, forKey: .seed)
        try container.encode(startedAt, forKey: .startedAt)
        try container.encode(durationS, forKey: .durationS)
        try container.encode(environment, forKey: .environment)
        try container.encode(clients, forKey: .clients)
        try container.encodeIfPresent(churn, forKey: .churn)
        try container.encode(messages, forKey: .messages)
        try container.encode(integrity, forKey: .integrity)
        try container.encode(latency, forKey: .latency)
        try container.encode(generator, forKey: .generator)
        try container.encode(servers, forKey: .servers)
        try container.encode(flows, forKey: .flows)
        try container.encode(parts, forKey: .parts)
        try container.encode(recoveriesPeak, forKey: .recoveriesPeak)
        try container.encode(phases, forKey: .phases)
        try container.encode(injectedFaults, forKey: .injectedFaults)
        try container.encode(errors, forKey: .errors)
        try container.encode(Array(integrityDetail.prefix(Self.integrityDetailLimit)), forKey: .integrityDetail)
        if !unproved.isEmpty { try container.encode(unproved, forKey: .unproved) }
        try container.encode(interrupted, forKey: .interrupted)
        try container.encodeIfPresent(failure, forKey: .failure)
        try container.encode(thresholds, forKey: .thresholds)
        try container.encode(verdict, forKey: .verdict)
    }

    /// The extensions may be missing: a file with nothing but the contract's keys is a summary, too.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(Int.self, forKey: .schema)
        scenario = try container.decode(String.self, forKey: .scenario)
        setup = try container.decode(String.self, forKey: .setup)
        seed = try container.decode(UInt64.self, forKey: .seed)
        startedAt = try container.decode(String.self, forKey: .startedAt)
        durationS = try container.decode(Double.self, forKey: .durationS)
        environment = try container.decode(Environment.self, forKey: .environment)
        clients = try container.decode(Clients.self, forKey: .clients)
        churn = try container.decodeIfPresent(Churn.self, forKey: .churn)
        messages = try container.decode(Messages.self, forKey: .messages)
        integrity = try container.decode(Integrity.self, forKey: .integrity)
        latency = try container.decode(Latencies.self, forKey: .latency)
        generator = try container.decode(Generator.self, forKey: .generator)
        servers = try container.decode([Server].self, forKey: .servers)
        flows = try container.decodeIfPresent([Flow].self, forKey: .flows) ?? []
        parts = try container.decodeIfPresent([Part].self, forKey: .parts) ?? []
        recoveriesPeak = try container.decodeIfPresent(Double.self, forKey: .recoveriesPeak) ?? 0
        phases = try container.decodeIfPresent([Phase].self, forKey: .phases) ?? []
        injectedFaults = try container.decodeIfPresent([InjectedFault].self, forKey: .injectedFaults) ?? []
        errors = try container.decodeIfPresent([String: Int].self, forKey: .errors) ?? [:]
        integrityDetail = try container.decodeIfPresent([String].self, forKey: .integrityDetail) ?? []
        unproved = try container.decodeIfPresent([String].self, forKey: .unproved) ?? []
        interrupted = try container.decodeIfPresent(Bool.self, forKey: .interrupted) ?? false
        failure = try container.decodeIfPresent(String.self, forKey: .failure)
        thresholds = try container.decode([ThresholdResult].self, forKey: .thresholds)
    }
}
