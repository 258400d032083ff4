import ChatProtocol
import Logging
import NIOCore
import Synchronization

/// One event loop's share of the gateway: its connections, its rooms, its timers, and the flush at the end of a tick.
///
/// `@unchecked Sendable`: everything but the inbox and the constants is touched on the event loop alone, which each
/// entry point asserts. `@exclusivity(unchecked)`: numbers, a flag and an array whose own functions call nobody, read and
/// written for every member of a message.
final class GatewayLoop: @unchecked Sendable, SendReceiver {
    enum Timer {
        case handshake, authentication, ping, pong, expiry, close, request
    }

    private struct Inbox {
        var items: [LoopItem] = []
        var isScheduled = false
    }

    static let tick = TimeAmount.milliseconds(100)
    private static let revocationsKept = 1024

    let index: Int
    let eventLoop: any EventLoop
    let services: GatewayServices
    private let inbox = Mutex(Inbox())
    private let outboundBytes = Atomic<Int>(0)

    private var connections: [Int: WebSocketConnection] = [:]
    private(set) var rooms: [RoomID: LocalRoom] = [:]
    @exclusivity(unchecked) private var dirtyConnections: [WebSocketConnection] = []
    var dirtyRooms: [LocalRoom] = []
    private var presenceRooms: [LocalRoom] = []
    @exclusivity(unchecked) private var flushScheduled = false
    /// Those that have got something in this tick.
    private var waitingWriters: [MessageWriter] = []
    private var acksWritten: [Int64] = []
    @exclusivity(unchecked) private var framesWritten: Int64 = 0
    @exclusivity(unchecked) private var bytesWritten: Int64 = 0
    private var wheel = TimingWheel<(any TimedConnection, Timer)>(tick: GatewayLoop.tick, slots: 512)
    private var nextTick = NIODeadline.now()
    private var ticks = 0
    private var nextConnectionID = 0
    /// HTTP requests that are being answered.
    private(set) var requestCount = 0
    private(set) var isDraining = false
    /// Connections that drain in batches, and how many in a tick.
    private var drainQueue: ArraySlice<Int> = []
    private var drainBatch = 0
    private var recentlyRevoked: [SessionID] = []

    init(index: Int, eventLoop: any EventLoop, services: GatewayServices) {
        self.index = index
        self.eventLoop = eventLoop
        self.services = services
    }

    // MARK: - From other threads

    /// Hands items over, in order; wakes the loop at most once for all that gathers before it runs.
    func post(_ items: [LoopItem]) {
        let mustSchedule = inbox.withLock { inbox in
            inbox.items += items
            defer { inbox.isScheduled = true }
            return !inbox.isScheduled
        }
        if mustSchedule { eventLoop.execute { self.drainInbox() } }
    }

    func settled(_ sends: [SettledSend]) {
        inbox.withLock { $0.items += sends.lazy.map(LoopItem.settled) }
    }

    func actOnSettled() {
        if inbox.withLock({ !$0.items.isEmpty }) { post([]) }
    }

