import ChatMetrics
import ChatProtocol
import NIOCore

/// One event loop's share of the load: its clients, its part of the schedule, and what it measures.
///
/// Messages are dealt to the loops by number: loop `i` of `L` sends `i`, `i + L`, `i + 2L` …, so that no loop waits for
/// another. `@unchecked Sendable`: everything but the constants is touched on the event loop alone.
final class GeneratorLoop: @unchecked Sendable {
    /// Messages sent in one turn before the sockets are read again.
    private static let burst = 1024
    /// The timer's own granularity: messages due within it go out together.
    private static let granularity: Int64 = 100_000
    /// Clients that have a connect under way.
    private static let maxConnecting = 512

    let index: Int
    let loopCount: Int
    let eventLoop: any EventLoop
    let plan: RunPlan
    let clock: RunClock
    private let connector: Connector

    private(set) var users: [VirtualUser] = []
    private(set) var recorder = Recorder()
    /// Of the present second; taken and reset by ``takeInterval()``.
    private var interval = LatencyHistogram()
    private var intervalLag: Int64 = 0
    private(set) var counts = LoopCounts()
    /// Of the measured phases alone.
    private(set) var measured = LoopCounts()
    private(set) var ledger: IntegrityLedger
    private(set) var failures: [String: Int] = [:]
    private(set) var errors: [String: Int] = [:]
    private(set) var connectionsByInstance: [Int: Int] = [:]
    private(set) var crossDeliveries = 0

    private var random: SeededGenerator
    private var start: Int64 = 0
    private var next: Int
    private var nextConnect = 0
    private var connectStart: Int64 = 0
    private var connecting = 0
    private(set) var readyCount = 0
    private var isStopped = false
    private var traceThreshold: UInt64

    init(index: Int, loopCount: Int, eventLoop: any EventLoop, plan: RunPlan, clock: RunClock, connector: Connector) {
        self.index = index
        self.loopCount = loopCount
        self.eventLoop = eventLoop
        self.plan = plan
        self.clock = clock
        self.connector = connector
        next = index
        random = SeededGenerator(seed: plan.seed &+ UInt64(index) &* 0x1_0000_0001)
        ledger = IntegrityLedger(plan: plan, index: index, loopCount: loopCount)
        traceThreshold = plan.traceShare >= 1 ? .max : UInt64(plan.traceShare * Double(UInt64.max))
    }

    func maskingKey() -> UInt32 { UInt32(truncatingIfNeeded: random.next()) }

    // MARK: - Connecting

    /// Begins to open this loop's clients at its share of the connect rate.
    func connectAll() {
        eventLoop.assertInEventLoop()
        users = stride(from: index, to: plan.accounts.count, by: loopCount).map { VirtualUser(index: $0, loop: self) }
        connectStart = clock.now
        connectDue()
    }

    private func connectDue() {
        guard !isStopped, nextConnect < users.count else { return }
        let now = clock.now
        while nextConnect < users.count, connecting < Self.maxConnecting {
            let user = users[nextConnect]
            let planned = connectStart + Int64(Double(user.index) * 1e9 / plan.connectRate)
            guard planned <= now + Self.granularity else { break }
            nextConnect += 1
            connect(user, planned: planned)
        }
        eventLoop.scheduleTask(in: .milliseconds(2)) { self.connectDue() }
    }

    private func connect(_ user: VirtualUser, planned: Int64) {
        connecting += 1
        user.connecting(planned: planned)
        connector.connect(user, to: plan.endpoints[user.index % plan.endpoints.count], on: eventLoop)
        // A server that accepts and then says nothing must not hold the run up.
        eventLoop.assumeIsolated().scheduleTask(in: connector.timeout) {
            if user.state == .connecting || user.state == .authenticating {
                self.note(failure: "no answer within \(self.connector.timeout.nanoseconds / 1_000_000_000) s")
                user.dropSocket()
            }
        }
    }

    /// `ready` came.
    func clientConnected(_ user: VirtualUser, again: Bool, now: Int64) {
        connecting -= 1
        counts.connected += 1
        connectionsByInstance[user.instance, default: 0] += 1
        if again {
            counts.reconnected += 1
        } else {
            recorder.connect.record(now - user.plannedConnect)
        }
    }

    func clientReady(_: VirtualUser) { readyCount += 1 }

