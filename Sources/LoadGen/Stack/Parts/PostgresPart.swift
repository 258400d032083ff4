import Foundation

/// A throwaway PostgreSQL: a cluster of its own in the stack's folder, as durable as one that matters.
struct PostgresPart: Sendable {
    static let name = "postgres"
    private static let user = "chat"

    var part: StackPart
    private let password: String

    /// `postgres://user:password@host:port/database`
    var url: String { "postgres://\(Self.user):\(password)@127.0.0.1:\(part.port)/postgres" }

    /// Makes the cluster, starts the server, and returns when it takes sessions.
    static func start(_ launcher: Launcher, programs: Programs, logs: URL) async throws -> PostgresPart {
        let account = ServiceAccount.forParts
        let home = try launcher.folder.makeFolder(for: name, account: account)
        let password = Secret.random(bytes: 24)
        let passwordFile = home.appendingPathComponent("password")
        try Secret.write(password, to: passwordFile, for: account)
        let log = logs.appendingPathComponent("\(name).log")
        var command = PartCommand(
            name: name,
            kind: .store,
            executable: try programs.require(.initdb),
            arguments: initialization(data: home.path + "/data", passwordFile: passwordFile.path),
            account: account,
            stopSignal: "KILL",
            log: log,
            probe: .postgres
        )
        try await launcher.run(command, timeout: .seconds(60))
        try? FileManager.default.removeItem(at: passwordFile)
        command.executable = try programs.require(.postgres)
        // Without a checkpoint: what it holds is thrown away.
        command.stopSignal = "QUIT"
        let part = try await launcher.onFreePort { port in
            command.arguments = ["-D", home.path + "/data"] + options(port: port)
            return try await launcher.start(command, port: port)
        }
        return PostgresPart(part: part, password: password)
    }

    /// What `initdb` is told. It need not sync: the server does that with everything that is written later.
    static func initialization(data: String, passwordFile: String) -> [String] {
        [
            "-D", data, "-U", user, "--auth=scram-sha-256", "--pwfile=\(passwordFile)", "--encoding=UTF8",
            "--no-locale", "--no-sync", "--no-instructions",
        ]
    }

    /// Durable, and otherwise for a small machine that has other things to do. There is no replica to feed, so the log
    /// holds no more than a restart needs. No Unix socket: its path may be 107 bytes long, and a temporary folder's longer.
    static func options(port: Int) -> [String] {
        [
            ("port", "\(port)"),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", ""),
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("max_connections", "200"),
            ("shared_buffers", "256MB"),
            ("wal_level", "minimal"),
            ("max_wal_senders", "0"),
            ("max_wal_size", "2GB"),
            ("checkpoint_timeout", "15min"),
            ("random_page_cost", "1.1"),
            ("jit", "off"),
            ("logging_collector", "off"),
        ].flatMap { ["-c", "\($0)=\($1)"] }
    }
}