    private func drainInbox() {
        let items = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox.items
        }
        for item in items {
            switch item {
            case .delivery(let delivery): deliver(delivery)
            case .settled(let send): settle(send)
            case .notice(let notice): received(notice)
            case .presence(let change): tell(change)
            case .head(let roomID, let seq): noticed(head: seq, of: roomID)
            }
        }
        flush()
    }

    // MARK: - Tick

    /// Starts the regular tick; call it once, on the loop.
    func start() {
        eventLoop.assertInEventLoop()
        nextTick = .now() + Self.tick
        eventLoop.scheduleTask(deadline: nextTick) { self.ticked() }
    }

    private func ticked() {
        let now = NIODeadline.now()
        services.metrics.eventLoopLag.observe(nanoseconds: (now - nextTick).nanoseconds)
        for (connection, timer) in wheel.advance() { connection.timerFired(timer) }
        if index == 0 { services.presence.sweep(now: now) }
        let rooms = presenceRooms
        presenceRooms = []
        for room in rooms { room.writePresence() }
        drainNext()
        flush()
        ticks += 1
        if ticks % 10 == 0 { sampleOutboundBytes() }
        nextTick = max(nextTick + Self.tick, now)
        eventLoop.scheduleTask(deadline: nextTick) { self.ticked() }
    }

    func schedule(_ timer: Timer, for connection: any TimedConnection, in delay: TimeAmount) {
        wheel.schedule((connection, timer), in: delay)
    }

    /// Marks a connection that has unflushed bytes.
    func markDirty(_ connection: WebSocketConnection, frames: Int, bytes: Int) {
        framesWritten += Int64(frames)
        bytesWritten += Int64(bytes)
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirtyConnections.append(connection)
        scheduleFlush()
    }

    func scheduleFlush() {
        guard !flushScheduled else { return }
        flushScheduled = true
        eventLoop.execute { self.flush() }
    }

    /// The end of a tick: one write per room and member, one flush per socket.
    private func flush() {
        flushScheduled = true
        wakeWriters()
        let rooms = dirtyRooms
        dirtyRooms = []
        var written: [Delivery] = []
        for room in rooms { written += write(room) }
        let connections = dirtyConnections
        dirtyConnections = []
        connections.forEachAhead { $0.flush() }
        flushScheduled = false
        record(written)
        // What a flush set free may have written again.
        if !dirtyConnections.isEmpty || !dirtyRooms.isEmpty || !waitingWriters.isEmpty { scheduleFlush() }
    }

    private func write(_ room: LocalRoom) -> [Delivery] {
        let (deliveries, members) = room.writePending()
        for delivery in deliveries { services.metrics.deliveries[delivery.path]?.increment(by: Int64(members)) }
        return deliveries
    }

    private func record(_ written: [Delivery]) {
        services.metrics.framesSent.increment(by: framesWritten)
        services.metrics.sentBytes.increment(by: bytesWritten)
        framesWritten = 0
        bytesWritten = 0
        guard !written.isEmpty || !acksWritten.isEmpty else { return }
        let now = services.clock.nanoseconds()
        for received in acksWritten { services.metrics.sendDuration.observe(nanoseconds: now - received) }
        acksWritten.removeAll(keepingCapacity: true)
        for delivery in written where delivery.finished() {
            services.metrics.deliveryDuration[delivery.path]?.observe(
                nanoseconds: now - delivery.receivedNanoseconds
            )
        }
    }

    // MARK: - Messages

    /// - Returns: false if its writer takes no more.
    func queue(_ send: PendingSend) -> Bool {
        let writer = services.writers.writer(for: send.message.roomID)
        guard writer.queue(send) else { return false }
        if !waitingWriters.contains(where: { $0 === writer }) { waitingWriters.append(writer) }
        scheduleFlush()
        return true
    }

    /// The store begins with what the tick has read, while the sockets are written.
    private func wakeWriters() {
        for writer in waitingWriters { writer.wake() }
        waitingWriters.removeAll(keepingCapacity: true)
    }

    private func settle(_ send: SettledSend) {
        guard let connection = connections[send.connectionID] else { return }
        connection.settled(send)
        acksWritten.append(send.receivedNanoseconds)
    }

    // MARK: - Rooms

    func joinBegan(_ roomID: RoomID) {
        let room =
            rooms[roomID] ?? LocalRoom(id: roomID, sendLimit: services.limiter.bucket(.sendRoom, .room(roomID)))
        if rooms.updateValue(room, forKey: roomID) == nil {
            services.hub.opened(roomID, on: index)
            services.metrics.roomsActive.set(Double(services.hub.roomCount))
        }
        room.joinBegan()
    }

    func joinFailed(_ roomID: RoomID, isSubscribed: Bool) {
        guard let room = rooms[roomID] else { return }
        room.joinFailed()
        forgetIfEmpty(room)
        if isSubscribed { releaseSubscription(roomID) }
    }

    /// Makes a member that has everything up to `floor`, which the caller has written; writes what came after it while
    /// the join was under way.
    func joinSucceeded(_ roomID: RoomID, _ connection: WebSocketConnection, floor: Sequence64) {
        guard let room = rooms[roomID] else { return }
        append(room.stream.start(after: floor), to: room)
        // Others' bytes of this tick must be on their way before the member can share the next buffer.
        record(write(room))
        services.metrics.roomSubscriptions.add(1)
        room.joinSucceeded(connection, floor: floor)
        noticed(head: floor, of: roomID)
    }

    /// - Parameter silently: the connection was lost, so the others are told after a grace only.
    func left(_ roomID: RoomID, _ connection: WebSocketConnection, silently: Bool) {
        guard let room = rooms[roomID] else { return }
        record(write(room))
        if room.remove(connection) { services.metrics.roomSubscriptions.add(-1) }
        forgetIfEmpty(room)
        releaseSubscription(roomID)
        if let userID = connection.userID {
            services.presence.leave(roomID, userID, silently: silently, now: .now())
        }
    }

    private func forgetIfEmpty(_ room: LocalRoom) {
        guard room.isEmpty else { return }
        rooms[room.id] = nil
        services.hub.closed(room.id, on: index)
        services.metrics.roomsActive.set(Double(services.hub.roomCount))
    }

    private func releaseSubscription(_ roomID: RoomID) {
        Task { await services.subscriptions.release(roomID) }
    }

    private func received(_ notice: BrokerNotice) {
        switch notice {
        // What instances tell each other about presence ends at the hub.
        case .presence: break
        case .typing(let roomID, let userID, let username): typing(roomID, userID, username)
        case .memberLeft(let roomID, let userID, let reason):
            for connection in rooms[roomID]?.connections(of: userID) ?? [] { connection.lost(roomID, reason) }
            guard let room = rooms[roomID], room.joins > 0 else { return }
            // Who is joining may have been let in by the membership that has just ended.
            for connection in connections.values where connection.userID == userID { connection.doubtJoin(of: roomID) }
        case .roomDeleted(let roomID): deleted(roomID)
        case .roomRenamed(let roomID, let name): renamed(roomID, name)
        case .sessionRevoked(let session):
            if recentlyRevoked.count == Self.revocationsKept { recentlyRevoked.removeFirst(Self.revocationsKept / 2) }
            recentlyRevoked.append(session)
            for connection in connections.values where connection.sessionID == session {
                connection.close(.tokenRevoked)
            }
        }
    }

    private func deleted(_ roomID: RoomID) {
        guard let room = rooms[roomID] else { return }
        for connection in room.connections.reversed() { connection.lost(roomID, .deleted) }
        guard room.joins > 0 else { return }
        for connection in connections.values { connection.doubtJoin(of: roomID) }
    }

    private func renamed(_ roomID: RoomID, _ name: String) {
        guard let room = rooms[roomID] else { return }
        var frame = ByteBuffer()
        ServerEvent.roomUpdated(roomID: roomID, name: name).encodeFrame(into: &frame)
        // What was said before the change stays before it.
        record(write(room))
        for connection in room.connections { connection.write(frame, frames: 1) }
    }

    private func tell(_ change: Presence.Change) {
        let event = change.event
        guard let room = rooms[event.roomID] else { return }
        var frame = ByteBuffer()
        (change.joined ? ServerEvent.userJoined(event) : .userLeft(event)).encodeFrame(into: &frame)
        if !room.hasPresence { presenceRooms.append(room) }
        room.append(frame, about: event.userID)
    }

    private func typing(_ roomID: RoomID, _ userID: UserID, _ username: String) {
        guard let room = rooms[roomID] else { return }
        var frame = ByteBuffer()
        ServerEvent.typing(roomID: roomID, userID: userID, username: username).encodeFrame(into: &frame)
        if !room.hasPresence { presenceRooms.append(room) }
        room.append(typing: frame, of: userID)
    }

    // MARK: - Connections

    /// True if the session ended a moment ago: a token's verification may have begun before that, and end after.
    func wasJustRevoked(_ session: SessionID) -> Bool { recentlyRevoked.contains(session) }

    func opened(_ connection: WebSocketConnection) -> Int {
        nextConnectionID += 1
        connections[nextConnectionID] = connection
        services.metrics.connectionsOpened.increment()
        services.metrics.connections.add(1)
        return nextConnectionID
    }

    func closed(_ id: Int, reason: String) {
        guard connections.removeValue(forKey: id) != nil else { return }
        services.metrics.connections.add(-1)
        services.metrics.connectionClosed(reason).increment()
    }

    func requestBegan() { requestCount += 1 }

    func requestEnded() { requestCount -= 1 }

    /// From here on no HTTP connection is kept alive, and a new WebSocket is closed with 1001 at once.
    func beginDrain() {
        eventLoop.assertInEventLoop()
        isDraining = true
    }

    /// Closes every connection with 1001, each as soon as its sends are answered: in batches over the window, so that the
    /// clients do not all come to the other instances at once.
    func drain(over window: TimeAmount) {
        eventLoop.assertInEventLoop()
        drainQueue = Array(connections.keys)[...]
        let ticks = max(1, Int(window.nanoseconds / Self.tick.nanoseconds))
        drainBatch = max(services.settings.drainBatch, (drainQueue.count + ticks - 1) / ticks)
        if window <= .nanoseconds(0) { drainBatch = drainQueue.count }
        drainNext()
        flush()
    }

    private func drainNext() {
        for id in drainQueue.prefix(drainBatch) { connections[id]?.drain() }
        drainQueue = drainQueue.dropFirst(drainBatch)
    }

    var connectionCount: Int { connections.count }

    /// Whose sessions and memberships the connections stand on.
    var connected: StandingCheck.Connected {
        var connected = StandingCheck.Connected()
        for connection in connections.values {
            guard let identity = connection.machine.identity else { continue }
            connected.sessions.insert(identity.session)
            for roomID in connection.machine.rooms {
                connected.members.insert(RoomUser(roomID: roomID, userID: identity.user.id))
            }
        }
        return connected
    }

    /// Bytes that wait for this loop's sockets, as of the last second; from any thread.
    var sampledOutboundBytes: Int { outboundBytes.load(ordering: .relaxed) }

    private func sampleOutboundBytes() {
        // Only a socket that stopped taking bytes has any left after a flush.
        let waiting = connections.values.reduce(0) { $1.isWritable ? $0 : $0 + $1.bufferedBytes }
        outboundBytes.store(waiting, ordering: .relaxed)
    }
}

/// Something with timers on the loop's wheel.
protocol TimedConnection: AnyObject {
    func timerFired(_ timer: GatewayLoop.Timer)
}
