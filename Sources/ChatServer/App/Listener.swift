import ChatProtocol
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Accepts sockets and gives each its pipeline: HTTP first, a WebSocket after the upgrade.
final class Listener: Sendable {
    private let channel: any Channel
    private let open: ConnectionCount
    private let encryption: Encryption

    /// Connections, HTTP and WebSocket, against their limit.
    private final class ConnectionCount: Sendable {
        private let count = Atomic<Int>(0)
        func opened() -> Int { count.add(1, ordering: .relaxed).newValue }
        func closed() { count.subtract(1, ordering: .relaxed) }
    }

    /// Who takes the connections; set by ``serve(_:rest:)``, before the first is accepted.
    private final class Reception: Sendable {
        let wiring = Mutex<(loops: [ObjectIdentifier: GatewayLoop], rest: RestApplication)?>(nil)
    }

    /// What new connections are encrypted with; nil for plain ones.
    private final class Encryption: Sendable {
        let context: Mutex<NIOSSLContext?>

        init(_ tls: ServerTLS?) { context = Mutex(tls?.context) }
    }

    private let reception: Reception

    private init(channel: any Channel, open: ConnectionCount, encryption: Encryption, reception: Reception) {
        self.channel = channel
        self.open = open
        self.encryption = encryption
        self.reception = reception
    }

    /// Takes the port, and accepts nothing yet: whoever is wired next can know the port.
    /// - Parameter tls: nil for plain HTTP. With it, nothing else is spoken on the port.
    static func bind(host: String, port: Int, tls: ServerTLS?, group: MultiThreadedEventLoopGroup) async throws
        -> Listener
    {
        let open = ConnectionCount()
        let encryption = Encryption(tls)
        let reception = Reception()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.autoRead, value: false)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Many at a time: a storm of reconnects is accepted in few system calls' worth of polling.
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // What a slow reader has not been sent waits here, where it is counted, and not in megabytes of the kernel's.
            .childChannelOption(.tcpOption(.notSentLowWatermark), value: 256 << 10)
            // The channel keeps the buffer of its last read. This size holds an upgrade or a message; it grows with what comes.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 64 << 10)
            )
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 64 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let wiring = reception.wiring.withLock { $0 }
                    guard let wiring, let loop = wiring.loops[ObjectIdentifier(channel.eventLoop)] else { return }
                    let isOver = open.opened() > loop.services.settings.maxConnections
                    channel.closeFuture.whenComplete { _ in open.closed() }
                    let tls = encryption.context.withLock { $0 }
                    if let tls { try encrypt(channel, loop, tls, isBrief: isOver) }
                    guard !isOver else { return try refuse(channel, loop) }
                    try accept(channel, loop, wiring.rest, isEncrypted: tls != nil)
                }
            }
            .bind(host: host, port: port).get()
        return Listener(channel: channel, open: open, encryption: encryption, reception: reception)
    }

    /// Begins to accept.
    func serve(_ loops: [GatewayLoop], rest: RestApplication) async throws {
        let byLoop = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
        reception.wiring.withLock { $0 = (byLoop, rest) }
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// From the next connection on.
    func use(_ tls: ServerTLS) { encryption.context.withLock { $0 = tls.context } }

    /// The port that was bound.
    var port: Int { channel.localAddress?.port ?? 0 }

    func close() async { try? await channel.close() }

    /// - Parameter isBrief: there is hardly a descriptor left for it.
    private static func encrypt(
        _ channel: any Channel,
        _ loop: GatewayLoop,
        _ context: NIOSSLContext,
        isBrief: Bool
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let timeout = loop.services.settings.handshakeTimeout
        try pipeline.addHandler(NIOSSLServerHandler(context: context))
        try pipeline.addHandler(HandshakeWatch(loop: loop, timeout: isBrief ? min(timeout, .seconds(1)) : timeout))
    }

    private static func accept(
        _ channel: any Channel,
        _ loop: GatewayLoop,
        _ rest: RestApplication,
        isEncrypted: Bool
    ) throws {
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let encoder = HTTPResponseEncoder()
        let connection = HTTPConnection(
            loop: loop, rest: rest, isEncrypted: isEncrypted, decoder: decoder, encoder: encoder)
        try channel.pipeline.syncOperations.addHandlers([decoder, encoder, connection])
    }

    /// There are descriptors left for the answer, but not for the conversation.
    private static func refuse(_ channel: any Channel, _ loop: GatewayLoop) throws {
        loop.services.metrics.connectionAttempt("over_capacity").increment()
        loop.services.metrics.error(.queueFull)
        let answer = Problem(.overloaded, "too many connections", retryAfterSeconds: 5).answer
        try channel.pipeline.syncOperations.addHandlers([HTTPResponseEncoder(), Refusal(answer: answer)])
    }
}

/// Answers whatever comes with one response, and closes.
private final class Refusal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = HTTPServerResponsePart

    private var answer: RestAnswer?

    init(answer: RestAnswer) {
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let answer = answer.take() else { return }
        var head = answer.head
        head.headers.replaceOrAdd(name: "connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            // The request is still on its way in: closing both ways at once would reset the answer away.
            bound.value.close(mode: .output, promise: nil)
            bound.value.eventLoop.scheduleTask(in: .milliseconds(500)) { bound.value.close(promise: nil) }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}

extension NIOBSDSocket.Option {
    /// TCP_NOTSENT_LOWAT of Linux' tcp(7): a socket with so many unsent bytes takes no more.
    fileprivate static let notSentLowWatermark = NIOBSDSocket.Option(rawValue: 25)
}
