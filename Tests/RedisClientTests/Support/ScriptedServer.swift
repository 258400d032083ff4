import NIOCore
import NIOPosix

/// A listener that answers the first read of a connection with the first text of its script, the second with the
/// second, and then no more.
struct ScriptedServer {
    let url: String
    private let channel: any Channel

    static func with(_ script: [String], _ body: (ScriptedServer) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(url: "redis://127.0.0.1:\(channel.localAddress?.port ?? 0)", channel: channel)
        do {
            try await body(server)
        } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var script: [String]

        init(_ script: [String]) {
            self.script = script
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !script.isEmpty else { return }
            context.writeAndFlush(NIOAny(ByteBuffer(string: script.removeFirst())), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
