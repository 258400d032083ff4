import NIOCore
import NIOPosix
import NIOSSL

/// Makes one connection: socket, TLS, then the handshake of commands.
struct Connector {
    let server: RedisServer
    let options: RedisOptions
    let eventLoop: any EventLoop

    /// - Returns: a connection that has answered a PING; or a failure, a ``RedisError``, within the connect timeout.
    func connect() -> EventLoopFuture<RedisConnection> {
        let (server, options, eventLoop) = (server, options, eventLoop)
        let deadline = NIODeadline.now() + options.connectTimeout
        return context()
            .flatMap { tls in socket(tls) }
            .flatMap { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try channel.pipeline.syncOperations.handler(type: RedisChannelHandler.self)
                    let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
                    return RedisConnection(server: server, eventLoop: channel.eventLoop, handler: bound)
                }
            }
            .flatMap { (connection: RedisConnection) in
                let timer = eventLoop.scheduleTask(deadline: deadline) { connection.handler.value.finish(.timeout) }
                return Handshake(server: server, clientName: options.clientName).perform(on: connection)
                    .always { _ in timer.cancel() }
                    .map { connection }
            }
            .flatMapErrorThrowing { error in throw Self.reason(error, server) }
    }

    /// Reading certificates blocks, so not on the event loop.
    private func context() -> EventLoopFuture<NIOSSLContext?> {
        guard let tls = server.tls else { return eventLoop.makeSucceededFuture(nil) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            if !tls.verifies { configuration.certificateVerification = .none }
            if let file = tls.authorities {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            }
            return try NIOSSLContext(configuration: configuration)
        }
    }

    private func socket(_ tls: NIOSSLContext?) -> EventLoopFuture<any Channel> {
        let (server, options) = (server, options)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(options.connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(Self.tlsHandler(tls, server)) }
                    try pipeline.addHandler(RedisChannelHandler(options: options))
                }
            }
        switch server.endpoint {
        case .unixSocket(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .host(let host, let port):
            return
                bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: host, port: port)
        }
    }

    private static func tlsHandler(_ context: NIOSSLContext, _ server: RedisServer) throws -> NIOSSLClientHandler {
        var name: String?
        // The name for SNI must not be an address (RFC 6066, section 3); the certificate is then held against it.
        if case .host(let host, _) = server.endpoint, (try? SocketAddress(ipAddress: host, port: 0)) == nil {
            name = host
        }
        return try NIOSSLClientHandler(context: context, serverHostname: name)
    }

    private static func reason(_ error: any Error, _ server: RedisServer) -> RedisError {
        switch error {
        case RedisError.connectionLost(let why): .unavailable("\(server): \(why)")
        case let error as RedisError: error
        case ChannelError.connectTimeout: .timeout
        case let error as NIOConnectionError:
            .unavailable("\(server): \(error.connectionErrors.first.map { "\($0.error)" } ?? "name not found")")
        default: .unavailable("\(server): \(error)")
        }
    }
}
