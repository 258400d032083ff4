import Foundation
import Synchronization

/// Starts a stack's processes so that none can be left behind: each writes its ``PartRecord`` before it becomes what it
/// is for, and does not go on if the stack is being cleared by then.
final class Launcher: Sendable {
    let folder: StackFolder
    private let ports: @Sendable () throws -> Int
    /// Their ends are noticed, so that none stays as a zombie.
    private let children = Mutex<[ChildProcess]>([])
    /// By name: how each part that stays was started last.
    private let commands = Mutex<[String: PartCommand]>([:])

    init(
        _ folder: StackFolder,
        ports: @escaping @Sendable () throws -> Int = { try FreePort.pick() }
    ) {
        self.folder = folder
        self.ports = ports
    }

    /// Starts a process that stays. It need not be ready yet, and its port is what the caller says.
    func launch(_ command: PartCommand, port: Int) async throws -> StackPart {
        let record = folder.parts.appendingPathComponent(command.name)
        try? FileManager.default.removeItem(at: record)
        let child = try spawn(command, output: nil)
        remember(command)
        children.withLock { children in
            children.removeAll { !$0.isRunning }
            children.append(child)
        }
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            if let record = PartRecord.read(record) {
                return StackPart(
                    name: command.name,
                    kind: command.kind,
                    record: record,
                    port: port,
                    probe: command.probe,
                    logPath: command.log.path
                )
            }
            if !child.isRunning { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw PartFailure(part: command.name, reason: "could not be started", log: child.log)
    }

    /// How a part is to be started again, if not as it was the first time.
    func remember(_ command: PartCommand) { commands.withLock { $0[command.name] = command } }

    /// Starts a part that has ended once more, on its old port, and returns when it answers. Postgres refuses as long as
    /// the old one's last sessions have not gone, so there are several tries.
    func revive(_ part: StackPart, timeout: Duration = .seconds(20)) async throws -> StackPart {
        guard var command = commands.withLock({ $0[part.name] }) else {
            throw PartFailure(part: part.name, reason: "cannot be started again", log: "")
        }
        command.appendsLog = true
        let deadline = ContinuousClock.now + timeout
        while true {
            // Whoever has ended must be known to have, or its number still counts as a running process's.
            children.withLock { $0.removeAll { !$0.isRunning } }
            do {
                return try await start(command, port: part.port, timeout: timeout)
            } catch let failure as PartFailure where ContinuousClock.now < deadline && failure.hasEnded {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Starts a process that stays, and returns when it answers.
    func start(_ command: PartCommand, port: Int, timeout: Duration = .seconds(20)) async throws -> StackPart {
        let part = try await launch(command, port: port)
        do {
            try await waitUntilReady(part, timeout: timeout)
        } catch {
            // It would hold the port and the data that the next try wants.
            if part.isRunning { part.signal(SIGKILL) }
            throw error
        }
        return part
    }

    func waitUntilReady(_ part: StackPart, timeout: Duration = .seconds(20)) async throws {
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            guard part.isRunning else { throw PartFailure(part: part.name, reason: "ended", log: part.log) }
            // Another's answer on the same port counts only if the part itself lives on.
            if await part.probe.isReady(port: part.port), part.isRunning { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw PartFailure(part: part.name, reason: "was not ready within \(timeout)", log: part.log)
    }

    /// Gives a free port to what listens on it; another one if somebody else was faster.
    func onFreePort<T>(_ body: (Int) async throws -> T) async throws -> T {
        for _ in 0..<3 {
            do {
                return try await body(try ports())
            } catch let failure as PartFailure where failure.isPortTaken {
                continue
            }
        }
        return try await body(try ports())
    }

    /// Runs a process to its end.
    /// - Parameter output: the file for its standard output; nil: into its log.
    /// - Throws: ``PartFailure`` if it fails, or does not end in time.
    func run(_ command: PartCommand, output: URL? = nil, timeout: Duration) async throws {
        let process = try spawn(command, output: output)
        do {
            let status = try await process.wait(timeout: timeout)
            guard status == 0 else {
                throw PartFailure(part: command.name, reason: "failed with status \(status)", log: process.log)
            }
        } catch {
            process.signal(SIGKILL)
            guard error is ChildProcess.Failure else { throw error }
            throw PartFailure(part: command.name, reason: "did not end within \(timeout)", log: process.log)
        }
    }

    private func spawn(_ command: PartCommand, output: URL?) throws -> ChildProcess {
        try ChildProcess(
            command.name,
            executable: URL(fileURLWithPath: "/bin/sh"),
            arguments: ["-c", Self.script, "chatbench-launcher", folder.path, command.name, command.stopSignal]
                + command.words,
            log: command.log,
            output: output,
            environment: ChildEnvironment.own.merging(command.environment) { $1 },
            folder: try folder.makeFolder(for: command.name, account: command.account),
            appendsLog: command.appendsLog
        )
    }

    /// `exec` keeps the process's number and start.
    private static let script = """
        folder=$1 name=$2 signal=$3
        shift 3
        field() { shift 19; started=$1; }
        read -r stat <"/proc/$$/stat" || exit 1
        field ${stat##*) }
        echo "$$ $started $signal" >"$folder/parts/$name" || exit 1
        [ -e "$folder/alive" ] || exit 1
        exec "$@" </dev/null
        """
}
