import NIOCore
import NIOPosix

/// A TCP proxy on a free port; what happens to what passes is the handlers' business.
final class TCPProxy: Sendable {
    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// - Parameter wire: adds the handlers of a new connection to both of its ends, each a ``Forwarder`` to the other.
    init(
        to target: Int, wire: @escaping @Sendable (_ client: any Channel, _ server: any Channel) throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelInitializer { server in
                        server.eventLoop.makeCompletedFuture { try wire(client, server) }
                    }
                    .connect(host: "127.0.0.1", port: target)
                    .flatMap { _ in client.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        self.group = group
    }

    func close() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }

    /// Passes on what comes, and ends with its connection.
    class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let peer: any Channel

        init(to peer: any Channel) {
            self.peer = peer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            peer.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            peer.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
