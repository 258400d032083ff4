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

/// Held while a stack is looked for and brought up, so that two `stack up` at once do not start the same one twice.
final class StackLock: Sendable {
    private let descriptor: Int32

    /// Waits for it.
    /// - Throws: ``StackError`` if another holds it for too long.
    init(in temporary: URL = FileManager.default.temporaryDirectory, timeout: Duration = .seconds(60)) async throws {
        let path = temporary.appendingPathComponent("chatbench-\(geteuid()).lock").path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StackError(description: "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        let deadline = ContinuousClock.now + timeout
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < deadline else {
                throw StackError(description: "another LoadGen stack up has been under way for \(timeout)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit { close(descriptor) }
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
