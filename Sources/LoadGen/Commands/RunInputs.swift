import Foundation

/// What `run` was asked to do: the effective scenario and setup, checked.
struct RunInputs: Sendable {
    var scenario: Scenario
    var setup: Setup
    var setupName: String
    var thresholds: [Threshold]
    /// Nil if the setup's servers are to be started.
    var targets: [Endpoint]?

    init(_ command: RunCommand) throws {
        try self.init(scenario: command.scenario, setup: command.setup, load: command.load, target: command.target)
        if command.target != nil, command.setup != nil {
            throw UsageError(description: "--setup starts servers and --target names running ones: give one of them")
        }
    }

    /// - Parameters:
    ///   - scenario, setup: names or files; the setup `embedded` if none is named.
    ///   - target: URLs of servers that run already.
    init(scenario name: String, setup setupName: String?, load: LoadOptions, target: String? = nil) throws {
        let library = ConfigurationLibrary.standard()
        let (file, path) = try library.scenario(named: name)
        var scenario = file
        var setup = try library.setup(named: setupName ?? "embedded").setup
        let settings = try Settings(parsing: load.settings)
        try scenario.apply(
            ScenarioOverrides(
                clients: load.clients,
                rate: try load.rate.map { try Self.quantity("--rate", $0, Quantity.rate) },
                duration: try load.duration.map { try Self.quantity("--duration", $0, Quantity.duration) }
            )
        )
        try scenario.apply(settings.scenario)
        try setup.apply(settings.setup)
        self.thresholds = try Self.thresholds(scenario, path)
        self.targets = try target.map(Self.targets)
        try Self.requireFaults(of: scenario, on: setup, isTarget: target != nil)
        try Self.requireBounded(Schedule(phases: scenario.phases))
        try Self.requireBounded(scenario.phases)
        self.scenario = scenario
        self.setup = setup
        self.setupName = target == nil ? setup.name : "target"
    }

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

    private static func quantity<T>(_ option: String, _ text: String, _ read: (String) throws -> T) throws -> T {
        do {
            return try read(text)
        } catch let error as QuantityError {
            throw UsageError(description: "\(option) \(text): \(error.message); \(error.hint)")
        }
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
        try text.split(separator: ",").map { item in
            let url = item.contains("://") ? String(item) : "http://\(item)"
            guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
                let scheme = parts.scheme?.lowercased(), ["http", "https", "ws", "wss"].contains(scheme)
            else {
                throw UsageError(
                    description: "--target '\(item)' is no URL; give http://host:port or https://host:port")
            }
            let isTLS = scheme == "https" || scheme == "wss"
            return Endpoint(host: host, port: parts.port ?? (isTLS ? 443 : 80), isTLS: isTLS)
        }
    }
}
