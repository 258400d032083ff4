import Foundation

/// What `run` was asked to do: the effective scenario and setup, checked.
struct RunInputs: Sendable {
    var scenario: Scenario
    var setup: Setup
    var setupName: String
    var thresholds: [Threshold]
    /// Nil if the setup's servers are to be started.
    var targets: [Endpoint]?

    /// - Parameters:
    ///   - scenario, setup: names or files; the setup `embedded` if none is named.
    ///   - target: URLs of servers that run already, separated by commas.
    init(scenario name: String, setup setupName: String?, load: LoadOptions, target: String? = nil) throws {
        if target != nil, setupName != nil {
            throw UsageError(description: "--setup starts servers and --target names running ones: give one of them")
        }
        let (file, path) = try ConfigurationLibrary.standard().scenario(named: name)
        try self.init(
            file, path: path, setup: setupName, overrides: try load.overrides(), settings: load.settings,
            targets: try target.map(Self.targets))
        try Self.requireFaults(of: scenario, on: setup, isTarget: target != nil)
        try Self.requireBounded(Schedule(phases: scenario.phases))
        try Self.requireBounded(scenario.phases)
    }

    /// Of what is only looked at: nothing is asked of how it would be played.
    init(planned name: String, clients: Int?, settings: [String]) throws {
        let (file, path) = try ConfigurationLibrary.standard().scenario(named: name)
        try self.init(
            file, path: path, setup: nil, overrides: ScenarioOverrides(clients: clients), settings: settings,
            targets: nil)
    }

    private init(
        _ file: Scenario, path: String, setup chosen: String?, overrides: ScenarioOverrides, settings: [String],
        targets: [Endpoint]?
    ) throws {
        var scenario = file
        var setup = try ConfigurationLibrary.standard().setup(named: chosen ?? "embedded").setup
        let settings = try Settings(parsing: settings)
        try scenario.apply(overrides)
        try scenario.apply(settings.scenario)
        try setup.apply(settings.setup)
        if overrides.rate != nil { try Self.requireOpenLoop(scenario, for: "--rate") }
        thresholds = try Self.thresholds(scenario, path)
        self.scenario = scenario
        self.setup = setup
        self.targets = targets
        setupName = targets == nil ? setup.name : "target"
    }

    /// The text of the run's `setup.yaml`.
    var setupYAML: String {
        guard let targets else { return setup.yaml() }
        let list = targets.map { "  - \($0.baseURL)\n" }.joined()
        return """
            # Servers that ran already; LoadGen started none, and knows nothing else of them.
            name: target
            targets:
            \(list)
            """
    }

    /// - Parameter what: wants to set the rate.
    static func requireOpenLoop(_ scenario: Scenario, for what: String) throws(UsageError) {
        let measured = scenario.measuredPhases
        guard !measured.isEmpty, measured.allSatisfy({ $0.inFlight != nil }) else { return }
        throw UsageError(
            description:
                "\(what) has no rate to set: what '\(scenario.name)' measures is a closed loop, as fast as the "
                + "server answers (in_flight)")
    }

    static let accountsWithoutTarget = UsageError(
        description: "--accounts keeps the accounts of a --target, and none is given")

    /// Faults strike what LoadGen has started.
    private static func requireFaults(of scenario: Scenario, on setup: Setup, isTarget: Bool) throws {
        let faults = scenario.phases.compactMap(\.fault)
        if isTarget, let fault = faults.first {
            throw UsageError(
                description: "a phase wants to \(fault.name), which LoadGen does only to servers that it has started: "
                    + "leave --target out and give --setup")
        }
        if let problem = faults.lazy.compactMap({ $0.problem(on: setup) }).first {
            throw UsageError(description: "\(problem): give another --setup")
        }
    }

    /// Every message is remembered until the end, so that each can be accounted for.
    private static func requireBounded(_ schedule: Schedule) throws {
        let limit = 10_000_000
        guard schedule.count > limit else { return }
        throw UsageError(
            description: "the phases plan \(Format.count(schedule.count)) messages, and a run has at most "
                + "\(Format.count(limit)): lower the rate (--rate) or the duration (--duration)"
        )
    }

    /// So is every stay of a guest.
    private static func requireBounded(_ phases: [Phase]) throws {
        let limit = 1_000_000.0
        let changes = phases.reduce(0) { $0 + ($1.churnRate ?? 0) * (($1.duration ?? .zero) / .seconds(1)) }
        guard changes > limit else { return }
        throw UsageError(
            description: "the phases plan \(Format.count(Int(changes))) changes of memberships, and a run has at most "
                + "\(Format.count(Int(limit))): lower churn or the duration (--duration)"
        )
    }

    private static func thresholds(_ scenario: Scenario, _ path: String) throws -> [Threshold] {
        var errors: [ConfigurationError] = []
        var thresholds: [Threshold] = []
        for (index, rule) in scenario.thresholds.enumerated() {
            do throws(ThresholdError) {
                thresholds.append(try Threshold.parse(rule))
            } catch {
                let line = scenario.thresholdLines.indices.contains(index) ? scenario.thresholdLines[index] : nil
                errors.append(
                    ConfigurationError(file: path, line: line, column: nil, message: "threshold: \(error)")
                )
            }
        }
        if !errors.isEmpty { throw ConfigurationErrors(errors: errors) }
        return thresholds
    }

    private static func targets(_ text: String) throws -> [Endpoint] {
        let targets = try text.split(separator: ",").map { item in
            let item = item.trimmingCharacters(in: .whitespaces)
            let url = item.contains("://") ? item : "http://\(item)"
            guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
                let scheme = parts.scheme?.lowercased(), ["http", "https", "ws", "wss"].contains(scheme),
                (1...65_535).contains(parts.port ?? 80)
            else {
                throw UsageError(
                    description: "--target '\(item)' is no URL; give http://host:port or https://host:port")
            }
            guard parts.user == nil, parts.query == nil, parts.fragment == nil, ["", "/", "/ws"].contains(parts.path)
            else {
                throw UsageError(
                    description: "--target '\(item)' has more than a server's address: give http://host:port or "
                        + "https://host:port (paths are the contract's)")
            }
            let isTLS = scheme == "https" || scheme == "wss"
            return Endpoint(host: host, port: parts.port ?? (isTLS ? 443 : 80), isTLS: isTLS)
        }
        guard !targets.isEmpty else { throw UsageError(description: "--target is empty; give http://host:port") }
        return targets
    }
}
