import Foundation
import Synchronization
import TestSupport

/// A ChatServer of its own process, as it is started in earnest; it ends with this process, too.
final class ServerProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let port: Int
    private let process: Process
    /// Whoever holds it lives: `--stop-with-stdin`.
    private let input: Pipe

    /// Starts it, and returns when it listens.
    init(_ name: String, store: String, broker: String) async throws {
        let log = Log()
        let process = Process()
        process.executableURL = try BuiltProgram.named("ChatServer")
        process.arguments = [
            "--port", "0", "--instance", name, "--store", store, "--broker", broker, "--limits", "off",
            "--jwt-secret", TestServer.secret, "--stop-with-stdin",
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        output.fileHandleForReading.readabilityHandler = { log.append($0.availableData) }
        try process.run()
        for _ in 0..<2000 {
            if let listening = log.text.firstMatch(of: /"message":"listening".*?"port":(\d+)/) {
                (port, self.process, self.input) = (Int(listening.1) ?? 0, process, input)
                return
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        if process.isRunning { process.terminate() }
        throw Failure(description: "ChatServer does not listen: \(log.text.suffix(1000))")
    }

    /// SIGKILL: it says goodbye to nobody.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    private final class Log: Sendable {
        private let lines = Mutex("")

        var text: String { lines.withLock { $0 } }

        func append(_ data: Data) { lines.withLock { $0 += String(decoding: data, as: UTF8.self) } }
    }
}
