import CHiredis
import NIOCore

/// The end of a connection's pipeline: bytes to replies, and replies to who asked.
///
/// It begins with requests and replies. Once it is to receive, every reply is something that the server sends on its
/// own, or an answer to what the receiver wrote.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Takes all that one read delivered, in order.
    typealias Receiver = ([RedisPush]) -> Void

    private let reader: ReplyReader
    private var queue: RequestQueue<EventLoopPromise<[RedisReply]>>
    private var receiver: Receiver?
    private var replies: [RedisReply] = []
    private var pushes: [RedisPush] = []
    private var timer: Scheduled<Void>?
    private var isFlushScheduled = false
    private var context: ChannelHandlerContext?
    /// Why the connection ended; set once.
    private(set) var end: RedisError?
    /// Told once when it ends, on the event loop.
    var ended: ((RedisError) -> Void)?

    /// - Throws: ``RedisError/unavailable(_:)``
    init(options: RedisOptions) throws {
        reader = try ReplyReader(maxReplyBytes: options.maxReplyBytes)
        queue = RequestQueue(maxBytes: options.maxBytesInFlight, timeout: options.commandTimeout)
    }

    /// Sends commands; the promise gets one reply for each.
    func request(_ bytes: ByteBuffer, replyCount: Int, promise: EventLoopPromise<[RedisReply]>) {
        guard let context, end == nil else { return promise.fail(end ?? RedisError.closed) }
        guard queue.requested(promise, byteCount: bytes.readableBytes, replyCount: replyCount, now: .now()) else {
            return promise.fail(RedisError.overloaded)
        }
        context.writeAndFlush(NIOAny(bytes), promise: nil)
        if timer == nil { startTimer() }
    }

    /// From now on there are no more requests.
    func receive(_ receiver: @escaping Receiver) {
        self.receiver = receiver
    }

    /// Sends without waiting for an answer; what is sent in one tick of the event loop is flushed together.
    func send(_ bytes: ByteBuffer) {
        guard let context, end == nil else { return }
        context.write(NIOAny(bytes), promise: nil)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.context?.flush()
        }
    }

    /// Ends the connection and everything that waits on it, whether or not the peer can still be reached.
    func finish(_ reason: RedisError) {
        guard end == nil else { return }
        end = reason
        timer?.cancel()
        timer = nil
        for promise in queue.closed() { promise.fail(reason) }
        receiver = nil
        context?.close(promise: nil)
        let ended = self.ended
        self.ended = nil
        ended?(reason)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.connectionLost("closed"))
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard end == nil else { return }
        let bytes = unwrapInboundIn(data)
        do {
            if receiver == nil {
                try reader.read(bytes, into: &replies) { try RedisReply($0) }
                deliverReplies()
            } else {
                try reader.read(bytes, into: &pushes) { try RedisPush($0) }
            }
        } catch {
            deliverPushes()
            finish(.from(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        deliverPushes()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deliverPushes()
        finish(.connectionLost("the server closed it"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.from(error))
    }

    private func deliverReplies() {
        let replies = self.replies
        self.replies.removeAll(keepingCapacity: true)
        for reply in replies {
            switch queue.replied(reply) {
            case .incomplete: break
            case .complete(let promise, let replies): promise.succeed(replies)
            case .unexpected: return finish(.malformedReply("a reply to no command"))
            }
        }
    }

    private func deliverPushes() {
        guard !pushes.isEmpty else { return }
        let pushes = self.pushes
        self.pushes.removeAll(keepingCapacity: true)
        receiver?(pushes)
    }

    /// One timer for the oldest request, set again only when it fires.
    private func startTimer() {
        guard let context, let deadline = queue.deadline else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            guard let oldest = self.queue.deadline else { return }
            if oldest <= .now() { self.finish(.timeout) } else { self.startTimer() }
        }
    }
}
