import Foundation
import Yams

/// Collects what is wrong while a file is read, so that all of it can be told at once.
///
/// The reading methods take a key's node, check its type and its range, and answer `nil` after reporting an error.
/// A `nil` node (an absent key) answers `nil` without an error.
struct Diagnostics: Sendable {
    let file: String
    private(set) var errors: [ConfigurationError] = []

    init(file: String) {
        self.file = file
    }

    mutating func report(_ message: String, hint: String? = nil, at node: Node?) {
        let mark = node?.mark
        errors.append(
            ConfigurationError(file: file, line: mark?.line, column: mark?.column, message: message, hint: hint)
        )
    }

    /// Throws if anything was reported.
    func check() throws(ConfigurationErrors) {
        guard !errors.isEmpty else { return }
        let sorted = errors.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
        throw ConfigurationErrors(errors: sorted)
    }

    // MARK: Scalars

    /// Any text but an empty one, without the white space around it.
    mutating func text(_ node: Node?, _ key: String) -> String? {
        guard let text = scalar(node, key, expected: "a text")?.string else { return nil }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else {
            report("'\(key)' is empty", at: node)
            return nil
        }
        return trimmed
    }

    /// A name that can stand in a folder's name, in a `--set` key and in a metric.
    mutating func name(_ node: Node?, _ key: String, allowingDots: Bool) -> String? {
        guard let name = text(node, key) else { return nil }
        let pattern = allowingDots ? /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/ : /[A-Za-z0-9][A-Za-z0-9_-]{0,63}/
        guard name.wholeMatch(of: pattern) != nil else {
            let characters = allowingDots ? "letters, digits, '.', '_' and '-'" : "letters, digits, '_' and '-'"
            let hint = "use at most 64 \(characters), the first a letter or digit"
            report("'\(name)' can't be a name", hint: hint, at: node)
            return nil
        }
        return name
    }

    mutating func boolean(_ node: Node?, _ key: String) -> Bool? {
        guard let scalar = scalar(node, key, expected: "true or false") else { return nil }
        guard scalar.isPlain, let value = ["true": true, "false": false][scalar.string.lowercased()] else {
            report("'\(key)' is '\(scalar.string)'", hint: "write true or false", at: node)
            return nil
        }
        return value
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ node: Node?,
        _ key: String,
        as type: Choice.Type = Choice.self
    ) -> Choice? {
        guard let scalar = scalar(node, key, expected: "a word") else { return nil }
        guard let value = Choice(rawValue: scalar.string) else {
            let choices = Choice.allCases.map(\.rawValue)
            let hint = NearName.hint(for: scalar.string, among: choices, kind: "choices")
            report("'\(key)' can't be '\(scalar.string)'", hint: hint, at: node)
            return nil
        }
        return value
    }

    // MARK: Numbers and quantities

    mutating func integer(_ node: Node?, _ key: String, in range: ClosedRange<Int>, why: String? = nil) -> Int? {
        guard let scalar = scalar(node, key, expected: "a whole number") else { return nil }
        guard scalar.isPlain else {
            report("'\(key)' is a text, not a whole number", hint: "leave the quotes out", at: node)
            return nil
        }
        // YAML 1.1 reads 010 as eight; nobody means that.
        guard scalar.string.wholeMatch(of: /[+-]?(0|[1-9][0-9_]*)/) != nil else {
            report("'\(key)' is '\(scalar.string)', not a whole number", hint: "write digits only", at: node)
            return nil
        }
        let value = Int(scalar.string.filter { $0 != "_" })
        guard let value, range.contains(value) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            report("'\(key)' is \(scalar.string), and must be from \(bounds)", hint: why, at: node)
            return nil
        }
        return value
    }

    mutating func number(_ node: Node?, _ key: String, in range: ClosedRange<Double>) -> Double? {
        quantity(node, key, in: range, read: Self.plainNumber, text: Quantity.text(number:))
    }

    mutating func duration(_ node: Node?, _ key: String, in range: ClosedRange<Duration>) -> Duration? {
        quantity(node, key, in: range, read: Quantity.duration) { Quantity.text($0) }
    }

    mutating func rate(_ node: Node?, _ key: String, in range: ClosedRange<Double>) -> Double? {
        quantity(node, key, in: range, read: Quantity.rate, text: Quantity.text(rate:))
    }

    mutating func share(_ node: Node?, _ key: String) -> Double? {
        quantity(node, key, in: 0...1, read: Quantity.share, text: Quantity.text(number:))
    }

    mutating func bytes(_ node: Node?, _ key: String, in range: ClosedRange<Int>, why: String? = nil) -> Int? {
        quantity(node, key, in: range, why: why, read: Quantity.bytes) { "\($0)" }
    }

    private mutating func quantity<Value: Comparable>(
        _ node: Node?,
        _ key: String,
        in range: ClosedRange<Value>,
        why: String? = nil,
        read: (String) throws(QuantityError) -> Value,
        text: (Value) -> String
    ) -> Value? {
        guard let scalar = scalar(node, key, expected: "a single value") else { return nil }
        do {
            let value = try read(scalar.string)
            guard range.contains(value) else {
                let bounds = "\(text(range.lowerBound)) to \(text(range.upperBound))"
                report("'\(key)' is \(scalar.string), and must be from \(bounds)", hint: why, at: node)
                return nil
            }
            return value
        } catch {
            report("'\(key)': \(error.message)", hint: error.hint, at: node)
            return nil
        }
    }

    private static func plainNumber(_ text: String) throws(QuantityError) -> Double {
        guard let number = Double(text), number.isFinite else {
            throw QuantityError(message: "'\(text)' is not a number", hint: "write a number such as 1.1")
        }
        return number
    }

    private mutating func scalar(_ node: Node?, _ key: String, expected: String) -> Node.Scalar? {
        guard let node else { return nil }
        guard let scalar = node.scalar else {
            report("'\(key)' is \(node.kind), not \(expected)", at: node)
            return nil
        }
        return scalar
    }
}

extension Node.Scalar {
    /// Written without quotes; only such a scalar can be a number or a boolean.
    var isPlain: Bool { style == .plain || style == .any }
}

extension Node {
    /// What this node is, for error messages.
    var kind: String {
        switch self {
        case .scalar: isEmptyValue ? "nothing" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    /// `key:` with nothing behind it, or an explicit null.
    var isEmptyValue: Bool {
        guard let scalar, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
