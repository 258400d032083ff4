import NIOCore

/// A TCP proxy that holds back for a known time what the server says; what the client says passes at once.
final class DelayProxy: Sendable {
    private let proxy: TCPProxy
    var port: Int { proxy.port }

    /// - Parameter delay: of each piece that the server sends, to within some microseconds.
    init(to target: Int, delay: TimeAmount) async throws {
        proxy = try await TCPProxy(to: target) { client, server in
            try server.pipeline.syncOperations.addHandler(Delay(to: client, delay))
            try client.pipeline.syncOperations.addHandler(TCPProxy.Forwarder(to: server))
        }
    }

    func close() async throws { try await proxy.close() }

    private final class Delay: TCPProxy.Forwarder {
        /// A timer may be late by as much; the rest is waited for awake.
        private static let slack = TimeAmount.microseconds(400)

        private let delay: TimeAmount

        init(to peer: any Channel, _ delay: TimeAmount) {
            self.delay = delay
            super.init(to: peer)
        }

        override func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let (peer, data) = (peer, unwrapInboundIn(data))
            let due = NIODeadline.now() + delay
            context.eventLoop.scheduleTask(deadline: due - Self.slack) {
                while NIODeadline.now() < due {}
                peer.writeAndFlush(data, promise: nil)
            }
        }

        override func channelInactive(context: ChannelHandlerContext) {
            let peer = peer
            context.eventLoop.scheduleTask(in: delay) { peer.close(promise: nil) }
        }
    }
}
