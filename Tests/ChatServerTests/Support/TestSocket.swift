import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Why a wait in a test ended without what it waited for.
enum TestSocketError: Error {
    case timedOut(String)
    case closed
}

/// A TCP connection to the server under test: bytes go out as they are, and are pulled in by parsers.
///
/// One reader at a time.
final class TestSocket: Sendable {
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    let channel: any Channel
    private let inbox: Inbox

    private init(channel: any Channel, inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameters:
    ///   - isReading: false leaves everything in the kernel until ``startReading()``.
    ///   - receiveBuffer: of the kernel, in bytes.
    ///   - tls: nil: nothing is encrypted. What the server is called is not looked at.
    static func connect(
        port: Int,
        isReading: Bool = true,
        receiveBuffer: Int? = nil,
        tls: TLSConfiguration? = nil
    ) async throws -> TestSocket {
        let inbox = Inbox()
        let tls = try tls.map { try NIOSSLContext(configuration: $0) }
        var bootstrap = ClientBootstrap(group: group)
            .channelOption(.autoRead, value: isReading)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(Feeder(inbox: inbox))
                }
            }
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
        }
        return TestSocket(channel: try await bootstrap.connect(host: "127.0.0.1", port: port).get(), inbox: inbox)
    }

    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    func send(_ bytes: ByteBuffer) {
        // A server may close in the middle of what we say, as some tests want it to.
        channel.writeAndFlush(bytes, promise: nil)
    }

    func send(_ text: String) { send(ByteBuffer(string: text)) }

    /// Ends the connection without a word, as a machine does that has lost power: a RST.
    func reset() async {
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try? await channel.close()
    }

    func close() async {
        try? await channel.close()
    }

    /// Waits until `parse` finds what it looks for at the start of what has come, and takes that.
    func read<T>(
        _ what: String, timeout: TimeAmount = .seconds(20), _ parse: (inout ByteBuffer) throws -> T?
    )
        async throws -> T
    {
        let deadline = NIODeadline.now() + timeout
        while true {
            let (found, isAtEnd, seen) = try inbox.take(parse)
            if let found { return found }
            if isAtEnd { throw TestSocketError.closed }
            guard await inbox.changed(since: seen, by: deadline, on: channel.eventLoop) else {
                throw TestSocketError.timedOut(what)
            }
        }
    }

    /// Waits for the end of the connection.
    /// - Returns: what came before it.
    func readToEnd(timeout: TimeAmount = .seconds(20)) async throws -> ByteBuffer {
        var rest = ByteBuffer()
        do {
            while true {
                var bytes = try await read("the end", timeout: timeout) { buffer in
                    buffer.readableBytes > 0 ? buffer.readSlice(length: buffer.readableBytes) : nil
                }
                rest.writeBuffer(&bytes)
            }
        } catch TestSocketError.closed {
            return rest
        }
    }

    fileprivate final class Inbox: Sendable {
        private struct State {
            var bytes = ByteBuffer()
            var isAtEnd = false
            var generation = 0
            var waiter: CheckedContinuation<Bool, Never>?
            var timeout: Scheduled<Void>?
        }

        private let state = Mutex(State())

        func take<T>(_ parse: (inout ByteBuffer) throws -> T?) rethrows -> (T?, isAtEnd: Bool, seen: Int) {
            let (bytes, isAtEnd, seen) = state.withLock { state in
                defer { state.bytes = ByteBuffer() }
                return (state.bytes, state.isAtEnd, state.generation)
            }
            var rest = bytes
            defer {
                state.withLock { [rest] state in
                    var whole = rest
                    whole.writeImmutableBuffer(state.bytes)
                    state.bytes = whole
                }
            }
            return (try parse(&rest), isAtEnd, seen)
        }

        func arrived(_ bytes: ByteBuffer?) {
            let (waiter, timeout) = state.withLock { state in
                if let bytes { state.bytes.writeImmutableBuffer(bytes) } else { state.isAtEnd = true }
                state.generation += 1
                defer { state.waiter = nil }
                return (state.waiter, state.timeout)
            }
            timeout?.cancel()
            waiter?.resume(returning: true)
        }

        /// - Returns: false if nothing came before the deadline.
        func changed(since seen: Int, by deadline: NIODeadline, on eventLoop: any EventLoop) async -> Bool {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.generation == seen else { return false }
                    state.waiter = continuation
                    state.timeout = eventLoop.scheduleTask(deadline: deadline) { self.timedOut(seen) }
                    return true
                }
                if !mustWait { continuation.resume(returning: true) }
            }
        }

        private func timedOut(_ generation: Int) {
            let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard state.generation == generation else { return nil }
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: false)
        }
    }

    private final class Feeder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let inbox: Inbox

        init(inbox: Inbox) {
            self.inbox = inbox
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { inbox.arrived(unwrapInboundIn(data)) }

        func channelInactive(context: ChannelHandlerContext) { inbox.arrived(nil) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
