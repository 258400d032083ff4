import NIOCore
import NIOPosix

/// A TCP proxy that holds back for a known time what the server says; what the client says passes at once.
final class DelayProxy: Sendable {
    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// - Parameter delay: of each piece that the server sends, to within some microseconds.
    init(to target: Int, delay: TimeAmount) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelInitializer { server in
                        server.eventLoop.makeCompletedFuture {
                            try server.pipeline.syncOperations.addHandler(Forwarder(to: client, after: delay))
                            try client.pipeline.syncOperations.addHandler(Forwarder(to: server, after: .zero))
                        }
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

    private final class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        /// A timer may be late by as much; the rest is waited for awake.
        private static let slack = TimeAmount.microseconds(400)

        private let peer: any Channel
        private let delay: TimeAmount

        init(to peer: any Channel, after delay: TimeAmount) {
            self.peer = peer
            self.delay = delay
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let (peer, data) = (peer, unwrapInboundIn(data))
            guard delay > .zero else {
                peer.writeAndFlush(data, promise: nil)
                return
            }
            let due = NIODeadline.now() + delay
            context.eventLoop.scheduleTask(deadline: due - Self.slack) {
                while NIODeadline.now() < due {}
                peer.writeAndFlush(data, promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            let peer = peer
            context.eventLoop.scheduleTask(in: delay) { peer.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
