import ChatProtocol
import NIOCore

/// One client: its socket, its handshake, its rooms, what it has to send. Confined to its event loop; lives on over
/// reconnects. What a socket of an earlier attempt still says is not heard. `@exclusivity(unchecked)`: read for every delivery,
/// and changed in one step.
final class VirtualUser: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State: Equatable {
        /// Before the first attempt to connect, and between two.
        case idle
        /// The socket connects, or the HTTP answer is awaited.
        case connecting
        /// The WebSocket is open, `ready` is awaited.
        case authenticating
        /// Answers to so many `join_room` are awaited.
        case joining(Int)
        case ready
        /// It said goodbye.
        case closed
    }

    struct Membership {
        let roomID: RoomID
        let room: Int
        /// Nil until the room was joined for the first time.
        var track: ReceiverTrack?
        /// Of the store whose `seq`s are tracked.
        var epoch: String?
    }

    let index: Int
    let loop: GeneratorLoop
    @exclusivity(unchecked) var state = State.idle
    @exclusivity(unchecked) var memberships: [Membership]
    /// Of the instance that it is connected to.
    @exclusivity(unchecked) var instance = 0
    private(set) var plannedConnect: Int64 = 0
    @exclusivity(unchecked) private var context: ChannelHandlerContext?
    @exclusivity(unchecked) private var pending: ByteBuffer?
    private var fragments: ByteBuffer?
    private var cookies = CookieJar()
    /// Why the present connection ends, if the server or the protocol has said so.
    private var reason: String?
    /// Counts attempts to connect; a timer knows by it whether it still means the present one.
    private(set) var attempt = 0
    /// In a row, since it was last ready.
    var failedAttempts = 0
    private var losses = 0
    /// When it last lost a connection in which it was in all its rooms.
    var lostAt: Int64 = 0
    /// It was connected, or even in all its rooms, at some time.
    var wasConnected = false
    var wasReady = false
    var outbox = Outbox()
    /// Of a room that is not one of its own.
    var guest: Guest?
    /// A request that ends a stay is under way.
    var isChangingMembership = false

    init(index: Int, loop: GeneratorLoop) {
        self.index = index
        self.loop = loop
        memberships = loop.plan.memberships[index].map { room in
            Membership(roomID: loop.plan.rooms[Int(room)].id, room: Int(room), track: nil)
        }
    }

    // MARK: - Connecting

    /// The first server for this client, and after each lost connection the next one of the list.
    var endpoint: Endpoint {
        let endpoints = loop.plan.endpoints
        return endpoints[(loop.plan.turns[index] + losses) % endpoints.count]
    }

    func connecting(planned: Int64) {
        plannedConnect = planned
        state = .connecting
        attempt += 1
        reason = nil
    }

    /// The socket could not be opened, or is closed.
    func failed(_ text: String, attempt: Int) {
        guard attempt == self.attempt, state != .closed, state != .idle else { return }
        let before = state
        context = nil
        pending = nil
        fragments = nil
        state = .idle
        failedAttempts += 1
        losses += 1
        loop.clientLost(self, from: before, reason: reason ?? text)
    }

    /// Ends the socket, so that the client starts over.
    func dropSocket(_ why: String) {
        end(why)
        if context == nil { failed(why, attempt: attempt) }
    }

    /// Closes the socket. The first reason counts: what follows comes of it.
    private func end(_ why: String) {
        reason = reason ?? why
        context?.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if state != .connecting { context.close(promise: nil) }
    }

    func channelActive(context: ChannelHandlerContext) {
        write(UpgradeRequest.bytes(self, loop.plan, cookies: cookies))
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard context === self.context else { return }
        failed(state == .connecting ? "closed before the WebSocket opened" : "connection cut", attempt: attempt)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if context === self.context, state == .connecting { reason = reason ?? TLSTrust.reason(error) }
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context === self.context { loop.sendHeld(of: self) }
    }

    func write(_ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// What a client that does not read has room for in the kernel, and one that reads again: bytes.
    private static let receiveBuffers = (slow: 64 << 10, awake: 1 << 20)

    /// Reads from its connection, or stops to, with little room for what comes meanwhile, as a phone has. A new
    /// connection is read.
    func setReading(_ isReading: Bool) {
        guard let channel = context?.channel, let options = channel.syncOptions,
            (try? options.getOption(.autoRead)) != isReading
        else { return }
        let room = isReading ? Self.receiveBuffers.awake : Self.receiveBuffers.slow
        try? options.setOption(.socketOption(.so_rcvbuf), value: .init(room))
        try? options.setOption(.autoRead, value: isReading)
    }

    /// True if it may be given a message to send now.
    var canSend: Bool { state == .ready && context?.channel.isWritable == true }

    /// Says goodbye.
    func close() {
        guard state != .closed else { return }
        let wasOpen = state != .idle && state != .connecting
        state = .closed
        guard let context else { return }
        if wasOpen {
            var frame = ByteBuffer()
            frame.writeCloseFrame(CloseReason(.normal, ""), maskingKey: loop.maskingKey())
            write(frame)
        } else {
            context.close(promise: nil)
        }
    }

    func abandon() {
        state = .closed
        context?.close(promise: nil)
    }

    // MARK: - Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard context === self.context else { return }
        let now = loop.clock.now
        var bytes = unwrapInboundIn(data)
        if var earlier = pending {
            pending = nil
            earlier.writeBuffer(&bytes)
            bytes = earlier
        }
        if state == .connecting {
            guard let opened = openingAnswer(&bytes) else { return }
            guard opened else { return }
        }
        guard let consumed = bytes.withUnsafeReadableBytes({ take($0, now: now) }) else { return }
        // What came may have ended this connection; the next one begins with nothing.
        guard context === self.context else { return }
        bytes.moveReaderIndex(forwardBy: consumed)
        if bytes.readableBytes > 0 { pending = bytes }
    }

    /// The HTTP answer to the upgrade.
    /// - Returns: nil until it is whole, false if it is a refusal.
    private func openingAnswer(_ bytes: inout ByteBuffer) -> Bool? {
        switch UpgradeRequest.answer(&bytes, cookies: &cookies) {
        case .incomplete:
            pending = bytes
            return nil
        case .refused(let status):
            end("HTTP \(status) to the upgrade")
            return false
        case .accepted:
            state = .authenticating
            if loop.plan.auth == .message { send(.authenticate(token: loop.plan.tokens[index])) }
            return true
        }
    }

    /// Takes every whole frame.
    /// - Returns: how many bytes those were; nil if the server broke the protocol.
    private func take(_ bytes: UnsafeRawBufferPointer, now: Int64) -> Int? {
        var offset = 0
        while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let head: WebSocketFrameHead?
            do throws(WebSocketViolation) {
                head = try WebSocketFrameHead.read(rest, role: .client, maxPayload: 4 << 20)
            } catch {
                end("protocol: \(error)")
                return nil
            }
            guard let head, rest.count >= head.totalLength else { break }
            let payload = UnsafeRawBufferPointer(rebasing: rest[head.headLength..<head.totalLength])
            take(head, payload, now: now)
            offset += head.totalLength
        }
        return offset
    }

    private func take(_ head: WebSocketFrameHead, _ payload: UnsafeRawBufferPointer, now: Int64) {
        switch head.opcode {
        case .text where head.isFinal: loop.received(payload, by: self, now: now)
        case .text, .continuation:
            var whole = fragments ?? ByteBuffer()
            whole.writeBytes(payload)
            fragments = head.isFinal ? nil : whole
            if head.isFinal { whole.withUnsafeReadableBytes { loop.received($0, by: self, now: now) } }
        case .ping:
            var frame = ByteBuffer()
            frame.writeFrame(.pong, payload: ByteBuffer(bytes: payload), maskingKey: loop.maskingKey())
            write(frame)
        case .close:
            guard payload.count >= 2 else { return end("closed without a reason") }
            let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
            end("closed with \(code) \(String(decoding: payload.dropFirst(2), as: UTF8.self))")
        case .binary, .pong: break
        }
    }
}
