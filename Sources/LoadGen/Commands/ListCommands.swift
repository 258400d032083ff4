import ArgumentParser
import Foundation

/// `LoadGen scenarios`
struct ScenariosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "scenarios", abstract: "The scenarios that ship.")

    func run() async throws {
        let entries = ConfigurationLibrary.standard().allScenarios()
        Listing.show(entries.map { ($0.name, $0.result.map(\.description)) }, kind: "scenarios")
    }
}

/// `LoadGen setups`
struct SetupsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "setups", abstract: "The setups that ship.")

    func run() async throws {
        let entries = ConfigurationLibrary.standard().allSetups()
        Listing.show(entries.map { ($0.name, $0.result.map(\.description)) }, kind: "setups")
    }
}

/// A line each: the name, and what it is.
private enum Listing {
    static func show(_ entries: [(name: String, description: Result<String, any Error>)], kind: String) {
        if entries.isEmpty { print("no \(kind) found; run from the project's folder or set CHATBENCH_HOME to it") }
        let width = entries.map(\.name.count).max() ?? 0
        for entry in entries {
            let name = entry.name.padding(toLength: width, withPad: " ", startingAt: 0)
            switch entry.description {
            case .success(let text): print("\(name)  \(text)")
            case .failure(let error): print("\(name)  broken: \(error)")
            }
        }
    }
}
