import Foundation
import Synchronization

/// One process that this program started. It ends with this program: what it reads from closes.
final class Child: Sendable {
    let name: String
    let log: URL
    private let process: Mutex<Process>
    private let input: Mutex<FileHandle?>
    let id: Int32

    /// Everything that runs now, for the end of the program.
    private static let running = Mutex<[Int32: Child]>([:])

    /// - Parameters:
    ///   - core: the one core that it may use; nil: any.
    ///   - output: where standard output goes; nil: into the log.
    init(
        _ name: String, _ executable: URL, _ arguments: [String], core: Int? = nil, log: URL, output: URL? = nil
    ) throws {
        self.name = name
        self.log = log
        let process = Process()
        if let core {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
            process.arguments = ["-c", "\(core)", executable.path] + arguments
        } else {
            process.executableURL = executable
            process.arguments = arguments
        }
        let input = Pipe()
        process.standardInput = input
        let errors = try Self.writing(log)
        process.standardError = errors
        process.standardOutput = try output.map(Self.writing) ?? errors
        do { try process.run() } catch { throw Failure("cannot start \(name): \(error)") }
        id = process.processIdentifier
        self.process = Mutex(process)
        self.input = Mutex(input.fileHandleForWriting)
        Self.running.withLock { $0[id] = self }
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    /// The exit status; nil while it runs.
    var status: Int32? { process.withLock { $0.isRunning ? nil : $0.terminationStatus } }

    /// Waits for its end by itself.
    func wait(timeout: Duration) async throws -> Int32 {
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            if let status {
                Self.running.withLock { _ = $0.removeValue(forKey: id) }
                return status
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        await stop()
        throw Failure("\(name) did not end within \(timeout)")
    }

    /// SIGTERM, and SIGKILL if that was not enough. What it serves is of no more use: it may cut everything off.
    func stop(grace: Duration = .seconds(5)) async {
        signal(SIGTERM)
        input.withLock { input in
            try? input?.close()
            input = nil
        }
        let deadline = ContinuousClock.now + grace
        while isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
        signal(SIGKILL)
        while isRunning { try? await Task.sleep(for: .milliseconds(5)) }
        Self.running.withLock { _ = $0.removeValue(forKey: id) }
    }

    func signal(_ number: Int32) {
        if isRunning { kill(id, number) }
    }

    /// The log's last lines, for an error.
    var lastWords: String {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(3).joined(separator: " | ")
    }

    static func stopAll(_ number: Int32) {
        for child in running.withLock({ Array($0.values) }) { child.signal(number) }
    }

    static var anyRunning: Bool { running.withLock { $0.values.contains { $0.isRunning } } }

    private static func writing(_ file: URL) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        return try FileHandle(forWritingTo: file)
    }
}
