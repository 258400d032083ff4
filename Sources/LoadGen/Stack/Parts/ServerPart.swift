import Foundation

/// One ChatServer of a stack.
struct ServerPart: Sendable {
    var part: StackPart
    /// What it says of itself: `sqlite 3.40.1`, `memory`.
    var store: String
    var broker: String

    /// Where a stack's servers find what they share.
    struct Shared: Sendable {
        var executable: URL
        /// `sqlite:PATH` or `postgres://…`
        var storeURL: String
        /// `memory` or `redis://…`
        var brokerURL: String
        var secretFile: URL

        /// A password stands in it, so it is no command-line option.
        var environment: [String: String] { ["CHAT_STORE": storeURL] }
    }

    /// `a`, `b`, … `z`, `aa`, `ab` …
    static func instanceName(_ index: Int) -> String {
        let letter = { (number: Int) in String(UnicodeScalar(UInt8(97 + number))) }
        return index < 26 ? letter(index) : letter(index / 26 - 1) + letter(index % 26)
    }

    static func command(_ subcommand: String, name: String, _ shared: Shared, log: URL) -> PartCommand {
        PartCommand(
            name: name,
            kind: .server,
            executable: shared.executable,
            arguments: [subcommand],
            environment: shared.environment,
            log: log,
            probe: .http
        )
    }

    /// Starts it on a port of its own choice, and returns when it is ready.
    static func start(_ launcher: Launcher, instance: String, _ shared: Shared, logs: URL) async throws -> ServerPart {
        let log = logs.appendingPathComponent("\(instance).log")
        var command = command("serve", name: instance, shared, log: log)
        command.arguments += [
            "--port", "0", "--limits", "off", "--instance", instance, "--broker", shared.brokerURL,
            "--jwt-secret-file", shared.secretFile.path,
        ]
        var part = try await launcher.launch(command, port: 0)
        let listening = try await listening(part)
        part.port = listening.port
        // Started again, it is where clients and balancers know it; the last option of a name counts.
        command.arguments += ["--port", "\(listening.port)"]
        launcher.remember(command)
        try await launcher.waitUntilReady(part)
        return ServerPart(part: part, store: listening.store, broker: listening.broker)
    }

    struct Listening: Decodable, Equatable {
        var message: String
        var port: Int
        var store: String
        var broker: String

        /// Looks for the line with the port in a server's log.
        static func find(in log: String) -> Listening? {
            for line in log.split(separator: "\n") where line.contains(#""message":"listening""#) {
                if let found = try? JSONDecoder().decode(Listening.self, from: Data(line.utf8)) { return found }
            }
            return nil
        }
    }

    private static func listening(_ part: StackPart) async throws -> Listening {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let isRunning = part.isRunning
            if let found = Listening.find(in: part.log) { return found }
            guard isRunning else { throw PartFailure(part: "ChatServer \(part.name)", reason: "ended", log: part.log) }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw PartFailure(part: "ChatServer \(part.name)", reason: "did not listen within 20 s", log: part.log)
    }
}
