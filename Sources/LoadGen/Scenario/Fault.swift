import Yams

/// Something that a phase breaks on purpose: it begins with the phase and is mended at its end.
struct Fault: Sendable, Equatable {
    enum Action: String, Sendable, CaseIterable {
        /// SIGKILL; started again at the phase's end.
        case kill
        /// SIGSTOP: it holds its connections and says nothing. SIGCONT at the phase's end.
        case pause
        /// Asked to stop, as a service manager asks, and started again at once.
        case restart
    }

    enum Target: String, Sendable, CaseIterable {
        /// The last of the setup's ChatServers.
        case instance
        case postgres
        /// The first of the setup's Redis servers.
        case redis
        case balancer
    }

    var action: Action
    var target: Target

    /// `kill redis`
    var name: String { "\(action.rawValue) \(target.rawValue)" }

    /// Why a setup cannot have it; nil if it can.
    func problem(on setup: Setup) -> String? {
        let isThere =
            switch target {
            case .instance: true
            case .postgres: setup.store == .postgres
            case .redis: setup.broker.kind == .redis
            case .balancer: setup.balancer.kind != .none
            }
        return isThere ? nil : "a phase wants to \(name), and the setup '\(setup.name)' has no \(target.rawValue)"
    }

    /// Reads the keys `kill`, `pause` and `restart` of a phase, of which there may be one.
    static func read(_ mapping: MappingReader, _ diagnostics: inout Diagnostics) -> Fault? {
        var found: [Fault] = []
        for action in Action.allCases {
            guard let node = mapping.optional(action.rawValue) else { continue }
            if !found.isEmpty {
                let hint = "make a phase for each"
                diagnostics.report("a phase can break one thing at a time", hint: hint, at: node)
            }
            guard let target = diagnostics.choice(node, action.rawValue, as: Target.self) else { continue }
            found.append(Fault(action: action, target: target))
        }
        return found.first
    }
}
