import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A real redis-server of its own, on a free port and in a temporary folder. It stores nothing, and it dies with this
/// process: a shell holds it, and kills it when its standard input closes.
final class ThrowawayRedis: Sendable {
    struct Options: Sendable {
        /// Of the default user.
        var password: String?
        /// An ACL user beside it, in the words of `ACL SETUSER`: `bob on >pw allchannels +@all`.
        var user: String?
        /// Serves TLS only, with this certificate.
        var certificate: ThrowawayCertificate?
        var isCluster = false
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let port: Int
    let folder: URL
    private let options: Options
    private let running = Mutex<(shell: Process, input: Pipe)?>(nil)

    /// - Throws: ``Failure``; it names the package if a program is missing.
    static func start(_ options: Options = Options()) async throws -> ThrowawayRedis {
        let redis = try ThrowawayRedis(options)
        do {
            try await redis.start()
        } catch {
            await redis.stop()
            throw error
        }
        return redis
    }

    /// Starts one, and stops it when the body has ended.
    @discardableResult
    static func with<Result: Sendable>(
        _ options: Options = Options(), _ body: (ThrowawayRedis) async throws -> Result
    ) async throws -> Result {
        let redis = try await start(options)
        do {
            let result = try await body(redis)
            await redis.stop()
            return result
        } catch {
            await redis.stop()
            throw error
        }
    }

    private init(_ options: Options) throws {
        self.options = options
        port = try Self.freePort()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("throwaway-redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// `redis://127.0.0.1:port`, or `rediss://…`, without credentials.
    var url: String { "\(options.certificate == nil ? "redis" : "rediss")://127.0.0.1:\(port)" }

    var unixSocket: String { folder.appendingPathComponent("redis.sock").path }

    var log: String { (try? String(contentsOf: folder.appendingPathComponent("redis.log"), encoding: .utf8)) ?? "" }

    /// SIGKILL: every connection breaks. ``restart()`` brings it back.
    func kill() async {
        signal(SIGKILL)
        let shell = running.withLock { running in
            defer { running = nil }
            try? running?.input.fileHandleForWriting.close()
            return running?.shell.processIdentifier
        }
        guard shell != nil else { return }
        // Until the kernel has given the port back.
        for _ in 0..<500 where Self.accepts(port) { try? await Task.sleep(for: .milliseconds(2)) }
    }

    /// SIGSTOP: the kernel goes on accepting, and nobody answers.
    func pause() { signal(SIGSTOP) }

    func resume() { signal(SIGCONT) }

    /// Again on the same port.
    func restart() async throws {
        await kill()
        try await start()
    }

    func stop() async {
        await kill()
        try? FileManager.default.removeItem(at: folder)
    }

    private var pidFile: URL { folder.appendingPathComponent("pid") }

    private func signal(_ number: Int32) {
        guard running.withLock({ $0 != nil }), let text = try? String(contentsOf: pidFile, encoding: .utf8),
            let pid = pid_t(text.filter(\.isNumber)), pid > 1
        else { return }
        #if canImport(Glibc)
            Glibc.kill(pid, number)
        #else
            Darwin.kill(pid, number)
        #endif
    }

    private func start() async throws {
        let server = try Self.program("redis-server", package: "redis-server")
        try? FileManager.default.removeItem(at: pidFile)
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments =
            [
                "-c", "pid=$1; shift; \"$@\" & echo $! > \"$pid\"; read -r _; kill -9 $!", "sh", pidFile.path,
                server.path,
            ]
            + arguments
        shell.currentDirectoryURL = folder
        let input = Pipe()
        shell.standardInput = input
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        running.withLock { $0 = (shell, input) }
        for _ in 0..<1000 {
            if FileManager.default.fileExists(atPath: pidFile.path), Self.accepts(port) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure(description: "redis-server did not start on port \(port): \(log.suffix(1000))")
    }

    private var arguments: [String] {
        var arguments = [
            "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", folder.path, "--logfile", "redis.log",
            "--unixsocket", unixSocket,
        ]
        if let certificate = options.certificate {
            arguments += [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", certificate.certificate.path,
                "--tls-key-file", certificate.key.path, "--tls-ca-cert-file", certificate.authority.path,
                "--tls-auth-clients", "no",
            ]
        } else {
            arguments += ["--port", "\(port)"]
        }
        if let password = options.password { arguments += ["--requirepass", password] }
        if let user = options.user { arguments += ["--user"] + user.split(separator: " ").map(String.init) }
        if options.isCluster {
            arguments += ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]
        }
        return arguments
    }

    /// - Throws: ``Failure`` that says which package has it.
    static func program(_ name: String, package: String) throws -> URL {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        for folder in path.split(separator: ":").map(String.init) + ["/usr/sbin"] {
            let url = URL(fileURLWithPath: folder).appendingPathComponent(name)
            if FileManager.default.isExecutableFile(atPath: url.path) { return url }
        }
        throw Failure(description: "\(name) is missing; install it with: apt-get install \(package)")
    }

    /// Below the ports that the kernel gives to clients, so that it stays free for a restart; and the cluster's bus
    /// has its port 10,000 above.
    private static func freePort() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 11_000..<22_000)
            if isFree(port), isFree(port + 10_000) { return port }
        }
        throw Failure(description: "no port is free")
    }

    private static func isFree(_ port: Int) -> Bool { withSocket(port) { bind($0, $1, $2) == 0 } }

    private static func accepts(_ port: Int) -> Bool { withSocket(port) { connect($0, $1, $2) == 0 } }

    private static func withSocket(
        _ port: Int, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
