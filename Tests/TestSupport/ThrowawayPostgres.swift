import Foundation

/// A real PostgreSQL server for tests: its own folder, port and socket, no durability, gone with the test process.
///
/// A watcher process waits on a pipe from here and kills the server when this process ends, in whatever way. Postgres
/// refuses to run as root, so root starts it as the user `postgres`.
package final class ThrowawayPostgres: @unchecked Sendable {
    package static let password = "secret of the test"

    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    package let port: UInt16
    /// Holds the socket; everything in it is readable by the server's user.
    package let folder: URL

    private let data: URL
    private let settings: [String: String]
    private let binaries: URL
    /// `@unchecked Sendable`: the lock guards it.
    private let lock = NSLock()
    private var watcher: Process?
    private var pipe: Pipe?
    private var certificate: URL?

    /// Creates the database cluster and starts the server.
    /// - Parameters:
    ///   - settings: lines of `postgresql.conf`.
    ///   - hasTLS: makes a self-signed certificate for `localhost` and 127.0.0.1; see ``certificatePath``.
    /// - Throws: ``Failure`` that names what is missing or shows the server's log.
    package init(settings: [String: String] = [:], hasTLS: Bool = false) throws {
        binaries = try Self.findBinaries()
        port = try Self.freePort()
        var template = Array("/tmp/throwaway-postgres-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "cannot make a folder below /tmp") }
        folder = URL(fileURLWithPath: template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
        data = folder.appendingPathComponent("data")
        self.settings = settings
        let passwordFile = folder.appendingPathComponent("password")
        try Self.password.write(to: passwordFile, atomically: false, encoding: .utf8)
        try Self.run("/bin/chown", ["-R", Self.user, folder.path], as: nil)
        try Self.run(
            binaries.appendingPathComponent("initdb").path,
            [
                "--no-sync", "-A", "scram-sha-256", "-U", "postgres", "--pwfile", passwordFile.path,
                "-E", "UTF8", "--locale", "C.UTF-8", "-D", data.path,
            ],
            as: Self.user
        )
        if hasTLS { try makeCertificate() }
        try start()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// For the PEM file of the authority that signed the server's certificate: itself.
    package var certificatePath: String { certificate?.path ?? "" }

    package func url(
        user: String = "postgres", password: String = password, database: String = "postgres", query: String = ""
    )
        -> String
    {
        let password = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgres://\(user):\(password)@127.0.0.1:\(port)/\(database)\(query.isEmpty ? "" : "?" + query)"
    }

    /// Over the Unix socket.
    package var socketURL: String {
        let password = Self.password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgres://postgres:\(password)@/postgres?host=\(folder.path)&port=\(port)"
    }

    /// Starts a stopped server, and returns when it takes connections.
    package func start() throws {
        lock.lock()
        defer { lock.unlock() }
        guard watcher == nil else { return }
        var failure = ""
        // After a SIGKILL the old backends may hold the shared memory for a moment.
        for _ in 0..<20 {
            try launch()
            if waitUntilReady() { return }
            failure = log
            halt(SIGQUIT)
            Thread.sleep(forTimeInterval: 0.25)
        }
        throw Failure(description: "Postgres does not start:\n\(failure)")
    }

    /// Rolls back what is open, says goodbye to the clients, and stops.
    package func stop() {
        lock.lock()
        defer { lock.unlock() }
        halt(SIGINT)
    }

    /// Stops at once, as in a crash: neither the postmaster nor a backend says goodbye.
    package func kill() {
        lock.lock()
        defer { lock.unlock() }
        signalAll(SIGKILL)
        halt(SIGKILL)
    }

    package func restart() throws {
        stop()
        try start()
    }

    /// The server and its backends stand still, their sockets stay open.
    package func freeze() { signalAll(SIGSTOP) }

    package func thaw() { signalAll(SIGCONT) }

    /// Runs SQL through `psql`, past the client under test.
    /// - Returns: what it prints, unaligned and without headers.
    @discardableResult
    package func psql(_ sql: String) throws -> String {
        try Self.run(binaries.appendingPathComponent("psql").path, [socketURL, "-AtX", "-c", sql], as: nil)
    }

    // MARK: - The process

    private static let user = geteuid() == 0 ? "postgres" : NSUserName()

    private var log: String {
        (try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)) ?? ""
    }

    private var postmaster: pid_t? {
        let file = data.appendingPathComponent("postmaster.pid")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    private func launch() throws {
        var settings = [
            "port": String(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": folder.path,
            "fsync": "off", "shared_buffers": "16MB", "max_connections": "40", "logging_collector": "off",
        ]
        if certificate != nil {
            settings["ssl"] = "on"
            settings["ssl_cert_file"] = folder.appendingPathComponent("server.crt").path
            settings["ssl_key_file"] = folder.appendingPathComponent("server.key").path
        }
        settings.merge(self.settings) { _, own in own }
        let options = settings.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The shell's own input is the pipe: it ends when this process does. SIGQUIT is Postgres's immediate stop.
        let script = """
            exec 3<&0
            folder=$1; shift
            "$@" >>"$folder/log" 2>&1 </dev/null 3<&- &
            server=$!
            (read -r line <&3; kill -CONT $server; kill -QUIT $server; sleep 1; rm -rf "$folder") 2>/dev/null &
            watch=$!
            exec 3<&-
            wait $server
            kill $watch 2>/dev/null
            """
        let server = binaries.appendingPathComponent("postgres").path
        process.arguments =
            ["-c", script, "sh", folder.path] + Self.command(server, ["-D", data.path] + options, as: Self.user)
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try? pipe.fileHandleForReading.close()
        self.pipe = pipe
        watcher = process
    }

    private func waitUntilReady() -> Bool {
        for _ in 0..<400 {
            guard watcher?.isRunning == true else { return false }
            // The eighth line of postmaster.pid says whether connections are accepted.
            let file = data.appendingPathComponent("postmaster.pid")
            if let text = try? String(contentsOf: file, encoding: .utf8) {
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                if lines.count > 7, lines[7].hasPrefix("ready") { return true }
            }
            Thread.sleep(forTimeInterval: 0.025)
        }
        return false
    }

    private func halt(_ signal: Int32) {
        guard let watcher else { return }
        if let postmaster { Foundation.kill(postmaster, signal) }
        signalAll(SIGCONT)
        for _ in 0..<400 where watcher.isRunning { Thread.sleep(forTimeInterval: 0.025) }
        // The watcher's pipe ends here, and with it whatever is still there.
        try? pipe?.fileHandleForWriting.close()
        pipe = nil
        self.watcher = nil
        try? FileManager.default.removeItem(at: data.appendingPathComponent("postmaster.pid"))
    }

    /// To the postmaster and its children.
    private func signalAll(_ signal: Int32) {
        guard let postmaster else { return }
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { pid_t($0) } ?? []
        Foundation.kill(postmaster, signal)
        for process in processes {
            guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { continue }
            // After the name, in parentheses: state, parent.
            let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
            if fields.count > 1, fields[1] == "\(postmaster)" { Foundation.kill(process, signal) }
        }
    }

    // MARK: - Preparation

    private func makeCertificate() throws {
        let key = folder.appendingPathComponent("server.key")
        let file = folder.appendingPathComponent("server.crt")
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") else {
            throw Failure(description: "openssl is missing: install the package openssl")
        }
        try Self.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", key.path, "-out", file.path,
            ],
            as: nil
        )
        try Self.run("/bin/chown", [Self.user, key.path, file.path], as: nil)
        try Self.run("/bin/chmod", ["600", key.path], as: nil)
        certificate = file
    }

    private static func findBinaries() throws -> URL {
        let root = URL(fileURLWithPath: "/usr/lib/postgresql")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        for version in versions.compactMap({ Int($0) }).sorted(by: >) {
            let folder = root.appendingPathComponent("\(version)/bin")
            if FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("postgres").path) {
                return folder
            }
        }
        throw Failure(description: "the server PostgreSQL is missing: install the package postgresql")
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard status == 0 else { throw Failure(description: "no free port on 127.0.0.1") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func command(_ program: String, _ arguments: [String], as user: String?) -> [String] {
        guard let user, geteuid() == 0 else { return [program] + arguments }
        return ["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--init-groups", program] + arguments
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String], as user: String?) throws -> String {
        let command = command(program, arguments, as: user)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "\(program): \(text)") }
        return text.trimmingCharacters(in: .newlines)
    }
}
