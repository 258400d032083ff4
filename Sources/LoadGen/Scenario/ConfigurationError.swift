import Foundation

/// One thing that is wrong in a scenario or setup, printed as a compiler would:
/// `scenarios/x.yaml:12:9: unknown key 'ratee' in a phase; did you mean 'rate'?`
struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The file's path, or the option (`--set`) that brought the value.
    var file: String
    var line: Int?
    var column: Int?
    /// What is wrong.
    var message: String
    /// What would be right.
    var hint: String?

    init(file: String, line: Int? = nil, column: Int? = nil, message: String, hint: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }

    var description: String {
        let place = [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
        return "\(place): \(message)" + (hint.map { "; \($0)" } ?? "")
    }
}

/// Everything that is wrong in one file, in the file's order. Never empty.
struct ConfigurationErrors: Error, CustomStringConvertible, Sendable, Equatable {
    let errors: [ConfigurationError]

    /// One line for each error.
    var description: String { errors.map(\.description).joined(separator: "\n") }
}
