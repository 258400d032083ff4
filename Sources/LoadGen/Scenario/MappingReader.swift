import Foundation
import Yams

/// Reads one mapping of a file: knows its keys, and reports the ones that it does not know.
struct MappingReader {
    /// What the mapping describes, with its article: "a phase".
    let place: String
    let node: Node
    private var values: [String: Node] = [:]

    /// Answers `nil` if the node is no mapping. Unknown keys are reported and then ignored.
    init?(_ node: Node, place: String, keys: [String], _ diagnostics: inout Diagnostics) {
        self.place = place
        self.node = node
        guard let mapping = node.mapping else {
            let example = keys.prefix(2).map { "\($0): …" }.joined(separator: ", ")
            diagnostics.report("\(place) is \(node.kind), not a mapping", hint: "write {\(example)}", at: node)
            return nil
        }
        for (keyNode, value) in mapping {
            guard let key = keyNode.scalar?.string else {
                diagnostics.report("\(keyNode.kind) can't be a key in \(place)", at: keyNode)
                continue
            }
            guard keys.contains(key) else {
                let hint = NearName.hint(for: key, among: keys, kind: "known keys")
                diagnostics.report("unknown key '\(key)' in \(place)", hint: hint, at: keyNode)
                continue
            }
            if value.isEmptyValue {
                diagnostics.report("'\(key)' has no value", at: keyNode)
            }
            values[key] = value
        }
    }

    /// Whether the key is there, even with nothing behind it.
    func has(_ key: String) -> Bool { values[key] != nil }

    /// The value of a key that may be absent. An empty value was reported already, and reads like an absent one.
    func optional(_ key: String) -> Node? {
        values[key].flatMap { $0.isEmptyValue ? nil : $0 }
    }

    /// The value of a key that must be there. `example` completes "add".
    func required(_ key: String, example: String, _ diagnostics: inout Diagnostics) -> Node? {
        if !has(key) {
            diagnostics.report("\(place) has no '\(key)'", hint: "add \(example)", at: node)
        }
        return optional(key)
    }
}
