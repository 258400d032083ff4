import NIOCore

/// One connection to one server, ready for commands: they go out as they come, and replies come back in that order.
///
/// A command that waits longer than the options allow, or a malformed reply, ends the connection, and with it all that
/// waits. It is not restored: ``RedisPublisher`` and ``RedisSubscriber`` do that.
package final class RedisConnection: Sendable {
    package let server: RedisServer
    let eventLoop: any EventLoop
    let handler: NIOLoopBound<RedisChannelHandler>

    init(server: RedisServer, eventLoop: any EventLoop, handler: NIOLoopBound<RedisChannelHandler>) {
        self.server = server
        self.eventLoop = eventLoop
        self.handler = handler
    }

    /// Connects, and authenticates and selects the database as the server's address says.
    /// - Throws: ``RedisError``; `server` if a credential was refused, `timeout` if it took too long.
    package static func connect(
        to server: RedisServer, options: RedisOptions = RedisOptions(), on eventLoop: any EventLoop
    ) async throws -> RedisConnection {
        try await Connector(server: server, options: options, eventLoop: eventLoop).connect().get()
    }

    /// - Returns: the reply; an error reply is returned, not thrown.
    /// - Throws: ``RedisError``: `overloaded`, or why the connection ended.
    package func send(_ command: RedisCommand) async throws -> RedisReply {
        let replies = try await request(command.bytes, replyCount: 1).get()
        guard let reply = replies.first else { throw RedisError.malformedReply("none") }
        return reply
    }

    /// Sends all with one flush.
    /// - Returns: a reply for each.
    /// - Throws: as ``send(_:)-(RedisCommand)``.
    package func send(_ commands: [RedisCommand]) async throws -> [RedisReply] {
        guard !commands.isEmpty else { return [] }
        var bytes = ByteBuffer()
        for command in commands { bytes.writeImmutableBuffer(command.bytes) }
        return try await request(bytes, replyCount: commands.count).get()
    }

    package func close() async {
        try? await eventLoop.submit { self.handler.value.finish(.closed) }.get()
    }

    /// - Parameter bytes: as many commands as there are replies to come.
    func request(_ bytes: ByteBuffer, replyCount: Int) -> EventLoopFuture<[RedisReply]> {
        let promise = eventLoop.makePromise(of: [RedisReply].self)
        if eventLoop.inEventLoop {
            handler.value.request(bytes, replyCount: replyCount, promise: promise)
        } else {
            eventLoop.execute { self.handler.value.request(bytes, replyCount: replyCount, promise: promise) }
        }
        return promise.futureResult
    }
}
