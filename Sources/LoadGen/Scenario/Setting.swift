import Foundation

/// One `--set key=value`: a dotted key, and a value in YAML.
struct Setting: Sendable, Equatable {
    /// As it was typed, for error messages.
    let text: String
    /// The keys on the way from the file's root to the value; phases are named.
    let path: [String]
    let value: String

    /// How this setting's errors begin, where a file's begin with its path.
    var source: String { "--set \(text)" }
}

/// All of a command line's `--set`, sorted to the file that each belongs to.
struct Settings: Sendable, Equatable {
    private(set) var scenario: [Setting] = []
    private(set) var setup: [Setting] = []

    init() {}

    /// - Parameter arguments: The options' values, `key=value` each.
    /// - Throws: Every key that neither file has.
    init(parsing arguments: [String]) throws(ConfigurationErrors) {
        var errors: [ConfigurationError] = []
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
                let message = "'\(argument)' has no '='"
                let hint = "write key=value, such as rooms.count=10"
                errors.append(ConfigurationError(file: "--set", message: message, hint: hint))
                continue
            }
            let key = String(argument[..<equals]).trimmingCharacters(in: .whitespaces)
            let value = String(argument[argument.index(after: equals)...])
            if let (target, path) = SettingKeys.resolve(key) {
                let setting = Setting(text: argument, path: path, value: value)
                switch target {
                case .scenario: scenario.append(setting)
                case .setup: setup.append(setting)
                }
            } else {
                let message = "unknown key '\(key)'"
                errors.append(ConfigurationError(file: "--set", message: message, hint: SettingKeys.hint(for: key)))
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors: errors) }
    }
}

/// The keys that `--set` knows.
enum SettingKeys {
    enum Target: String, CaseIterable {
        case scenario, setup
    }

    static let scenario = [
        "clients", "rooms", "rooms.count", "rooms.members", "rooms.members.zipf", "rooms.members.max", "rooms.private",
        "payload_bytes", "auth", "phases", "thresholds", "drain", "trace",
        "verify",
    ]
    static let setup = [
        "instances", "store", "broker", "broker.kind", "broker.servers", "broker.cluster", "balancer", "balancer.kind",
        "balancer.policy",
    ]
    static let phase = [
        "connect_rate", "duration", "rate", "in_flight", "measure", "kill", "pause", "restart", "reconnect",
        "slow_readers", "churn",
    ]
    /// Both files have these, so the key must say which is meant.
    static let common = ["name", "description"]

    /// The file that a key belongs to, and the path in it. `scenario.` or `setup.` in front is allowed for every key.
    static func resolve(_ key: String) -> (target: Target, path: [String])? {
        let path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if let first = path.first, let target = Target(rawValue: first) {
            let rest = Array(path.dropFirst())
            let isCommon = rest.count == 1 && common.contains(rest[0])
            return isCommon || has(target, rest) ? (target, rest) : nil
        }
        return Target.allCases.first { has($0, path) }.map { ($0, path) }
    }

    static func hint(for key: String) -> String {
        if common.contains(key) {
            return "both files have one: write scenario.\(key) or setup.\(key)"
        }
        var path = key.split(separator: ".").map(String.init)
        if path.count > 1, Target(rawValue: path[0]) != nil { path.removeFirst() }
        let phaseName = path.count == 3 ? path[1] : "PHASE"
        let known = scenario + phase.map { "phases.\(phaseName).\($0)" } + setup
        let near = known.filter { isNear(path, $0.split(separator: ".").map(String.init)) }
        let ending = known.filter { ".\($0)".hasSuffix(".\(path.last ?? key)") }
        let meant = (near + ending.filter { !near.contains($0) }).prefix(3).map { "'\($0)'" }
        guard !meant.isEmpty else { return "known keys: \(known.joined(separator: ", "))" }
        return "did you mean \(meant.joined(separator: " or "))?"
    }

    /// Part by part: in a long key, one wrong word would otherwise count as a slip of the fingers.
    private static func isNear(_ path: [String], _ known: [String]) -> Bool {
        path.count == known.count && zip(path, known).allSatisfy { !NearName.all(to: $0, among: [$1]).isEmpty }
    }

    private static func has(_ target: Target, _ path: [String]) -> Bool {
        switch target {
        case .scenario:
            let isPhaseKey = path.count == 3 && path[0] == "phases" && phase.contains(path[2])
            return isPhaseKey || scenario.contains(path.joined(separator: "."))
        case .setup:
            return setup.contains(path.joined(separator: "."))
        }
    }
}
