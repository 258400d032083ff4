import ChatMetrics
import NIOCore
import NIOHTTP1
import NIOPosix

/// A small HTTP server on a thread of its own, for one file: `/metrics`.
enum MetricsEndpoint {
    /// A scraper that goes silent is let go.
    private static let idle = TimeAmount.seconds(60)

    /// Listens until the process ends.
    /// - Parameter port: 0 picks one.
    /// - Returns: the port.
    /// - Throws: `IOError` if it cannot be bound.
    static func open(_ metrics: LoadMetrics, host: String, port: Int) async throws -> Int {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandlers([
                            IdleStateHandler(readTimeout: idle), ScrapeAnswer(metrics),
                        ])
                    }
                }
                .bind(host: host, port: port).get()
            return channel.localAddress?.port ?? port
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }
}

/// Answers `GET /metrics`, and 404 to all else.
private final class ScrapeAnswer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let metrics: LoadMetrics
    private var request: HTTPRequestHead?

    init(_ metrics: LoadMetrics) {
        self.metrics = metrics
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body: break
        case .end:
            guard let request = request.take() else { return }
            answer(request, context)
        }
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = request.uri.prefix { $0 != "?" }
        let isKnown = path == "/metrics" && (request.method == .GET || request.method == .HEAD)
        let format = ExpositionFormat.negotiate(accept: request.headers[canonicalForm: "accept"].joined(separator: ","))
        let body = isKnown ? metrics.render(format) : Array("LoadGen's metrics are at /metrics\n".utf8)
        let headers: HTTPHeaders = [
            "content-type": isKnown ? format.contentType : "text/plain; charset=utf-8",
            "content-length": "\(body.count)",
        ]
        let head = HTTPResponseHead(version: request.version, status: isKnown ? .ok : .notFound, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !request.isKeepAlive { context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
