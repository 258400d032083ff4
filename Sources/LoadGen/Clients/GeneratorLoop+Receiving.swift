import ChatMetrics
import ChatProtocol
import NIOCore

/// What the servers say, checked and timed.
extension GeneratorLoop {
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
        case .ack: ack(view, for: user, now: now)
        case .error: refused(view, user)
        case .ready:
            let name = view.string(view.instance) ?? "?"
            user.isReady(instance: plan.instances.number(of: name), now: now)
        case .roomJoined:
            user.joined(view.roomID, seq: view.seq, epoch: view.string(view.epoch), recovered: view.flag)
        case .roomLeft:
            if !guestLeft(user, view.roomID) { note(failure: "room left: \(view.string(view.word) ?? "?")") }
        case .roomUpdated, .userJoined, .userLeft, .typing:
            if !user.mayHear(of: view.roomID) {
                unexpected("an event of room \(view.roomID), which client \(user.index) is not in")
            }
        case .pong, .other: break
        }
    }

    private func message(_ view: ServerEventView, for user: VirtualUser, now: Int64) {
        counts.delivered += 1
        guard let seat = user.seat(in: view.roomID) else {
            return unexpected("a message of room \(view.roomID), which client \(user.index) is not in")
        }
        guard plan.isVerified else {
            guard let stamp = view.content.flatMap({ MessageStamp(view.raw($0)) }), stamp.run == plan.run,
                stamp.n < plan.schedule.count
            else { return }
            return time(stamp, view, user, now)
        }
        guard let stamp = accepted(view.content.map(view.raw), seq: view.seq, of: user.room(of: seat)) else { return }
        switch user.received(view.seq, at: seat) {
        case .duplicate, nil:
            counts.duplicated += 1
            ledger.detail("client \(user.index) got seq \(view.seq) of room \(view.roomID) twice")
            return
        case .outOfOrder:
            counts.outOfOrder += 1
            ledger.detail("client \(user.index) got seq \(view.seq) of room \(view.roomID) after a later one")
        case .inOrder, .early: break
        }
        time(stamp, view, user, now)
    }

    private func time(_ stamp: MessageStamp, _ view: ServerEventView, _ user: VirtualUser, _ now: Int64) {
        guard record(stamp, now: now) else { return }
        measured.delivered += 1
        flows.add(from: stamp.instance, to: user.instance)
        if stamp.instance != user.instance {
            recorder.deliverCross.record(now - stamp.planned)
        } else {
            recorder.deliverSame.record(now - stamp.planned)
        }
        if view.hasTrace, let trace = view.trace { recorder.record(trace, planned: stamp.planned, received: now) }
    }

    /// Reads the stamp of what came for a room, over the socket or by its history.
    /// - Returns: nil if nobody sent that, or something else stands at that `seq`; it is counted then.
    private func accepted(
        _ content: UnsafeRawBufferPointer?, seq: Sequence64, of room: Int
    ) -> MessageStamp? {
        guard let content, let stamp = MessageStamp(content), stamp.run == plan.run, stamp.n < plan.schedule.count,
            stamp.sender < plan.accounts.count, plan.memberships[stamp.sender].contains(Int32(room)), seq > 0,
            seq <= plan.highestSeq
        else {
            unexpected("a message that nobody sent: room \(plan.rooms[room].id), seq \(seq)")
            return nil
        }
        guard ledger.note(stamp.n, room: room, seq: seq) else {
            unexpected("room \(plan.rooms[room].id) shows two messages as seq \(seq)")
            return nil
        }
        return stamp
    }

    /// The latencies that do not depend on the way.
    /// - Returns: false if the message is of no measured phase.
    private func record(_ stamp: MessageStamp, now: Int64) -> Bool {
        interval.record(now - stamp.planned)
        guard plan.schedule.isMeasured(stamp.n) else { return false }
        ledger.delivered(stamp.n, at: now)
        recorder.deliver.record(now - stamp.planned)
        recorder.deliverUncorrected.record(now - stamp.sent)
        return true
    }

    /// Messages that a client missed, and found in the room's history.
    func deliver(_ messages: [RoomHistory.Message], to user: VirtualUser, at place: Int, now: Int64) {
        for message in messages {
            let stamp = Array(message.content.utf8).withUnsafeBytes {
                accepted($0, seq: message.seq, of: user.memberships[place].room)
            }
            guard let stamp, let verdict = user.memberships[place].track?.received(message.seq), verdict != .duplicate
            else { continue }
            counts.deliveredByHistory += 1
            if record(stamp, now: now) { measured.deliveredByHistory += 1 }
        }
    }

    private func ack(_ view: ServerEventView, for user: VirtualUser, now: Int64) {
        guard let key = view.clientMessageID, let n = MessageKey.number(view.raw(key), run: plan.run) else {
            return unexpected("an ack for what was not sent")
        }
        let room = user.memberships.first { $0.roomID == view.roomID }?.room
        switch ledger.acked(n, room: room, seq: view.seq, id: view.id) {
        case .first(let planned, let sent):
            user.outbox.answered(n)
            counts.acked += 1
            defer { refillClosedLoop() }
            guard plan.schedule.isMeasured(n) else { return }
            measured.acked += 1
            recorder.ack.record(now - planned)
            recorder.ackUncorrected.record(now - sent)
        case .again: user.outbox.answered(n)
        case .contradiction:
            unexpected("an ack of message \(n) as seq \(view.seq) of room \(view.roomID), where it does not stand")
        case .unknown: unexpected("an ack for what was not sent")
        }
    }

    private func refused(_ view: ServerEventView, _ user: VirtualUser) {
        let code = view.string(view.word) ?? "?"
        let later = view.retryAfterMilliseconds
        if view.clientMessageID == nil, guestRefused(user, view.roomID, code) { return }
        errors[code, default: 0] += 1
        guard let key = view.clientMessageID, let n = MessageKey.number(view.raw(key), run: plan.run) else {
            return user.joinRefused(code, isTemporary: later > 0)
        }
        if later > 0, let entry = user.outbox.postponed(n) { return sendAgain(entry, of: user, in: later) }
        user.outbox.answered(n)
        guard ledger.rejected(n) else { return }
        counts.rejected += 1
        if plan.schedule.isMeasured(n) { measured.rejected += 1 }
        refillClosedLoop()
    }

    func unexpected(_ what: String) {
        counts.unexpected += 1
        ledger.detail(what)
    }
}
