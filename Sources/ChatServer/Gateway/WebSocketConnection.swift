import ChatProtocol
import Logging
import NIOCore

/// One client's socket after the upgrade: bytes to events, actions to effects. The conversation itself is
/// ``SessionMachine``. Confined to its event loop. `@exclusivity(unchecked)`: read for every message; the mutating functions of
/// ``SessionMachine`` and ``Outlet`` call nothing that leads back here.
final class WebSocketConnection: ChannelDuplexHandler, TimedConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    // What each delivery reads comes first, so that it lies together: see `forEachAhead`.
    let loop: GatewayLoop
    @exclusivity(unchecked) var context: ChannelHandlerContext?
    /// Nil where what is written is not what the socket sends, as with TLS, and after the socket's end.
    @exclusivity(unchecked) var outlet: Outlet?
    @exclusivity(unchecked) var isDirty = false
    @exclusivity(unchecked) var isWritable = true
    @exclusivity(unchecked) var machine = SessionMachine()

    let address: ClientAddress
    private var initialToken: String?
    private var assembler = WebSocketAssembler(role: .server)
    var id = 0
    var inFlight = 0
    private var readWanted = false
    /// Bytes beyond the outbound bound, for a replay that the socket has not taken yet.
    var replayAllowance = 0
    /// What was left of a replay at the last ping.
    var replayLeftAtPing = 0
    /// For frames of any kind; who empties it is closed. Nil without limits.
    private var frames: TokenBucket?
    /// Held, so that a send looks nothing up; nil without limits.
    private let addressSends: SharedBucket?
    private var userSends: SharedBucket?
    private var typings: SharedBucket?
    /// What it counts for in ``ConnectionLimits``.
    private var isAddressCounted = false
    private var countedUser: UserID?
    /// It waits for the answers to its last sends, and then goes.
    var isLeaving = false
    var closeReason: String?
    var lastHeard = NIODeadline.now()
    var lastPing = NIODeadline.distantPast
    private var isAuthorizing = false
    /// The room whose join is under way, and whether a membership there ended since it began.
    var joining: (roomID: RoomID, isDoubtful: Bool)?
    private let openedAt = NIODeadline.now()

    var services: GatewayServices { loop.services }

    /// - Parameter token: from the upgrade request; nil if the client will authenticate by a first message.
    init(loop: GatewayLoop, address: ClientAddress, token: String?) {
        self.loop = loop
        self.address = address
        self.initialToken = token
        addressSends = loop.services.limiter.bucket(.sendAddress, .address(address))
        if let limit = loop.services.settings.frameLimit { frames = TokenBucket(limit, now: openedAt) }
    }

    var userID: UserID? { machine.owner?.id }
    var sessionID: SessionID? { machine.identity?.session }

    /// Bytes that the socket has not taken yet.
    var bufferedBytes: Int {
        guard let channel = context?.channel else { return 0 }
        return (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: - Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        id = loop.opened(self)
        loop.schedule(.authentication, for: self, in: services.settings.authenticationTimeout)
        loop.schedule(.ping, for: self, in: services.settings.pingInterval)
    }

    /// Call it once the HTTP encoder is out of the way: from here on frames may be written.
    func begin(isEncrypted: Bool) {
        guard let context else { return }
        if !isEncrypted { outlet = Outlet(context) }
        if loop.isDraining { return close(.draining) }
        isAddressCounted = services.connectionLimits.opened(address)
        guard isAddressCounted else { return closeOverLimit("address") }
        if let initialToken = initialToken.take() { perform(machine.received(.authenticate(token: initialToken))) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = .now()
        assembler.feed(unwrapInboundIn(data))
        takeInputs()
    }

    /// Reading stops while the connection is busy or has too much under way: the sender feels it through TCP.
    func read(context: ChannelHandlerContext) {
        if isPaused { readWanted = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        context.fireChannelWritabilityChanged()
        guard isWritable, replayAllowance > 0 else { return }
        replayAllowance = 0
        // Not from within a flush.
        context.eventLoop.assumeIsolated().execute { self.takeInputs() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        for roomID in machine.closed() { loop.left(roomID, self, silently: true) }
        self.context = nil
        outlet = nil
        // Timers hold this object for a while yet; what it had of the stream goes now.
        assembler = WebSocketAssembler(role: .server)
        let reason = closeReason ?? "lost"
        loop.closed(id, reason: reason)
        if isAddressCounted { services.connectionLimits.closed(address) }
        if let countedUser { services.connectionLimits.closed(countedUser) }
        services.logger.info(
            "disconnected",
            metadata: [
                "connection": "\(loop.index)-\(id)", "reason": "\(reason)",
                "user_id": "\(userID.map(String.init) ?? "none")",
                "seconds": "\((NIODeadline.now() - openedAt).nanoseconds / 1_000_000_000)",
            ]
        )
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or a broken pipe: the socket is gone, channelInactive does the rest.
        context.close(promise: nil)
    }

    // MARK: - Reading

    var isPaused: Bool {
        machine.isBusy || isAuthorizing || inFlight >= services.settings.inFlightBound || replayAllowance > 0
            || (isLeaving && !machine.isClosed)
    }

    func takeInputs() {
        do throws(WebSocketViolation) {
            while context != nil, !isPaused || machine.isClosed, let input = try assembler.next() { take(input) }
        } catch {
            if machine.isClosed { context?.close(promise: nil) } else { close(error.closeReason) }
        }
        if readWanted, !isPaused {
            readWanted = false
            lastHeard = .now()
            context?.read()
        }
    }

    private func take(_ input: WebSocketInput) {
        if case .close(let code) = input { return peerClosed(code) }
        guard !machine.isClosed else { return }
        if let limit = services.settings.frameLimit, frames?.take(limit, now: lastHeard) != nil {
            services.metrics.error(.rateLimit)
            return close(.rateLimited)
        }
        switch input {
        case .text(let payload): payload.withUnsafeReadableBytes(take(text:))
        case .binary: close(.binaryFrame)
        case .ping(let payload): writeFrame(.pong, payload)
        case .pong, .close: break
        }
    }

    private func take(text: UnsafeRawBufferPointer) {
        guard isValidUTF8(text) else { return close(.notUTF8) }
        do throws(ProtocolError) {
            perform(machine.received(try ClientEvent.decode(text)))
        } catch {
            services.metrics.error(error.code == .validationFailed ? .validate : .parse)
            send(.error(error))
        }
    }

    // MARK: - Acting

    func perform(_ action: SessionMachine.Action) {
        switch action {
        case .none: break
        case .verify(let token): verify(token)
        case .sendReady(let identity): ready(identity)
        case .join(let join): self.join(join)
        case .leave(let roomID):
            loop.left(roomID, self, silently: false)
            send(.roomLeft(roomID: roomID, reason: .left))
        case .submit(let message): submit(message)
        case .typing(let roomID): typing(roomID)
        case .pong(let t): send(.pong(t: t, serverTimeNanoseconds: services.clock.nanoseconds()))
        case .refuse(let error):
            services.metrics.error(error.code == .unauthorized ? .auth : .authorize)
            send(.error(error))
        case .close(let reason): close(reason)
        }
    }

    private func verify(_ token: String) {
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let auth = services.auth
        let eventLoop = loop.eventLoop
        Task {
            let result: Result<Identity, TokenError>
            do throws(TokenError) {
                result = .success(try await auth.identity(token))
            } catch {
                result = .failure(error)
            }
            eventLoop.execute { bound.value.verified(result) }
        }
    }

    private func verified(_ given: Result<Identity, TokenError>) {
        var result = given
        if case .success(let identity) = given, loop.wasJustRevoked(identity.session) { result = .failure(.revoked) }
        if case .failure(let error) = result {
            services.metrics.error(.auth)
            services.logger.warning(
                "authentication failed",
                metadata: ["reason": "token_\(error)", "address": "\(address)", "connection": "\(loop.index)-\(id)"]
            )
        }
        if case .success(let identity) = result, !mayOpen(as: identity.user) { return closeOverLimit("user") }
        perform(machine.verified(result))
        takeInputs()
    }

    /// Counts the connection for its user, once, and takes hold of the user's limits.
    /// - Returns: false if the user has too many.
    private func mayOpen(as user: User) -> Bool {
        guard countedUser == nil, context != nil else { return true }
        guard services.connectionLimits.opened(user.id) else { return false }
        countedUser = user.id
        userSends = services.limiter.bucket(.sendUser, .user(user.id))
        typings = services.limiter.bucket(.typingUser, .user(user.id))
        return true
    }

    private func closeOverLimit(_ whose: String) {
        services.metrics.error(.rateLimit)
        services.logger.warning(
            "too many connections",
            metadata: ["of": "\(whose)", "address": "\(address)", "connection": "\(loop.index)-\(id)"]
        )
        close(.overCapacity)
    }

    private func ready(_ identity: Identity) {
        services.logger.info(
            "connected",
            metadata: [
                "connection": "\(loop.index)-\(id)", "user_id": "\(identity.user.id)", "address": "\(address)",
            ]
        )
        scheduleExpiry(identity)
        let settings = services.settings
        send(
            .ready(
                ServerEvent.Ready(
                    userID: identity.user.id,
                    username: identity.user.username,
                    instance: settings.instance,
                    epoch: settings.epoch,
                    pingIntervalMilliseconds: Int(settings.pingInterval.nanoseconds / 1_000_000)
                )
            )
        )
    }

    private func submit(_ message: ClientEvent.MessageSend) {
        guard let identity = machine.identity else { return }
        services.metrics.messagesReceived.increment()
        let received = services.clock.nanoseconds()
        if let wait = sendDelay(in: message.roomID) {
            services.metrics.error(.rateLimit)
            let milliseconds = Int(wait.nanoseconds / 1_000_000) + 1
            return refuse(message, .rateLimited, "too many messages", retryAfterMilliseconds: milliseconds)
        }
        inFlight += 1
        guard !services.rooms.knowsMember(identity.user, in: message.roomID) else {
            return enqueue(message, identity.user, received)
        }
        // The next frame waits: a sender's messages keep their order.
        isAuthorizing = true
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let (rooms, eventLoop) = (services.rooms, loop.eventLoop)
        Task {
            let problem: Problem?
            do {
                try await rooms.maySend(identity.user, in: message.roomID)
                problem = nil
            } catch {
                problem = Problem(error)
            }
            eventLoop.execute { bound.value.authorized(message, identity.user, received, problem) }
        }
    }

    /// - Returns: nil if the user, the address and the room may have one more message, else how long until they may.
    private func sendDelay(in roomID: RoomID) -> TimeAmount? {
        userSends?.take(now: lastHeard) ?? addressSends?.take(now: lastHeard)
            ?? loop.rooms[roomID]?.sendLimit?.take(now: lastHeard)
    }

    private func authorized(
        _ message: ClientEvent.MessageSend,
        _ user: User,
        _ received: Int64,
        _ problem: Problem?
    ) {
        isAuthorizing = false
        guard let problem else {
            enqueue(message, user, received)
            return afterSettling()
        }
        inFlight -= 1
        services.metrics.error(.authorize)
        send(.error(problem.event(roomID: message.roomID, clientMessageID: message.clientMessageID)))
        afterSettling()
    }

    private func enqueue(_ message: ClientEvent.MessageSend, _ user: User, _ received: Int64) {
        let accepted = loop.queue(
            PendingSend(
                message: NewMessage(
                    roomID: message.roomID,
                    userID: user.id,
                    content: message.content,
                    clientMessageID: message.clientMessageID
                ),
                username: user.username,
                wantsTrace: message.trace,
                receivedNanoseconds: received,
                queuedNanoseconds: services.clock.nanoseconds(),
                receiver: loop,
                connectionID: id
            )
        )
        guard !accepted else { return }
        inFlight -= 1
        services.metrics.error(.queueFull)
        refuse(message, .overloaded, "too many messages are waiting for the store", retryAfterMilliseconds: 500)
    }

    private func refuse(
        _ message: ClientEvent.MessageSend,
        _ code: ErrorCode,
        _ text: String,
        retryAfterMilliseconds: Int
    ) {
        send(
            .error(
                ProtocolError(
                    code,
                    text,
                    roomID: message.roomID,
                    clientMessageID: message.clientMessageID,
                    retryAfterMilliseconds: retryAfterMilliseconds
                )
            )
        )
    }

    /// The writer has answered one send of this connection.
    func settled(_ settled: SettledSend) {
        inFlight -= 1
        switch settled.answer {
        case .success(let ack): send(.ack(ack))
        case .failure(let error): send(.error(error))
        }
        afterSettling()
    }

    private func afterSettling() {
        if isLeaving, inFlight == 0 { close(.draining) }
        takeInputs()
    }

    private func typing(_ roomID: RoomID) {
        guard let user = machine.identity?.user else { return }
        guard typings?.take(now: lastHeard) == nil else { return services.metrics.error(.rateLimit) }
        let (broker, rooms) = (services.broker, services.rooms)
        Task {
            guard await rooms.mayType(user, in: roomID) else { return }
            try? await broker.announce(.typing(roomID: roomID, userID: user.id, username: user.username))
        }
    }
}
