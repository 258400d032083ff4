import Foundation

/// Throwaway Redis servers that keep nothing on disk: they only pass messages on.
struct RedisPart: Sendable {
    static let name = "redis"

    var parts: [StackPart]
    /// What ChatServer's `--broker` gets. Of a cluster one node is enough: it tells of the others.
    var url: String

    /// Starts what a setup asks for, and returns when all of it answers.
    static func start(
        _ layout: BrokerSpec.Layout,
        _ launcher: Launcher,
        programs: Programs,
        logs: URL
    ) async throws -> RedisPart {
        switch layout {
        case .servers(let count):
            let parts = try await start(count, isCluster: false, launcher, programs: programs, logs: logs)
            return RedisPart(parts: parts, url: parts.map(\.redisURL).joined(separator: ","))
        case .cluster(let count):
            let parts = try await start(count, isCluster: true, launcher, programs: programs, logs: logs)
            try await join(parts, launcher, programs: programs, logs: logs)
            return RedisPart(parts: parts, url: parts.first?.redisURL ?? "")
        }
    }

    private static func start(
        _ count: Int,
        isCluster: Bool,
        _ launcher: Launcher,
        programs: Programs,
        logs: URL
    ) async throws -> [StackPart] {
        var parts: [StackPart] = []
        for index in 0..<count {
            let name = index == 0 ? name : "\(name)-\(index + 1)"
            let account = ServiceAccount.forParts
            let home = try launcher.folder.makeFolder(for: name, account: account)
            var command = PartCommand(
                name: name,
                kind: .broker,
                executable: try programs.require(.redisServer),
                arguments: [],
                account: account,
                log: logs.appendingPathComponent("\(name).log"),
                probe: .redis
            )
            let part = try await launcher.onFreePort { port in
                command.arguments = options(port: port, folder: home.path)
                if isCluster { command.arguments += try cluster(busPort: FreePort.pick()) }
                return try await launcher.start(command, port: port)
            }
            parts.append(part)
        }
        return parts
    }

    /// Makes one cluster of them, each with its share of the slots.
    private static func join(_ parts: [StackPart], _ launcher: Launcher, programs: Programs, logs: URL) async throws {
        let addresses = parts.map { "127.0.0.1:\($0.port)" }
        let command = PartCommand(
            name: "redis-cluster",
            kind: .broker,
            executable: try programs.require(.redisCLI),
            arguments: ["--cluster", "create"] + addresses + ["--cluster-yes"],
            account: ServiceAccount.forParts,
            log: logs.appendingPathComponent("redis-cluster.log"),
            probe: .redis
        )
        try await launcher.run(command, timeout: .seconds(30))
        let deadline = ContinuousClock.now + .seconds(20)
        for part in parts {
            while await !isJoined(part) {
                guard ContinuousClock.now < deadline else {
                    throw PartFailure(part: part.name, reason: "did not join the cluster within 20 s", log: part.log)
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private static func isJoined(_ part: StackPart) async -> Bool {
        let answer = await LoopbackSocket.exchange(
            Array("CLUSTER INFO\r\n".utf8), port: part.port, atLeast: 32, timeout: .milliseconds(500))
        return String(decoding: answer ?? [], as: UTF8.self).contains("cluster_state:ok")
    }

    static func options(port: Int, folder: String) -> [String] {
        [
            "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder,
            "--daemonize", "no", "--loglevel", "notice",
        ]
    }

    /// The bus's own default is the port and 10,000, which may be beyond the last one.
    static func cluster(busPort: Int) -> [String] {
        [
            "--cluster-enabled", "yes", "--cluster-port", "\(busPort)", "--cluster-node-timeout", "2000",
            "--cluster-config-file", "nodes.conf",
        ]
    }
}

extension StackPart {
    fileprivate var redisURL: String { "redis://127.0.0.1:\(port)" }
}
