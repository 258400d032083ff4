import Glibc
import NIOCore

/// What one connection sends in a tick, and the shortest way out for it. Confined to its event loop.
///
/// A channel's own way (the pipeline, the list of pending writes, the flush) costs a quarter of a delivery. While nothing
/// waits in the channel, a tick's bytes go to the kernel in one send(2). What the kernel does not take, and what is too
/// much to gather, goes the channel's way, which waits for the socket and keeps the order.
///
/// Once the channel has closed its descriptor, the number may be that of another socket. It closes it and fires
/// `channelInactive`, where this is dropped, in one step on the loop; and ``send()`` is called at the bottom of a loop's task
/// only, in ``GatewayLoop``'s flush, and so never within such a step. No handler may call it.
struct Outlet {
    /// Up to here, what comes in one tick is copied into one buffer.
    private static let gatherBound = 16 << 10

    private let channel: any Channel
    private let descriptor: CInt
    private var gathered: ByteBuffer?
    /// `gathered` is a buffer of its own, not one that other connections send as well.
    private var isOwn = false
    /// The channel may hold bytes: whatever comes must go behind them.
    private var isBehind = true

    /// - Returns: nil if there is no socket behind the channel, as in a test.
    init?(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        guard let handle = try? pipeline.withUnsafeTransportIfAvailable({ (handle: CInt) in handle }) else {
            return nil
        }
        self.init(context.channel, descriptor: handle)
    }

    /// - Parameter descriptor: the channel's socket.
    init(_ channel: any Channel, descriptor: CInt) {
        self.channel = channel
        self.descriptor = descriptor
    }

    /// Keeps whole frames until ``send()``.
    /// - Returns: false if they must be written to the channel, behind what ``passOn()`` returns.
    mutating func gather(_ bytes: ByteBuffer) -> Bool {
        // Its length alone: a second reference to its bytes would have every append copy them.
        guard let held = gathered?.readableBytes else {
            if isBehind { isBehind = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) != 0 }
            guard !isBehind else { return false }
            gathered = bytes
            isOwn = false
            return true
        }
        guard held + bytes.readableBytes <= Self.gatherBound else { return false }
        if !isOwn, let shared = gathered {
            gathered = ByteBuffer()
            gathered?.reserveCapacity(held + 2 * bytes.readableBytes)
            gathered?.writeImmutableBuffer(shared)
            isOwn = true
        }
        gathered?.writeImmutableBuffer(bytes)
        return true
    }

    /// What was gathered, for the channel: to be written there before anything else is.
    mutating func passOn() -> ByteBuffer? {
        isBehind = true
        return gathered.take()
    }

    /// Sends what was gathered.
    /// - Returns: what the kernel did not take, for the channel, which meets whatever kept it, and acts on it.
    mutating func send() -> ByteBuffer? {
        guard var bytes = gathered.take() else { return nil }
        let sent = bytes.withUnsafeReadableBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
        }
        bytes.moveReaderIndex(forwardBy: max(0, sent))
        guard bytes.readableBytes > 0 else { return nil }
        isBehind = true
        return bytes
    }

    /// True if the channel has nothing that waits for a flush.
    var isAhead: Bool { !isBehind }
}
