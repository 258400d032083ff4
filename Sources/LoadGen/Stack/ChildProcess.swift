import Foundation
import Synchronization

/// One process that this program started, and ends: its output goes to a file, and it ends by itself if this program
/// dies, since its standard input closes then.
final class ChildProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let name: String
    let logFile: URL
    private let process: Mutex<Process>
    private let standardInput: Pipe
    private let exit: Mutex<Int32?>

    /// Starts it.
    /// - Parameters:
    ///   - output: where its standard output goes; nil: into the log.
    ///   - environment: nil: this program's.
    ///   - input: its standard input; nil: a pipe of its own that nothing is written to.
    ///   - folder: its working directory; nil: this program's.
    /// - Throws: ``Failure`` if it cannot be started.
    init(
        _ name: String,
        executable: URL,
        arguments: [String],
        log: URL,
        output: URL? = nil,
        environment: [String: String]? = nil,
        input: Pipe? = nil,
        folder: URL? = nil
    ) throws {
        self.name = name
        self.logFile = log
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        standardInput = input ?? Pipe()
        process.standardInput = standardInput
        if let environment { process.environment = environment }
        if let folder { process.currentDirectoryURL = folder }
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        process.standardError = handle
        if let output {
            try Data().write(to: output)
            process.standardOutput = try FileHandle(forWritingTo: output)
        } else {
            process.standardOutput = handle
        }
        exit = Mutex(nil)
        do {
            try process.run()
        } catch {
            throw Failure(description: "cannot start \(executable.path): \(error)")
        }
        self.process = Mutex(process)
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    var processID: Int32 { process.withLock { $0.processIdentifier } }

    /// Its exit status; nil while it runs.
    var status: Int32? { process.withLock { $0.isRunning ? nil : $0.terminationStatus } }

    /// What it logged so far.
    var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

    /// Waits for its end.
    /// - Throws: ``Failure`` if it does not end in time.
    func wait(timeout: Duration) async throws -> Int32 {
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            if let status { return status }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure(description: "\(name) did not end within \(timeout)")
    }

    /// SIGTERM, and SIGKILL if that was not enough.
    func stop(timeout: Duration = .seconds(10)) async {
        guard isRunning else { return }
        kill(processID, SIGCONT)
        kill(processID, SIGTERM)
        // Not cancelled with the run: an interrupted run stops its processes all the same.
        let ended = await Task { try? await self.wait(timeout: timeout) }.value
        if ended == nil { kill(processID, SIGKILL) }
    }

    func signal(_ number: Int32) { kill(processID, number) }
}
