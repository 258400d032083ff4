import Foundation
import Yams

extension Scenario {
    /// Changes what the settings name, by the file's rules, or throws and leaves the scenario as it was.
    ///
    /// To be called after `-c`, `-r` and `-d`, so that a value that was given in so many words is not scaled.
    mutating func apply(_ settings: [Setting]) throws(ConfigurationErrors) {
        guard !settings.isEmpty else { return }
        let editor = try SettingEditor(yaml: yaml(), settings: settings)
        var changed = try editor.read(Scenario.read)
        let keepsThresholds = !settings.contains { $0.path.first == "thresholds" }
        changed.thresholdLines = keepsThresholds ? thresholdLines : []
        self = changed
    }
}

extension Setup {
    /// Changes what the settings name, by the file's rules, or throws and leaves the setup as it was.
    mutating func apply(_ settings: [Setting]) throws(ConfigurationErrors) {
        guard !settings.isEmpty else { return }
        // Taking the balancer away takes its policy along, unless somebody sets one in the same breath.
        let removesBalancer = settings.contains { $0.path == ["balancer", "kind"] && $0.value == "none" }
        var base = self
        if removesBalancer { base.balancer = BalancerSpec() }
        let editor = try SettingEditor(yaml: base.yaml(), settings: settings)
        self = try editor.read(Setup.read)
    }
}

/// Puts settings into a file's node tree.
///
/// Each value is parsed as if it stood below the file, on a line of its own. So an error's line tells which setting
/// it is about.
private struct SettingEditor {
    private var root: Node
    private var settingsByLine: [Int: Setting] = [:]

    init(yaml: String, settings: [Setting]) throws(ConfigurationErrors) {
        root = try YAMLDocument.compose(yaml: yaml, file: "--set")
        var line = yaml.count { $0.isNewline }
        for setting in settings {
            let node = try Self.value(of: setting, afterLine: line)
            for covered in 1...(setting.value.count { $0.isNewline } + 1) { settingsByLine[line + covered] = setting }
            line += setting.value.count { $0.isNewline } + 1
            try set(node, setting)
        }
    }

    /// Reads the edited tree. What was there before was valid, so any error is a setting's.
    func read<Value>(
        _ read: (Node, String) throws(ConfigurationErrors) -> Value
    ) throws(ConfigurationErrors) -> Value {
        do {
            return try read(root, "--set")
        } catch {
            let errors = error.errors.map { error in
                let source = error.line.flatMap { settingsByLine[$0] }?.source ?? "--set"
                return ConfigurationError(file: source, message: error.message, hint: error.hint)
            }
            throw ConfigurationErrors(errors: errors)
        }
    }

    private static func value(of setting: Setting, afterLine line: Int) throws(ConfigurationErrors) -> Node {
        guard !setting.value.allSatisfy(\.isWhitespace) else {
            throw ConfigurationErrors(errors: [ConfigurationError(file: setting.source, message: "has no value")])
        }
        do {
            let padding = String(repeating: "\n", count: line)
            return try YAMLDocument.compose(yaml: padding + setting.value, file: setting.source)
        } catch {
            let errors = error.errors.map {
                ConfigurationError(file: setting.source, message: $0.message, hint: $0.hint)
            }
            throw ConfigurationErrors(errors: errors)
        }
    }

    private mutating func set(_ value: Node, _ setting: Setting) throws(ConfigurationErrors) {
        guard setting.path.count == 3, setting.path[0] == "phases" else {
            root = Self.replacing(setting.path[...], in: root, with: value)
            return
        }
        let phases = root.mapping?["phases"]?.sequence.map(Array.init) ?? []
        let names = phases.map { $0.mapping?["name"]?.scalar?.string ?? "" }
        guard let index = names.firstIndex(of: setting.path[1]) else {
            let hint = NearName.hint(for: setting.path[1], among: names, kind: "phases")
            let message = "no phase is named '\(setting.path[1])'"
            throw ConfigurationErrors(errors: [
                ConfigurationError(file: setting.source, message: message, hint: hint)
            ])
        }
        var sequence = phases
        sequence[index] = Self.replacing(setting.path[2...], in: phases[index], with: value)
        root = Self.replacing(["phases"], in: root, with: Node(sequence))
    }

    /// Anything on the way that is no mapping (`members: 20`, when `members.zipf` is set) becomes one.
    private static func replacing(_ path: ArraySlice<String>, in node: Node, with value: Node) -> Node {
        guard let key = path.first else { return value }
        var mapping = node.mapping ?? Node.Mapping([])
        mapping[key] = replacing(path.dropFirst(), in: mapping[key] ?? Node([(Node, Node)]()), with: value)
        return .mapping(mapping)
    }
}
