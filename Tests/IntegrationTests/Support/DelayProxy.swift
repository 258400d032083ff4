import NIOCore
import Synchronization
import Testing

/// A TCP proxy that holds back for a known time what the server says; what the client says passes at once.
final class DelayProxy: Sendable {
    private let proxy: TCPProxy
    /// For how long each piece was held back.
    private let holds = Holds()
    var port: Int { proxy.port }

    /// - Parameter delay: of each piece that the server sends, to within some microseconds.
    init(to target: Int, delay: TimeAmount) async throws {
        let holds = holds
        proxy = try await TCPProxy(to: target) { client, server in
            try server.pipeline.syncOperations.addHandler(Delay(to: client, delay, holds))
            try client.pipeline.syncOperations.addHandler(TCPProxy.Forwarder(to: server))
        }
    }

    /// The median time for which it really held back, in nanoseconds: a busy machine makes it longer than was asked.
    func held() throws -> Double {
        let sorted = holds.nanoseconds.withLock { $0.sorted() }
        try #require(!sorted.isEmpty, "nothing came through the proxy")
        return Double(sorted[sorted.count / 2])
    }

    func close() async throws { try await proxy.close() }

    private final class Holds: Sendable {
        let nanoseconds = Mutex<[Int64]>([])
    }

    private final class Delay: TCPProxy.Forwarder {
        /// A timer may be late by as much; the rest is waited for awake.
        private static let slack = TimeAmount.microseconds(400)

        private let delay: TimeAmount
        private let holds: Holds

        init(to peer: any Channel, _ delay: TimeAmount, _ holds: Holds) {
            self.delay = delay
            self.holds = holds
            super.init(to: peer)
        }

        override func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let (peer, data, holds) = (peer, unwrapInboundIn(data), holds)
            let came = NIODeadline.now()
            let due = came + delay
            context.eventLoop.scheduleTask(deadline: due - Self.slack) {
                while NIODeadline.now() < due {}
                peer.writeAndFlush(data, promise: nil)
                holds.nanoseconds.withLock { $0.append((NIODeadline.now() - came).nanoseconds) }
            }
        }

        override func channelInactive(context: ChannelHandlerContext) {
            let peer = peer
            context.eventLoop.scheduleTask(in: delay) { peer.close(promise: nil) }
        }
    }
}
