import NIOCore

/// The first commands on a connection, sent together: who we are and where, and a PING that proves it.
struct Handshake {
    let server: RedisServer
    let clientName: String?

    /// AUTH has one argument for the default user and two for an ACL user (Redis 6 and newer).
    var commands: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password = server.password {
            commands.append(RedisCommand(["AUTH"] + (server.user.map { [$0] } ?? []) + [password]))
        }
        if server.database != 0 { commands.append(RedisCommand("SELECT", String(server.database))) }
        if let clientName { commands.append(RedisCommand("CLIENT", "SETNAME", clientName)) }
        commands.append(RedisCommand("PING"))
        return commands
    }

    /// Fails with the first refusal, ``RedisError/server(_:)``, and ends the connection then.
    func perform(on connection: RedisConnection) -> EventLoopFuture<Void> {
        let commands = commands
        var bytes = ByteBuffer()
        for command in commands { bytes.writeImmutableBuffer(command.bytes) }
        return connection.request(bytes, replyCount: commands.count).flatMapThrowing { replies in
            for reply in replies {
                guard case .error(let text) = reply else { continue }
                connection.handler.value.finish(.server(text))
                throw RedisError.server(text)
            }
        }
    }
}
