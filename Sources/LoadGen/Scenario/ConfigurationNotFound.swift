import Foundation

/// A scenario or setup that isn't there, or can't be read. (Exit status 66.)
struct ConfigurationNotFound: Error, CustomStringConvertible, Sendable, Equatable {
    enum Kind: String, Sendable {
        case scenario, setup

        /// The folder that holds files of this kind.
        var folder: String { "\(rawValue)s" }
    }

    let kind: Kind
    /// The name or the path that was asked for.
    let name: String
    /// Why a file at a path can't be read; `nil` if a name was looked up and not found.
    let reason: String?
    /// The names that would have been found; for a path, the files beside it.
    let available: [String]

    var description: String {
        if let reason {
            let near = NearName.all(to: name, among: available).first
            return "\(name): \(reason)" + (near.map { "; did you mean '\($0)'?" } ?? "")
        }
        let problem = "no \(kind.rawValue) is named '\(name)'"
        if available.isEmpty {
            return "\(problem); no folder '\(kind.folder)' with files was found (set CHATBENCH_HOME to where it lies)"
        }
        let list = "there are: \(available.joined(separator: ", "))"
        guard let near = NearName.all(to: name, among: available).first else { return "\(problem); \(list)" }
        return "\(problem); did you mean '\(near)'? \(list)"
    }
}
