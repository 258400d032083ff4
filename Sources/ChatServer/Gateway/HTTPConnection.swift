import ChatProtocol
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// A socket while it speaks HTTP/1.1: requests go to the REST router one after the other; an upgrade, be it the first
/// request or a later one of a kept-alive connection, turns it into a ``WebSocketConnection``. Confined to its loop.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler, TimedConnection {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case reading(HTTPRequestHead, ByteBuffer)
        /// The last answer of the connection is given; what still comes is skipped.
        case skipping
        case responding
        /// The answer waits for a peer that does not read; until it is out, no further request is taken.
        case flushing
        case upgrading
    }

    /// How long a request may take to come in, and a kept-alive connection to send the next one.
    private static let requestTimeout = TimeAmount.seconds(45)

    private let loop: GatewayLoop
    private let rest: RestApplication
    private let isEncrypted: Bool
    /// Nil once this handler is out of the pipeline.
    private var codec: (decoder: ByteToMessageHandler<HTTPRequestDecoder>, encoder: HTTPResponseEncoder)?
    private var state = State.idle
    private var queue: [HTTPServerRequestPart] = []
    private var context: ChannelHandlerContext?
    private var readWanted = false
    private var isKeptAlive = true
    private var lastActivity = NIODeadline.now()
    /// Of the socket.
    private var peer = ClientAddress.unknown

    init(
        loop: GatewayLoop,
        rest: RestApplication,
        isEncrypted: Bool,
        decoder: ByteToMessageHandler<HTTPRequestDecoder>,
        encoder: HTTPResponseEncoder
    ) {
        self.loop = loop
        self.rest = rest
        self.isEncrypted = isEncrypted
        codec = (decoder, encoder)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        peer = ClientAddress(context.remoteAddress)
        loop.schedule(.request, for: self, in: Self.requestTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        // The timer holds this object for a while yet, and with it two kilobytes for a connection, if they stayed.
        codec = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        // The timer holds this object for a while yet; what it had of the stream goes now.
        state = .skipping
        queue = []
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastActivity = .now()
        let part = unwrapInboundIn(data)
        if isReading { take(part) } else { queue.append(part) }
    }

    /// One request at a time: while it is answered, the next waits in the socket.
    func read(context: ChannelHandlerContext) {
        if isReading { context.read() } else { readWanted = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, case .idle = state else { return context.close(promise: nil) }
        // No HTTP, or a head beyond what is read: said once, in HTTP all the same.
        state = .skipping
        isKeptAlive = false
        respond(
            Problem(.badRequest, "this is no HTTP/1.1 request, or its head is too large").answer,
            to: HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        )
    }

    func timerFired(_ timer: GatewayLoop.Timer) {
        guard let context else { return }
        let idle = NIODeadline.now() - lastActivity
        if idle >= Self.requestTimeout, isReading || isFlushing { return context.close(promise: nil) }
        loop.schedule(.request, for: self, in: Self.requestTimeout)
    }

    private var isReading: Bool {
        switch state {
        case .idle, .reading, .skipping: true
        case .responding, .flushing, .upgrading: false
        }
    }

    private var isFlushing: Bool { if case .flushing = state { true } else { false } }

    private func take(_ part: HTTPServerRequestPart) {
        switch (part, state) {
        case (.head(let head), .idle):
            state = .reading(head, ByteBuffer())
            if head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) { sendContinue() }
        case (.body(var bytes), .reading(let head, var body)):
            guard body.readableBytes + bytes.readableBytes <= Limits.maxBodyBytes else {
                state = .skipping
                isKeptAlive = false
                let problem = Problem(.tooLarge, "a body may have \(Limits.maxBodyBytes) bytes")
                return respond(problem.answer, to: head)
            }
            // Out of the enum, so that the buffer is the only owner and grows in place.
            state = .idle
            body.writeBuffer(&bytes)
            state = .reading(head, body)
        case (.end, .reading(let head, let body)): requestCame(head, body)
        case (.body, _), (.end, _), (.head, _): break
        }
    }

    /// The client waits for it before it sends the body (RFC 9110 section 10.1.1).
    private func sendContinue() {
        guard let context else { return }
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }

    private func requestCame(_ head: HTTPRequestHead, _ body: ByteBuffer) {
        switch WebSocketUpgrade.decide(head) {
        case .accept(let key, let subprotocol, let token): upgrade(head, key, subprotocol, token)
        case .refuse(let status, let detail):
            loop.services.metrics.connectionAttempt("refused").increment()
            state = .responding
            isKeptAlive = false
            respond(RestAnswer.refusedUpgrade(Int(status.code), detail), to: head)
        case nil:
            state = .responding
            // After a request to switch to another protocol the decoder parses no further.
            isKeptAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
            answer(head, body)
        }
    }

    // MARK: - Answering

    private func answer(_ head: HTTPRequestHead, _ body: ByteBuffer) {
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let (rest, eventLoop) = (rest, loop.eventLoop)
        let address = loop.services.proxies.client(of: peer, head.headers)
        loop.requestBegan()
        Task {
            let answer = await rest.respond(to: head, body: body, address: address)
            eventLoop.execute {
                bound.value.loop.requestEnded()
                bound.value.respond(answer, to: head)
            }
        }
    }

    private func respond(_ answer: RestAnswer, to request: HTTPRequestHead) {
        guard let context else { return }
        var head = answer.head
        if loop.isDraining { isKeptAlive = false }
        if !isKeptAlive {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        } else if request.version == .http1_0 {
            head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD, answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard isKeptAlive else {
            let bound = NIOLoopBound(context, eventLoop: loop.eventLoop)
            written.whenComplete { _ in bound.value.close(mode: .output, promise: nil) }
            // What the peer still says is read and dropped, until it closes or is silent for too long.
            state = .skipping
            if readWanted {
                readWanted = false
                context.read()
            }
            return
        }
        lastActivity = .now()
        if context.channel.isWritable { return nextRequest() }
        state = .flushing
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        written.whenSuccess { if bound.value.isFlushing { bound.value.nextRequest() } }
    }

    private func nextRequest() {
        state = .idle
        let waiting = queue
        queue = []
        for part in waiting { if isReading { take(part) } else { queue.append(part) } }
        if readWanted, isReading {
            readWanted = false
            context?.read()
        }
    }

    // MARK: - Upgrade

    private func upgrade(_ request: HTTPRequestHead, _ key: String, _ subprotocol: String?, _ token: String?) {
        guard let context, let codec else { return }
        state = .upgrading
        loop.services.metrics.connectionAttempt("accepted").increment()
        let head = WebSocketUpgrade.response(key: key, subprotocol: subprotocol)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        // The flush may have found the socket's end. Nobody would tell a connection that is opened now that it is over.
        guard self.context != nil else { return }
        let address = loop.services.proxies.client(of: peer, request.headers)
        let connection = WebSocketConnection(loop: loop, address: address, token: token)
        let pipeline = context.pipeline.syncOperations
        do {
            // Behind this handler; what the decoder still holds reaches it when the decoder goes, last of all.
            try pipeline.addHandler(connection, position: .after(self))
        } catch {
            return context.close(promise: nil)
        }
        pipeline.removeHandler(self, promise: nil)
        pipeline.removeHandler(codec.encoder, promise: nil)
        pipeline.removeHandler(codec.decoder, promise: nil)
        connection.begin(isEncrypted: isEncrypted)
        if readWanted { context.channel.read() }
    }
}
