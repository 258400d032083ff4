import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy whose connections can go silent in one direction: they stay open, and what is sent that way is lost, as
/// with a firewall that has forgotten a connection. Connections that are made later work.
final class SilentProxy: Sendable {
    enum Direction: String, CaseIterable, Sendable {
        case toServer, toClient
    }

    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let connections: Connections

    /// Which connections are silent: those with a number up to this.
    private final class Connections: Sendable {
        let state = Mutex<(last: Int, silent: [Direction: Int])>((0, [:]))

        func next() -> Int {
            state.withLock { state in
                state.last += 1
                return state.last
            }
        }

        func isSilent(_ number: Int, _ direction: Direction) -> Bool {
            state.withLock { number <= $0.silent[direction] ?? 0 }
        }
    }

    init(to target: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let connections = Connections()
        channel = try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                let number = connections.next()
                return ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { server in
                        server.eventLoop.makeCompletedFuture {
                            let answers = Forwarder(to: client) { connections.isSilent(number, .toClient) }
                            let requests = Forwarder(to: server) { connections.isSilent(number, .toServer) }
                            try server.pipeline.syncOperations.addHandler(answers)
                            try client.pipeline.syncOperations.addHandler(requests)
                        }
                    }
                    .connect(host: "127.0.0.1", port: target)
                    .flatMap { _ in client.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        self.group = group
        self.connections = connections
    }

    /// All connections that are open now lose what is sent in this direction from now on.
    /// - Returns: how many those are, or were.
    @discardableResult
    func silence(_ direction: Direction) -> Int {
        connections.state.withLock { state in
            state.silent[direction] = state.last
            return state.last
        }
    }

    /// How many connections were made.
    var count: Int { connections.state.withLock { $0.last } }

    func close() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }

    private final class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let peer: any Channel
        private let isSilent: () -> Bool

        init(to peer: any Channel, isSilent: @escaping () -> Bool) {
            self.peer = peer
            self.isSilent = isSilent
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if !isSilent() { peer.writeAndFlush(unwrapInboundIn(data), promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            peer.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
