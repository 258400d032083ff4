import Foundation

/// A JSON document that keeps the order of its keys, which Foundation's encoder does not: people read these files and
/// compare them with `diff`, so that their order should be the documented one.
indirect enum OrderedJSON: Sendable {
    case null
    case bool(Bool)
    /// The number as it will be written.
    case number(String)
    case string(String)
    case array([OrderedJSON])
    case object([(key: String, value: OrderedJSON)])

    /// An object or array of plain values that fits in this many columns is written on one line.
    private static let lineLength = 160

    /// The document as text, with a newline at its end.
    func text() -> String {
        var out = ""
        write(to: &out, indent: 0)
        out += "\n"
        return out
    }

    private func write(to out: inout String, indent: Int) {
        if let line = oneLine, line.count + indent <= Self.lineLength {
            out += line
            return
        }
        let inner = String(repeating: " ", count: indent + 2)
        switch self {
        case .array(let values):
            out += "["
            for (index, value) in values.enumerated() {
                out += index == 0 ? "\n" : ",\n"
                out += inner
                value.write(to: &out, indent: indent + 2)
            }
            out += "\n" + String(repeating: " ", count: indent) + "]"
        case .object(let members):
            out += "{"
            for (index, member) in members.enumerated() {
                out += index == 0 ? "\n" : ",\n"
                out += inner + Self.quoted(member.key) + ": "
                member.value.write(to: &out, indent: indent + 2)
            }
            out += "\n" + String(repeating: " ", count: indent) + "}"
        case .null, .bool, .number, .string:
            out += scalar ?? "null"
        }
    }

    /// Nil for what should be spread over lines whatever its length: containers of non-empty containers.
    private var oneLine: String? {
        switch self {
        case .array(let values):
            let parts = values.map(\.scalar)
            guard !parts.contains(nil) else { return nil }
            return "[" + parts.compactMap(\.self).joined(separator: ", ") + "]"
        case .object(let members):
            let parts = members.map { member in member.value.scalar.map { Self.quoted(member.key) + ": " + $0 } }
            guard !parts.contains(nil) else { return nil }
            return "{" + parts.compactMap(\.self).joined(separator: ", ") + "}"
        case .null, .bool, .number, .string:
            return scalar
        }
    }

    private var scalar: String? {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): Self.quoted(text)
        case .array(let values): values.isEmpty ? "[]" : nil
        case .object(let members): members.isEmpty ? "{}" : nil
        }
    }

    /// RFC 8259, section 7: only what must be escaped is.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20: out += String(format: "\\u%04x", scalar.value)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
