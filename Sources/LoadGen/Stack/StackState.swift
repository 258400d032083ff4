import Foundation

/// What `stack up` leaves for the commands after it: `state.json` in the stack's folder.
struct StackState: Sendable, Codable, Equatable {
    var setup: String
    /// The effective setup, `--set` included.
    var setupYAML: String
    /// Seconds since 1970.
    var startedAt: Double
    var parts: [StackPart]
    /// Where clients connect.
    var urls: [String]

    init(_ stack: ServiceStack, at date: Date = Date()) {
        setup = stack.setup.name
        setupYAML = stack.setup.yaml()
        startedAt = date.timeIntervalSince1970
        parts = stack.parts
        urls = stack.entrances.map(\.baseURL)
    }

    func write(to folder: StackFolder) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: folder.state, options: .atomic)
    }

    static func read(from folder: StackFolder) -> StackState? {
        guard let data = try? Data(contentsOf: folder.state) else { return nil }
        return try? JSONDecoder().decode(StackState.self, from: data)
    }
}

/// A stack that `stack up` has left running.
struct StandingStack: Sendable {
    var folder: StackFolder
    var state: StackState

    /// Those of this user, by setup.
    static func all(in temporary: URL = FileManager.default.temporaryDirectory) -> [StandingStack] {
        Leftovers.folders(in: temporary).compactMap { folder in
            guard Leftovers.fate(of: folder) == .keep, let state = StackState.read(from: folder) else { return nil }
            return StandingStack(folder: folder, state: state)
        }.sorted { $0.state.setup < $1.state.setup }
    }

    /// Stops all of it and removes its folder.
    func stop() async {
        await ServiceStack.stop(state.parts)
        await folder.clear()
    }
}
