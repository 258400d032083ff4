import Foundation
import Yams

/// A phase as far as it could be read. It keeps what the rules between phases need even if the phase itself is bad,
/// so that one slip does not hide, or bring along, other errors.
struct PhaseDraft {
    static let keys = [
        "name", "connect_rate", "duration", "rate", "in_flight", "measure", "kill", "pause", "restart", "reconnect",
        "slow_readers", "churn",
    ]
    /// What keeps clients from hearing at once that they are out.
    private static let disturbers = Fault.Action.allCases.map(\.rawValue) + ["slow_readers"]
    static let inFlight = 1...100_000
    static let durations: ClosedRange<Duration> = .milliseconds(1)...(.seconds(86_400))

    let node: Node
    let name: String?
    let nameNode: Node?
    let connects: Bool
    let isMeasured: Bool
    let rate: Double?
    let rateNode: Node?
    let inFlightNode: Node?
    /// `nil` if anything is wrong with this phase on its own.
    let phase: Phase?

    init(_ node: Node, _ diagnostics: inout Diagnostics) {
        self.node = node
        guard let mapping = MappingReader(node, place: "a phase", keys: Self.keys, &diagnostics) else {
            (name, nameNode, connects, isMeasured, phase) = (nil, nil, false, false, nil)
            (rate, rateNode, inFlightNode) = (nil, nil, nil)
            return
        }
        nameNode = mapping.required("name", example: "name: steady", &diagnostics)
        name = diagnostics.name(nameNode, "name", allowingDots: false)
        connects = mapping.has("connect_rate")
        rateNode = mapping.optional("rate")
        rate = diagnostics.rate(rateNode, "rate", in: 0...1_000_000)
        let connectRate = diagnostics.rate(mapping.optional("connect_rate"), "connect_rate", in: 0.1...100_000)
        let duration = diagnostics.duration(mapping.optional("duration"), "duration", in: Self.durations)
        let measure = diagnostics.boolean(mapping.optional("measure"), "measure")
        isMeasured = measure ?? mapping.has("measure")
        inFlightNode = mapping.optional("in_flight")
        let inFlight = diagnostics.integer(inFlightNode, "in_flight", in: Self.inFlight)
        if let rateNode, inFlightNode != nil {
            let hint = "give rate for an open loop, in_flight for a closed one"
            diagnostics.report("a phase can't have both rate and in_flight", hint: hint, at: rateNode)
        }
        let fault = Fault.read(mapping, &diagnostics)
        let reconnectShare = Self.readShare("reconnect", of: mapping, &diagnostics)
        let churnRate = diagnostics.rate(mapping.optional("churn"), "churn", in: 0.1...10_000)
        let slowReaderShare = Self.readShare("slow_readers", of: mapping, &diagnostics)

        if let node = mapping.optional("churn"), let other = Self.disturbers.first(where: mapping.has) {
            let hint = "make a phase for each: whoever is removed may be told later than within a second then"
            diagnostics.report("a phase can't have both churn and \(other)", hint: hint, at: node)
        }
        if connects {
            Self.checkConnectPhase(mapping, rate: rate, measure: measure, &diagnostics)
        } else if !mapping.has("duration") {
            let title = name.map { "phase '\($0)'" } ?? "a phase"
            diagnostics.report("\(title) has no 'duration'", hint: "add duration: 20s", at: node)
        }
        guard let name, connectRate != nil || duration != nil else {
            phase = nil
            return
        }
        phase = Phase(
            name: name,
            connectRate: connectRate,
            duration: duration,
            rate: rate ?? 0,
            inFlight: inFlight,
            measure: measure ?? false,
            fault: fault,
            reconnectShare: reconnectShare,
            slowReaderShare: slowReaderShare,
            churnRate: churnRate
        )
    }

    /// `{share: 50%}`, or `50%` alone.
    private static func readShare(
        _ key: String, of phase: MappingReader, _ diagnostics: inout Diagnostics
    ) -> Double? {
        guard let node = phase.optional(key) else { return nil }
        guard node.mapping != nil else { return diagnostics.share(node, key) }
        guard let mapping = MappingReader(node, place: "'\(key)'", keys: ["share"], &diagnostics) else { return nil }
        return diagnostics.share(mapping.required("share", example: "share: 50%", &diagnostics), "share")
    }

    private static func checkConnectPhase(
        _ mapping: MappingReader,
        rate: Double?,
        measure: Bool?,
        _ diagnostics: inout Diagnostics
    ) {
        if let node = mapping.optional("duration") {
            let hint = "leave duration out: the phase ends when all clients are connected"
            diagnostics.report("a phase can't have both connect_rate and duration", hint: hint, at: node)
        }
        if let node = mapping.optional("rate"), rate != 0 {
            let hint = "send in the phase after it, when everybody is there to receive"
            diagnostics.report("a phase can't have both connect_rate and rate", hint: hint, at: node)
        }
        for key in Fault.Action.allCases.map(\.rawValue) + ["reconnect", "slow_readers", "churn", "in_flight"] {
            guard let node = mapping.optional(key) else { continue }
            let hint = "do that in the phase after it, when everybody is there"
            diagnostics.report("a phase can't have both connect_rate and \(key)", hint: hint, at: node)
        }
        if let node = mapping.optional("measure"), measure == true {
            let hint = "leave measure out: the time to connect is always recorded"
            diagnostics.report("a connect phase can't be measured", hint: hint, at: node)
        }
    }

    /// The rules between the phases of one scenario.
    static func checkTogether(_ drafts: [PhaseDraft], at node: Node, _ diagnostics: inout Diagnostics) {
        let connects = drafts.filter(\.connects)
        if connects.isEmpty {
            let hint = "start with {name: connect, connect_rate: 500/s}"
            diagnostics.report("no phase connects the clients", hint: hint, at: node)
        } else if let first = drafts.first, !first.connects {
            let hint = "move it up: nothing can be sent before it"
            diagnostics.report("the phase with connect_rate must be the first", hint: hint, at: connects.first?.node)
        }
        for extra in connects.dropFirst() {
            let hint = "one phase connects all clients"
            diagnostics.report("a second phase with connect_rate", hint: hint, at: extra.node)
        }
        for closed in drafts.dropLast() {
            guard let node = closed.inFlightNode else { continue }
            let hint = "move it down: how many messages it sends, nobody knows before"
            diagnostics.report("a phase with in_flight must be the last", hint: hint, at: node)
        }
        // A connect phase with `measure: true` has its own error; a second one here would only confuse.
        if !drafts.contains(where: \.isMeasured) {
            diagnostics.report("no phase is measured", hint: "add measure: true to one", at: node)
        }
        var seen: Set<String> = []
        for draft in drafts {
            guard let name = draft.name, !seen.insert(name).inserted else { continue }
            diagnostics.report("a second phase named '\(name)'", hint: "give each its own name", at: draft.nameNode)
        }
    }
}