    /// A client lost its connection, or never got one: it tries again, a few times and ever more slowly.
    func clientLost(_ user: VirtualUser, reason: String, wasReady: Bool, attempts: Int) {
        switch user.state {
        case .connecting, .idle: connecting -= 1
        case .authenticating: connecting -= 1
        case .joining, .ready: counts.connected -= 1
        case .closed: break
        }
        if wasReady {
            readyCount -= 1
            counts.disconnected += 1
        }
        note(failure: reason)
        guard !isStopped, attempts < 5 else {
            counts.failed += 1
            return user.gaveUp()
        }
        user.waiting()
        let backoff = Int64(100 << min(attempts, 4)) * 1_000_000
        let delay = backoff / 2 + Int64(random.next() % UInt64(backoff))
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(delay)) {
            guard !self.isStopped else { return }
            self.connect(user, planned: self.clock.now)
        }
    }

    func note(failure reason: String) { failures[reason, default: 0] += 1 }

    /// True if no client of this loop will become ready any more without having been so.
    var isSettled: Bool {
        nextConnect == users.count && users.allSatisfy { $0.state == .ready || $0.state == .closed }
    }

    // MARK: - Sending

    /// Plays this loop's share of the schedule.
    /// - Parameter start: the schedule's instant 0.
    func play(from start: Int64) {
        eventLoop.assertInEventLoop()
        self.start = start
        sendDue()
    }

    /// True if every message of this loop was sent or given up.
    var hasPlayed: Bool { next >= plan.schedule.count }

    private func sendDue() {
        guard !isStopped else { return }
        var now = clock.now
        var sent = 0
        while let offset = plan.schedule.instant(of: next) {
            let planned = start + offset
            if planned > now {
                // The clock is read once a message only while there are messages that are due.
                now = clock.now
                if planned > now { break }
            }
            if sent >= Self.burst { break }
            send(next, planned: planned)
            next += loopCount
            sent += 1
        }
        guard let offset = plan.schedule.instant(of: next) else { return }
        let wait = max(start + offset - clock.now, sent >= Self.burst ? 0 : Self.granularity)
        eventLoop.scheduleTask(in: .nanoseconds(wait)) { self.sendDue() }
    }

    /// What has not been sent long after its instant is given up; the lag has told why.
    func giveUpRest() {
        let rest = stride(from: next, to: plan.schedule.count, by: loopCount)
        for n in rest {
            counts.offered += 1
            counts.unsent += 1
            if plan.schedule.isMeasured(n) {
                measured.offered += 1
                measured.unsent += 1
            }
        }
        ledger.unsentByGenerator += rest.underestimatedCount
        next = plan.schedule.count + index
    }

    private func send(_ n: Int, planned: Int64) {
        let isMeasured = plan.schedule.isMeasured(n)
        counts.offered += 1
        if isMeasured { measured.offered += 1 }
        let user = users[Int(random.next() % UInt64(max(1, users.count)))]
        guard user.canSend, !user.memberships.isEmpty else {
            counts.unsent += 1
            if isMeasured { measured.unsent += 1 }
            return
        }
        let membership = user.memberships[Int(random.next() % UInt64(user.memberships.count))]
        let now = clock.now
        let wantsTrace = random.next() < traceThreshold
        recorder.lag.record(now - planned)
        intervalLag = max(intervalLag, now - planned)
        let stamp = MessageStamp(
            run: plan.run,
            sender: user.index,
            instance: user.instance,
            n: n,
            planned: planned,
            sent: now
        )
        var frame = ByteBuffer()
        frame.writeMaskedTextFrame(maskingKey: maskingKey()) { buffer in
            buffer.reserveCapacity(plan.payloadBytes + 128)
            buffer.writeStaticString(#"{"event":"message_send","room_id":"#)
            buffer.writeDecimal(membership.roomID)
            buffer.writeStaticString(#","client_msg_id":""#)
            buffer.writeString(MessageKey.text(run: plan.run, n: n))
            buffer.writeStaticString(wantsTrace ? #"","trace":true,"content":""# : #"","content":""#)
            stamp.write(into: &buffer, payloadBytes: plan.payloadBytes)
            buffer.writeStaticString(#""}"#)
        }
        user.write(frame)
        ledger.sent(n, room: membership.room, planned: planned, at: now)
        counts.sent += 1
        if isMeasured { measured.sent += 1 }
    }

    // MARK: - Receiving

    /// One text frame came for a client.
    func received(_ payload: UnsafeRawBufferPointer, by user: VirtualUser, now: Int64) {
        let view: ServerEventView
        do throws(JSONError) {
            view = try ServerEventView(payload)
        } catch {
            unexpected("a frame that is no JSON: \(error.reason)")
            return
        }
        switch view.kind {
        case .message: message(view, for: user, now: now)
        case .ack: ack(view, now: now)
        case .error: refused(view, user)
        case .ready:
            let name = view.string(view.instance) ?? "?"
            user.isReady(epoch: view.string(view.epoch), instance: plan.instances.number(of: name), now: now)
        case .roomJoined: user.joined(view.roomID, seq: view.seq)
        case .roomLeft: note(failure: "room left: \(view.string(view.word) ?? "?")")
        case .userJoined, .userLeft, .typing, .pong, .other: break
        }
    }

    private func message(_ view: ServerEventView, for user: VirtualUser, now: Int64) {
        counts.delivered += 1
        guard let place = user.memberships.firstIndex(where: { $0.roomID == view.roomID }) else {
            return unexpected("a message of room \(view.roomID), which client \(user.index) is not in")
        }
        let room = user.memberships[place].room
        guard let content = view.content, let stamp = MessageStamp(view.raw(content)), stamp.run == plan.run,
            stamp.n < plan.schedule.count, stamp.sender < plan.accounts.count,
            plan.memberships[stamp.sender].contains(Int32(room)), view.seq > 0, view.seq <= plan.highestSeq
        else { return unexpected("a message that nobody sent: room \(view.roomID), seq \(view.seq)") }
        guard ledger.note(stamp.n, room: room, seq: view.seq) else {
            return unexpected("room \(view.roomID) shows two messages as seq \(view.seq)")
        }
        switch user.memberships[place].track?.received(view.seq) {
        case .duplicate, nil:
            counts.duplicated += 1
            ledger.detail("client \(user.index) got seq \(view.seq) of room \(view.roomID) twice")
            return
        case .outOfOrder:
            counts.outOfOrder += 1
            ledger.detail("client \(user.index) got seq \(view.seq) of room \(view.roomID) after a later one")
        case .inOrder, .early: break
        }
        let isCross = stamp.instance != user.instance
        if isCross { crossDeliveries += 1 }
        interval.record(now - stamp.planned)
        guard plan.schedule.isMeasured(stamp.n) else { return }
        measured.delivered += 1
        ledger.delivered(stamp.n, at: now)
        recorder.deliver.record(now - stamp.planned)
        recorder.deliverUncorrected.record(now - stamp.sent)
        if isCross {
            recorder.deliverCross.record(now - stamp.planned)
        } else {
            recorder.deliverSame.record(now - stamp.planned)
        }
        if view.hasTrace, let trace = view.trace { recorder.record(trace, planned: stamp.planned, received: now) }
    }

    private func ack(_ view: ServerEventView, now: Int64) {
        guard let key = view.clientMessageID, let n = MessageKey.number(view.raw(key), run: plan.run),
            let send = ledger.acked(n, seq: view.seq, id: view.id)
        else { return unexpected("an ack for what was not sent") }
        guard send.isFirst else { return }
        counts.acked += 1
        guard plan.schedule.isMeasured(n) else { return }
        measured.acked += 1
        recorder.ack.record(now - send.planned)
        recorder.ackUncorrected.record(now - send.sent)
    }

    private func refused(_ view: ServerEventView, _ user: VirtualUser) {
        let code = view.string(view.word) ?? "?"
        errors[code, default: 0] += 1
        guard let key = view.clientMessageID, let n = MessageKey.number(view.raw(key), run: plan.run) else {
            note(failure: "refused: \(code)")
            return user.joinRefused()
        }
        guard ledger.rejected(n) else { return }
        counts.rejected += 1
        if plan.schedule.isMeasured(n) { measured.rejected += 1 }
    }

    private func unexpected(_ what: String) {
        counts.unexpected += 1
        ledger.detail(what)
    }

    // MARK: - The run's end

    /// What happened since the last call.
    func takeInterval() -> (latency: LatencyHistogram, lag: Int64) {
        defer {
            interval = LatencyHistogram()
            intervalLag = 0
        }
        return (interval, intervalLag)
    }

    /// Stops sending and connecting; clients stay.
    func stop() { isStopped = true }

    func closeAll() {
        isStopped = true
        for user in users { user.close() }
        eventLoop.scheduleTask(in: .seconds(1)) { for user in self.users { user.abandon() } }
    }
}
