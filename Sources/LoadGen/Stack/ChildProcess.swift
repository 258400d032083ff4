import Foundation
import Synchronization

/// One process that this program started.
///
/// It has a session of its own, so neither the terminal's Ctrl-C nor its end reach it; signals are as in a fresh process
/// (threads of this program block most of them, and what a child inherits, it keeps); and it holds no descriptor of this
/// program. Its standard input is a pipe that nobody but this program holds: it closes when this program ends, however.
final class ChildProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let name: String
    let logFile: URL
    let processID: Int32
    private let result = Mutex<Int32?>(nil)
    /// The pipe's end; nil once it was closed.
    private let input: Mutex<FileHandle?>

    /// Starts it.
    /// - Parameters:
    ///   - output: where its standard output goes; nil: into the log.
    ///   - environment: nil: this program's.
    ///   - folder: its working directory; nil: this program's.
    ///   - appendsLog: keeps what stands in the log already.
    /// - Throws: ``Failure`` if it cannot be started.
    init(
        _ name: String,
        executable: URL,
        arguments: [String],
        log: URL,
        output: URL? = nil,
        environment: [String: String]? = nil,
        folder: URL? = nil,
        appendsLog: Bool = false
    ) throws {
        self.name = name
        logFile = log
        let errors = try Self.open(log, isEmptied: !appendsLog)
        defer { close(errors) }
        let out = try output.map { try Self.open($0) } ?? dup(errors)
        defer { close(out) }
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else {
            throw Failure(description: "cannot start \(name): \(String(cString: strerror(errno)))")
        }
        defer { close(pipe[0]) }
        input = Mutex(FileHandle(fileDescriptor: pipe[1], closeOnDealloc: true))
        for descriptor in pipe { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        // The portable interface has no working directory.
        let inFolder = folder.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0.path] } ?? []
        processID = try Self.spawn(
            inFolder + [executable.path] + arguments,
            environment ?? ProcessInfo.processInfo.environment,
            descriptors: [pipe[0], out, errors]
        )
    }

    deinit { _ = status }

    /// Its exit status, or the signal that ended it; nil while it runs.
    var status: Int32? {
        result.withLock { result in
            if let result { return result }
            var raw: Int32 = 0
            guard waitpid(processID, &raw, WNOHANG) == processID else { return nil }
            // wait(2): the low seven bits are the signal, the next byte the status.
            let signal = raw & 0x7F
            result = signal == 0 ? (raw >> 8) & 0xFF : signal
            return result
        }
    }

    var isRunning: Bool { status == nil }

    /// What it logged so far.
    var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

    /// Its standard input comes to an end.
    func closeInput() {
        input.withLock { input in
            try? input?.close()
            input = nil
        }
    }

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
        signal(SIGCONT)
        signal(SIGTERM)
        // Not cancelled with the run: an interrupted run stops its processes all the same.
        let ended = await Task { try? await self.wait(timeout: timeout) }.value
        if ended == nil { signal(SIGKILL) }
    }

    func signal(_ number: Int32) {
        // Until it was waited for, nobody else can have its number.
        if isRunning { kill(processID, number) }
    }

    // MARK: - Starting

    /// `POSIX_SPAWN_SETSID` of glibc's spawn.h, which Swift does not see.
    private static let setSession: Int32 = 0x80

    private static func open(_ file: URL, isEmptied: Bool = true) throws -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (isEmptied ? O_TRUNC : 0)
        let descriptor = Glibc.open(file.path, flags, 0o644)
        guard descriptor >= 0 else {
            throw Failure(description: "cannot write \(file.path): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// posix_spawn(3). Every step that can fail for want of memory alone is left to the last one.
    private static func spawn(
        _ words: [String],
        _ environment: [String: String],
        descriptors: [Int32]
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (place, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
        }
        // Also what another thread has just opened, and not marked yet. One that is closed by then is no error.
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in open.compactMap({ Int32($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | Self.setSession))
        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var id: Int32 = 0
        let error = posix_spawn(&id, words[0], &actions, &attributes, arguments, variables)
        guard error == 0 else {
            throw Failure(description: "cannot start \(words[0]): \(String(cString: strerror(error)))")
        }
        return id
    }
}
