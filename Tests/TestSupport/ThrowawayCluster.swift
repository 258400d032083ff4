import Foundation

/// A Redis Cluster of three masters.
enum ThrowawayCluster {
    static func with(_ body: ([ThrowawayRedis]) async throws -> Void) async throws {
        var nodes: [ThrowawayRedis] = []
        do {
            for _ in 0..<3 { nodes.append(try await ThrowawayRedis.start(.init(isCluster: true))) }
            try await join(nodes)
            try await body(nodes)
        } catch {
            for node in nodes { await node.stop() }
            throw error
        }
        for node in nodes { await node.stop() }
    }

    private static func join(_ nodes: [ThrowawayRedis]) async throws {
        let cli = try ThrowawayRedis.program("redis-cli", package: "redis-tools")
        let addresses = nodes.map { "127.0.0.1:\($0.port)" }
        try await runProgram(cli, ["--cluster", "create"] + addresses + ["--cluster-yes"])
        for node in nodes {
            for attempt in 0... {
                let info = try await runProgram(cli, ["-p", "\(node.port)", "cluster", "info"])
                if info.contains("cluster_state:ok") { break }
                guard attempt < 200 else { throw ThrowawayRedis.Failure(description: "no cluster: \(info)") }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
