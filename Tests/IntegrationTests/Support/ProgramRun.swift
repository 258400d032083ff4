import Foundation

@testable import LoadGen

/// One run of `LoadGen`, as from a shell: its status, what it printed, and the summary that it left.
struct ProgramRun {
    var status: Int32
    var output: String
    var errors: String
    var summary: Summary?
    /// The run's folder, if it made one.
    var folder: URL?

    /// - Parameters:
    ///   - environment: nil: this process's.
    ///   - during: what happens while it runs; it is given the process.
    static func loadGen(
        _ arguments: [String],
        in folder: URL,
        environment: [String: String]? = nil,
        timeout: Duration = .seconds(60),
        during: (ChildProcess) async throws -> Void = { _ in }
    ) async throws -> ProgramRun {
        let id = UUID().uuidString
        let output = folder.appendingPathComponent("out-\(id)")
        let results = folder.appendingPathComponent("results-\(id)")
        let takesOut =
            ["run", "compare", "capacity"].contains(arguments.first) && !arguments.contains("--out")
        let process = try ChildProcess(
            "LoadGen",
            executable: BuiltPrograms.loadGen(),
            arguments: arguments + (takesOut ? ["--out", results.path] : []),
            log: folder.appendingPathComponent("err-\(id)"),
            output: output,
            environment: environment
        )
        do {
            try await during(process)
            let status = try await process.wait(timeout: timeout)
            let runs =
                (try? FileManager.default.contentsOfDirectory(at: results, includingPropertiesForKeys: nil)) ?? []
            return ProgramRun(
                status: status,
                output: try String(contentsOf: output, encoding: .utf8),
                errors: process.log,
                summary: runs.first.flatMap { try? Summary.load(from: $0) },
                folder: runs.first
            )
        } catch {
            await process.stop(timeout: .seconds(5))
            throw error
        }
    }
}

extension ChildProcess {
    /// Waits until a run's progress shows a phase, or the run is over.
    func waitForPhase(_ phase: String) async throws {
        let deadline = ContinuousClock.now + .seconds(40)
        while !log.contains("phase=\(phase)"), isRunning, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// A ChatServer of the test's own in a temporary folder, stopped and removed whatever happens.
enum TestStage {
    static func withServer(
        _ body: (_ server: ChildProcess, _ port: Int, _ folder: URL) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let server = try ChildProcess(
                "ChatServer",
                executable: BuiltPrograms.chatServer(),
                arguments: [
                    "--port", "0", "--limits", "off", "--store", "sqlite:\(folder.path)/chat.db", "--stop-with-stdin",
                ],
                log: folder.appendingPathComponent("server.log")
            )
            do {
                try await body(server, try await BuiltPrograms.port(of: server), folder)
                await server.stop()
            } catch {
                await server.stop()
                throw error
            }
        }
    }

    static func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "chatbench-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }
}
