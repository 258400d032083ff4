import Foundation
import Yams

extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Parameter file: The file's name, for error messages only.
    /// - Throws: Everything that is wrong with the file, at once.
    static func parse(yaml: String, file: String) throws(ConfigurationErrors) -> Scenario {
        try read(YAMLDocument.compose(yaml: yaml, file: file), file: file)
    }

    static func read(_ node: Node, file: String) throws(ConfigurationErrors) -> Scenario {
        var reader = ScenarioReader(diagnostics: Diagnostics(file: file))
        let scenario = reader.read(node)
        try reader.diagnostics.check()
        guard let scenario else {
            throw ConfigurationErrors(errors: [ConfigurationError(file: file, message: "the scenario can't be read")])
        }
        return scenario
    }
}

/// Reads the scenario's fields. Rules between the fields that depend on a bad one are left out: they would only
/// repeat the first error in other words.
private struct ScenarioReader {
    static let keys = [
        "name", "description", "clients", "rooms", "payload_bytes", "auth", "phases", "thresholds", "drain", "trace",
        "verify",
    ]

    var diagnostics: Diagnostics

    mutating func read(_ node: Node) -> Scenario? {
        guard let mapping = MappingReader(node, place: "the scenario", keys: Self.keys, &diagnostics) else {
            return nil
        }
        let name = diagnostics.name(
            mapping.required("name", example: "name: my-scenario", &diagnostics),
            "name",
            allowingDots: true
        )
        let description = diagnostics.text(mapping.optional("description"), "description")
        let clients = diagnostics.integer(
            mapping.required("clients", example: "clients: 1000", &diagnostics),
            "clients",
            in: 1...Scenario.maximumClients
        )
        let roomsNode = mapping.required("rooms", example: "rooms: {count: 50, members: 20}", &diagnostics)
        let rooms = roomsNode.flatMap { readRooms($0, clients: clients) }
        let payloadBytes = diagnostics.bytes(
            mapping.optional("payload_bytes"),
            "payload_bytes",
            in: Scenario.minimumPayloadBytes...Scenario.maximumPayloadBytes,
            why: "the stamp that every message carries needs \(Scenario.minimumPayloadBytes)"
        )
        let auth = diagnostics.choice(mapping.optional("auth"), "auth", as: AuthMethod.self)
        let phases = readPhases(mapping, rooms: rooms)
        let thresholds = readThresholds(mapping.optional("thresholds"))
        let drain = diagnostics.duration(mapping.optional("drain"), "drain", in: .zero...(.seconds(600)))
        let trace = diagnostics.share(mapping.optional("trace"), "trace")

        let verify = diagnostics.boolean(mapping.optional("verify"), "verify")

        guard let name, let clients, let rooms, let phases else { return nil }
        var scenario = Scenario(name: name, clients: clients, rooms: rooms, phases: phases)
        scenario.description = description ?? scenario.description
        scenario.payloadBytes = payloadBytes ?? scenario.payloadBytes
        scenario.auth = auth ?? scenario.auth
        scenario.thresholds = thresholds.map(\.rule)
        scenario.thresholdLines = thresholds.map(\.line)
        scenario.drain = drain ?? scenario.drain
        scenario.traceShare = trace ?? scenario.traceShare
        scenario.isVerified = verify ?? scenario.isVerified
        return scenario
    }

    private mutating func readRooms(_ node: Node, clients: Int?) -> RoomsSpec? {
        guard let rooms = RoomsSpec.read(node, &diagnostics) else { return nil }
        if let clients, let problem = rooms.problem(forClients: clients) {
            diagnostics.report(problem.message, hint: problem.hint, at: node)
        }
        return rooms
    }

    private mutating func readPhases(_ mapping: MappingReader, rooms: RoomsSpec?) -> [Phase]? {
        let example = "phases: [{name: connect, connect_rate: 500/s}, {name: steady, duration: 20s, rate: 500/s, …}]"
        guard let node = mapping.required("phases", example: example, &diagnostics) else { return nil }
        guard let sequence = node.sequence else {
            diagnostics.report("'phases' is \(node.kind), not a list", hint: "start each phase with '- '", at: node)
            return nil
        }
        let drafts = sequence.map { PhaseDraft($0, &diagnostics) }
        PhaseDraft.checkTogether(drafts, at: node, &diagnostics)
        if let rooms, rooms.count == 0, let sender = drafts.first(where: { ($0.rate ?? 0) > 0 }) {
            let hint = "set rate to 0, or add rooms"
            diagnostics.report("there are no rooms to send to", hint: hint, at: sender.rateNode)
        }
        let phases = drafts.compactMap(\.phase)
        return phases.count == drafts.count ? phases : nil
    }

    private mutating func readThresholds(_ node: Node?) -> [(rule: String, line: Int)] {
        guard let node else { return [] }
        guard let sequence = node.sequence else {
            let hint = "write [\"ack.p99 < 100ms\"]"
            diagnostics.report("'thresholds' is \(node.kind), not a list", hint: hint, at: node)
            return []
        }
        return sequence.compactMap { rule in
            diagnostics.text(rule, "thresholds").map { ($0, rule.mark?.line ?? 1) }
        }
    }
}
