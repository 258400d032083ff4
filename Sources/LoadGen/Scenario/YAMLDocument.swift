import Foundation
import Yams

/// The way from a file's text to nodes that know their line and column.
enum YAMLDocument {
    /// The root of the only document in `yaml`.
    static func compose(yaml: String, file: String) throws(ConfigurationErrors) -> Node {
        do {
            // libYAML takes a byte order mark for text when it is told the encoding.
            let text = yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
            let root = try Yams.Parser(yaml: text, encoding: .utf8).singleRoot()
            if let root, !root.isEmptyValue { return root }
            let error = ConfigurationError(file: file, line: 1, message: "there is nothing in it")
            throw ConfigurationErrors(errors: [error])
        } catch let errors as ConfigurationErrors {
            throw errors
        } catch let error as YamlError {
            throw ConfigurationErrors(errors: [configurationError(from: error, yaml: yaml, file: file)])
        } catch {
            throw ConfigurationErrors(errors: [ConfigurationError(file: file, message: "\(error)")])
        }
    }

    private static func configurationError(from error: YamlError, yaml: String, file: String) -> ConfigurationError {
        switch error {
        case .composer(_, "but found another document", let mark, _):
            return ConfigurationError(
                file: file,
                line: mark.line,
                column: mark.column,
                message: "a second document begins here",
                hint: "write one document a file"
            )
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { " \($0.text) (line \($0.mark.line))" } ?? ""
            return ConfigurationError(
                file: file,
                line: mark.line,
                column: mark.column,
                message: "not valid YAML: \(problem)\(place)",
                hint: tabHint(yaml: yaml, line: mark.line)
            )
        case .duplicatedKeysInMapping(let keys, let context):
            let quoted = keys.map { "'\($0)'" }.joined(separator: ", ")
            return ConfigurationError(
                file: file,
                line: context.mark.line,
                column: context.mark.column,
                message: "\(quoted) is given more than once in the same mapping",
                hint: "keep one"
            )
        case .reader(let problem, _, _, _):
            return ConfigurationError(file: file, message: "not valid YAML: \(problem)")
        default:
            return ConfigurationError(file: file, message: "not valid YAML: \(error)")
        }
    }

    private static func tabHint(yaml: String, line: Int) -> String? {
        let lines = yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.indices.contains(line - 1), lines[line - 1].contains("\t") else { return nil }
        return "YAML indents with spaces, and this line has a tab"
    }
}

/// Text on its way back into YAML.
enum YAMLText {
    /// The text as a scalar that reads back unchanged: bare where that is safe, else in double quotes.
    static func scalar(_ text: String) -> String {
        let specialWords = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        if text.wholeMatch(of: /[A-Za-z][A-Za-z0-9_-]*/) != nil, !specialWords.contains(text.lowercased()) {
            return text
        }
        return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
    }

    /// YAML's double quotes know JSON's escapes; anything that is not plain printable text goes by its number.
    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\t": "\\t"
        case "\u{20}"..."\u{7E}", "\u{A1}"..."\u{1FFF}", "\u{2030}"..."\u{D7FF}": String(scalar)
        default: "\\U" + String(repeating: "0", count: 8 - hex(scalar).count) + hex(scalar)
        }
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16, uppercase: true) }
}
