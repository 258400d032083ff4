import NIOCore
import NIOTLS

/// Bounds the time of a TLS handshake, and counts those that fail: whoever speaks plain HTTP here ends so. It goes once the
/// handshake is done. Confined to its loop.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler, TimedConnection {
    typealias InboundIn = ByteBuffer

    private let loop: GatewayLoop
    private let timeout: TimeAmount
    private var context: ChannelHandlerContext?

    init(loop: GatewayLoop, timeout: TimeAmount) {
        self.loop = loop
        self.timeout = timeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.schedule(.handshake, for: self, in: timeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case .handshakeCompleted = event as? TLSUserEvent else { return }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard self.context != nil else { return context.fireErrorCaught(error) }
        failed("tls_failed")
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        context.fireChannelInactive()
    }

    func timerFired(_ timer: GatewayLoop.Timer) {
        failed("tls_timeout")
    }

    private func failed(_ result: String) {
        guard let context else { return }
        self.context = nil
        loop.services.metrics.connectionAttempt(result).increment()
        context.close(promise: nil)
    }
}
