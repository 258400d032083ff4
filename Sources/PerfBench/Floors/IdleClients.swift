import ChatProtocol
import Foundation
import NIOCore
import NIOPosix

/// The barest WebSocket clients: connected, and silent but for the pongs.
enum IdleClients {
    /// Connects them, some at a time, and returns when all are.
    static func connect(_ count: Int, port: Int, group: MultiThreadedEventLoopGroup) async throws {
        var next = 0
        while next < count {
            let batch = next..<min(count, next + 64)
            let opened = batch.map { number in open(number, port: port, group: group) }
            for future in opened { try await future.get() }
            next = batch.upperBound
        }
    }

    private static func open(_ number: Int, port: Int, group: MultiThreadedEventLoopGroup) -> EventLoopFuture<Void> {
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: Void.self)
        do {
            try ClientBootstrap(group: eventLoop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(ChannelOptions.Types.SocketOption(level: .ip, name: .init(rawValue: 24)), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(IdleClient(promise))
                    }
                }
                .bind(to: SocketAddress(ipAddress: "127.0.0.\(1 + number % 8)", port: 0))
                .connect(host: "127.0.0.1", port: port)
                .whenFailure { promise.fail($0) }
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }
}

/// One of them.
private final class IdleClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var upgraded: EventLoopPromise<Void>?

    init(_ upgraded: EventLoopPromise<Void>) { self.upgraded = upgraded }

    func channelActive(context: ChannelHandlerContext) {
        var request = ByteBuffer()
        request.writeStaticString("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        request.writeStaticString("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let upgraded = upgraded.take() { return upgraded.succeed(()) }
        let buffer = unwrapInboundIn(data)
        guard buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == 0x89 else { return }
        var pong = ByteBuffer()
        pong.writeFrame(.pong, payload: ByteBuffer(), maskingKey: 0x5A5A_5A5A)
        context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { upgraded.take()?.fail(ChannelError.eof) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        upgraded.take()?.fail(error)
        context.close(promise: nil)
    }
}
