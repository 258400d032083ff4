import ChatProtocol
import NIOCore

extension WebSocketConnection {
    /// Writes one event of this connection's own.
    func send(_ event: ServerEvent) {
        var frame = ByteBuffer()
        event.encodeFrame(into: &frame)
        write(frame, frames: 1)
    }

    func writeFrame(_ opcode: WebSocketOpcode, _ payload: ByteBuffer = ByteBuffer()) {
        var frame = ByteBuffer()
        frame.writeFrame(opcode, payload: payload)
        write(frame, frames: 1)
    }

    /// Writes whole frames, shared with other connections or not; they go out at the end of the tick.
    ///
    /// A reader that lets more than the bound wait is closed: a message is never dropped silently.
    func write(_ bytes: ByteBuffer, frames: Int) {
        guard let context, !machine.isClosed else { return }
        if !isWritable, bufferedBytes + bytes.readableBytes > services.settings.outboundBound + replayAllowance {
            return closeSlowConsumer()
        }
        if outlet?.gather(bytes) != true { writeToChannel(bytes, context) }
        loop.markDirty(self, frames: frames, bytes: bytes.readableBytes)
    }

    /// Writes missed messages: whoever asks for them may get more at once than the bound. No further event is read until
    /// the socket has taken them, so it is one replay at a time.
    func writeReplay(_ bytes: ByteBuffer, frames: Int) {
        guard let context, !machine.isClosed else { return }
        writeToChannel(bytes, context)
        loop.markDirty(self, frames: frames, bytes: bytes.readableBytes)
        // TLS holds what is not flushed, and then the channel knows nothing of it.
        context.flush()
        if !isWritable { replayAllowance = bufferedBytes }
    }

    /// Behind what the tick has gathered.
    private func writeToChannel(
        _ bytes: ByteBuffer,
        _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>? = nil
    ) {
        if let first = outlet?.passOn() { context.write(wrapOutboundOut(first), promise: nil) }
        context.write(wrapOutboundOut(bytes), promise: promise)
    }

    private func closeSlowConsumer() {
        services.metrics.slowConsumers.increment()
        services.metrics.error(.deliver)
        close(.slowConsumer)
    }

    /// Writes what a slow reader can do without: left out once half of the bound waits.
    func writeSheddable(_ bytes: ByteBuffer, frames: Int) {
        if !isWritable, bufferedBytes > services.settings.outboundBound / 2 { return }
        write(bytes, frames: frames)
    }

    func flush() {
        isDirty = false
        guard let context else { return }
        if let rest = outlet?.send() { context.write(wrapOutboundOut(rest), promise: nil) }
        if outlet?.isAhead != true { context.flush() }
    }

    // MARK: - Closing

    /// Sends a close frame and ends the connection: at the peer's answer, or after a while without one.
    func close(_ reason: CloseReason) {
        guard let context, !machine.isClosed else { return }
        closeReason = reason.reason.replacing(" ", with: "_")
        endSession()
        var frame = ByteBuffer()
        frame.writeCloseFrame(reason)
        writeToChannel(frame, context)
        context.flush()
        loop.schedule(.close, for: self, in: services.settings.closeTimeout)
    }

    /// The peer's close frame: the answer to ours, or the start of a close that we answer (RFC 6455 section 5.5.1).
    func peerClosed(_ code: UInt16?) {
        guard let context else { return }
        guard !machine.isClosed else { return context.close(promise: nil) }
        closeReason = "client"
        endSession()
        var payload = ByteBuffer()
        if let code { payload.writeInteger(code) }
        var frame = ByteBuffer()
        frame.writeFrame(.close, payload: payload)
        let bound = NIOLoopBound(context, eventLoop: loop.eventLoop)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        writeToChannel(frame, context, promise)
        context.flush()
        // Where the peer does not read, the answer never leaves.
        loop.schedule(.close, for: self, in: services.settings.closeTimeout)
    }

    /// Leaves every room; nothing but the close handshake is left to do.
    private func endSession() {
        for roomID in machine.closed() { loop.left(roomID, self, silently: true) }
    }

    /// Its turn to go has come: no further event is read, and what was is answered.
    func drain() {
        isLeaving = true
        if inFlight == 0 { close(.draining) }
    }

    // MARK: - Timers

    func timerFired(_ timer: GatewayLoop.Timer) {
        guard let context else { return }
        switch timer {
        case .authentication:
            let action = machine.authenticationDeadlinePassed()
            if action != .none { services.metrics.error(.auth) }
            perform(action)
        case .ping:
            guard !machine.isClosed else { return }
            guard !isStuck() else { return closeSlowConsumer() }
            lastPing = .now()
            writeFrame(.ping)
            loop.schedule(.pong, for: self, in: services.settings.pongTimeout)
            loop.schedule(.ping, for: self, in: services.settings.pingInterval)
            if let identity = machine.identity { scheduleExpiry(identity) }
        case .pong:
            // While we do not read, silence says nothing.
            if lastHeard < lastPing, !isPaused { close(.pingTimeout) }
        case .expiry: perform(machine.expiryDue(now: services.clock.nanoseconds() / 1_000_000_000))
        case .close: context.close(promise: nil)
        case .request, .handshake: break
        }
    }

    /// True if a replay waits for a peer that has taken nothing of it since the last ping.
    private func isStuck() -> Bool {
        let waiting = replayAllowance > 0 ? bufferedBytes : 0
        defer { replayLeftAtPing = waiting }
        return waiting > 0 && waiting >= replayLeftAtPing && replayLeftAtPing > 0
    }

    /// Sets a timer if the token expires before the next ping, when this is asked again.
    func scheduleExpiry(_ identity: Identity) {
        // Far in the future, the time in nanoseconds is more than 64 bits hold.
        let (expiry, isFar) = identity.expiresAt.multipliedReportingOverflow(by: 1_000_000_000)
        guard !isFar else { return }
        let left = expiry - services.clock.nanoseconds()
        guard left < services.settings.pingInterval.nanoseconds + 1_000_000_000 else { return }
        loop.schedule(.expiry, for: self, in: .nanoseconds(max(0, left)))
    }
}
