import ChatProtocol
import NIOCore

/// One client: its socket, its handshake, its rooms. Confined to its event loop; lives on over reconnects.
final class VirtualUser: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State: Equatable {
        case idle
        /// The socket connects, or the HTTP answer is awaited.
        case connecting
        /// The WebSocket is open, `ready` is awaited.
        case authenticating
        /// Answers to so many `join_room` are awaited.
        case joining(Int)
        case ready
        /// It said goodbye, or gave up.
        case closed
    }

    struct Membership {
        let roomID: RoomID
        let room: Int
        /// Nil until the room was joined for the first time.
        var track: ReceiverTrack?
    }

    let index: Int
    let loop: GeneratorLoop
    private(set) var state = State.idle
    var memberships: [Membership]
    /// Of the instance that it is connected to.
    private(set) var instance = 0
    private(set) var plannedConnect: Int64 = 0
    private var context: ChannelHandlerContext?
    private var pending: ByteBuffer?
    private var fragments: ByteBuffer?
    private var epoch: String?
    private var cookies = CookieJar()
    private var wasReady = false
    private var attempts = 0

    init(index: Int, loop: GeneratorLoop) {
        self.index = index
        self.loop = loop
        memberships = loop.plan.memberships[index].map { room in
            Membership(roomID: loop.plan.rooms[Int(room)].id, room: Int(room), track: nil)
        }
    }

    // MARK: - Connecting

    func connecting(planned: Int64) {
        plannedConnect = planned
        state = .connecting
        attempts += 1
    }

    /// The socket could not be opened, or closed before the client was ready.
    func failed(_ reason: String) {
        guard state != .closed, state != .idle else { return }
        context = nil
        pending = nil
        fragments = nil
        loop.clientLost(self, reason: reason, wasReady: wasReady && state == .ready, attempts: attempts)
    }

    func gaveUp() { state = .closed }

    /// Between two attempts.
    func waiting() { state = .idle }

    /// Ends the socket, so that the client starts over.
    func dropSocket() {
        guard let context else { return failed("connect timed out") }
        context.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        write(UpgradeRequest.bytes(self, loop.plan, cookies: cookies))
    }

    func channelInactive(context: ChannelHandlerContext) {
        failed(state == .connecting ? "closed before the WebSocket opened" : "closed by the server")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func write(_ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
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
        let now = loop.clock.now
        var bytes = unwrapInboundIn(data)
        if var earlier = pending {
            pending = nil
            earlier.writeBuffer(&bytes)
            bytes = earlier
        }
        if state == .connecting {
            guard let opened = openingAnswer(&bytes) else { return }
            guard opened else { return context.close(promise: nil) }
        }
        let consumed = bytes.withUnsafeReadableBytes { take($0, now: now) }
        guard let consumed else { return context.close(promise: nil) }
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
            loop.note(failure: "HTTP \(status) to the upgrade")
            return false
        case .accepted:
            state = .authenticating
            if loop.plan.auth == .message { send(.authenticate(token: loop.plan.accounts[index].token)) }
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
                loop.note(failure: "protocol: \(error)")
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
            if state != .closed, payload.count >= 2 {
                let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
                loop.note(failure: "closed with \(code) \(String(decoding: payload.dropFirst(2), as: UTF8.self))")
            }
            context?.close(promise: nil)
        case .binary, .pong: break
        }
    }

    // MARK: - Conversation

    func send(_ event: ClientEvent) {
        var frame = ByteBuffer()
        frame.writeMaskedTextFrame(maskingKey: loop.maskingKey()) { event.encode(into: &$0) }
        write(frame)
    }

    func isReady(epoch: String?, instance: Int, now: Int64) {
        guard state == .authenticating else { return }
        self.epoch = epoch
        self.instance = instance
        loop.clientConnected(self, again: wasReady, now: now)
        state = .joining(memberships.count)
        for membership in memberships {
            send(
                .joinRoom(
                    ClientEvent.JoinRoom(
                        roomID: membership.roomID,
                        accessCode: loop.plan.rooms[membership.room].accessCode,
                        afterSeq: membership.track.map { $0.next - 1 },
                        epoch: membership.track == nil ? nil : epoch
                    )
                )
            )
        }
        joinAnswered(0)
    }

    func joined(_ roomID: RoomID, seq: Sequence64) {
        guard let place = memberships.firstIndex(where: { $0.roomID == roomID }) else { return }
        if memberships[place].track == nil { memberships[place].track = ReceiverTrack(base: seq) }
        joinAnswered(1)
    }

    func joinRefused() { joinAnswered(1) }

    private func joinAnswered(_ count: Int) {
        guard case .joining(let left) = state else { return }
        state = left - count <= 0 ? .ready : .joining(left - count)
        guard state == .ready else { return }
        wasReady = true
        attempts = 0
        loop.clientReady(self)
    }
}
