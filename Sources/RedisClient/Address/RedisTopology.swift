import Logging
import NIOCore

/// What stands behind the servers that were given.
package enum RedisTopology {
    /// Asks the first server that can be reached.
    /// - Returns: one group of all nodes if it belongs to a Redis Cluster; otherwise a group for each server, in the
    ///   order given: each is a shard of its own.
    /// - Throws: ``RedisError`` of the last server if none can be reached: `server` if it refused the credentials.
    package static func discover(
        _ servers: [RedisServer],
        options: RedisOptions = RedisOptions(),
        on eventLoop: any EventLoop,
        logger: Logger
    ) async throws -> [RedisGroup] {
        var trouble = RedisError.unavailable("no server was given")
        for server in servers {
            do {
                let connection = try await RedisConnection.connect(to: server, options: options, on: eventLoop)
                let nodes: [RedisServer]?
                do {
                    nodes = try await clusterNodes(connection, logger)
                } catch {
                    await connection.close()
                    throw error
                }
                await connection.close()
                guard let nodes else { return servers.map { RedisGroup([$0]) } }
                return [RedisGroup(servers, isCluster: true, learnt: nodes)]
            } catch {
                trouble = .from(error)
                logger.warning("no answer from Redis", metadata: ["server": "\(server)", "reason": "\(trouble)"])
            }
        }
        throw trouble
    }

    /// - Returns: nil if it is no cluster, or may not be asked: publishing on single servers works in both cases.
    private static func clusterNodes(
        _ connection: RedisConnection, _ logger: Logger
    ) async throws -> [RedisServer]? {
        let replies = try await connection.send([RedisCommand("INFO", "cluster"), RedisCommand("CLUSTER", "NODES")])
        if case .error(let text)? = replies.first {
            logger.warning(
                "cannot ask Redis whether it is a cluster; taken for single servers",
                metadata: ["server": "\(connection.server)", "reason": "\(text)"]
            )
        }
        guard let info = replies.first?.text, info.contains("cluster_enabled:1") else { return nil }
        return replies.last?.text.map { ClusterNodes.servers(in: $0, from: connection.server) } ?? []
    }
}
