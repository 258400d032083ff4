import NIOCore

/// The schedule's messages on their way out.
extension GeneratorLoop {
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
        if let closed = plan.schedule.closedLoop, next >= closed.first { return playClosedLoop(closed) }
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
            if let closed = plan.schedule.closedLoop, next >= closed.first { return playClosedLoop(closed) }
            send(next, planned: planned)
            next += loopCount
            sent += 1
        }
        guard let offset = plan.schedule.instant(of: next) else { return }
        let wait = max(start + offset - clock.now, sent >= Self.burst ? 0 : Self.granularity)
        eventLoop.scheduleTask(in: .nanoseconds(wait)) { self.sendDue() }
    }

    // MARK: - Closed loop

    /// Waits for the loop's start, then puts this loop's share of messages under way.
    private func playClosedLoop(_ closed: Schedule.Segment) {
        let wait = start + closed.start - clock.now
        guard wait <= 0 else {
            eventLoop.scheduleTask(in: .nanoseconds(wait)) { self.sendDue() }
            return
        }
        let all = closed.inFlight ?? 0
        closedShare = all / loopCount + (index < all % loopCount ? 1 : 0)
        closedEnd = start + closed.end
        // Its time is over, whatever is still to be answered.
        eventLoop.scheduleTask(in: .nanoseconds(max(0, closedEnd - clock.now))) { self.endClosedLoop() }
        if closedShare == 0 { endClosedLoop() }
        refillClosedLoop()
    }

    /// Sends as many as there is room for; call it whenever a message was answered.
    func refillClosedLoop() {
        guard closedShare > 0, !isStopped else { return }
        guard clock.now < closedEnd else { return endClosedLoop() }
        while ledger.waiting + holding < closedShare, !hasPlayed {
            send(next, planned: nil)
            next += loopCount
        }
    }

    private func endClosedLoop() {
        closedShare = 0
        next = max(next, plan.schedule.count + index)
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

    /// - Parameter planned: nil in a closed loop: the message's instant is the one at which there was room for it.
    private func send(_ n: Int, planned: Int64?) {
        let user = users[Int(random.next() % UInt64(max(1, users.count)))]
        let place = Int(random.next() % UInt64(max(1, user.memberships.count)))
        let now = clock.now
        let entry = Outbox.Entry(
            n: n, place: place, planned: planned ?? now, wantsTrace: random.next() < traceThreshold)
        let isMeasured = plan.schedule.isMeasured(n)
        counts.offered += 1
        if isMeasured { measured.offered += 1 }
        if let planned {
            recorder.lag.record(now - planned)
            intervalLag = max(intervalLag, now - planned)
        }
        guard !user.memberships.isEmpty else { return countUnsent(n) }
        if user.canSend, user.outbox.held.isEmpty {
            sendFirst(entry, of: user, at: now)
        } else if user.outbox.hold(entry) {
            holding += 1
        } else {
            countUnsent(n)
        }
    }

    /// Sends what waited for a connection that takes it.
    func sendHeld(of user: VirtualUser) {
        guard !user.outbox.held.isEmpty, user.canSend else { return }
        let due = user.outbox.takeHeld()
        holding -= due.count
        for entry in due { sendFirst(entry, of: user, at: clock.now) }
    }

    private func sendFirst(_ entry: Outbox.Entry, of user: VirtualUser, at now: Int64) {
        var entry = entry
        entry.sent = now
        user.outbox.wasSent(entry)
        write(entry, of: user)
        ledger.sent(entry.n, room: user.memberships[entry.place].room, planned: entry.planned, at: now)
        counts.sent += 1
        if plan.schedule.isMeasured(entry.n) { measured.sent += 1 }
    }

    /// Writes a message; once more if it was not answered. Its instants stay those of the first time.
    func write(_ entry: Outbox.Entry, of user: VirtualUser) {
        let stamp = MessageStamp(
            run: plan.run,
            sender: user.index,
            instance: user.instance,
            n: entry.n,
            planned: entry.planned,
            sent: entry.sent
        )
        var frame = ByteBuffer()
        frame.writeMaskedTextFrame(maskingKey: maskingKey()) { buffer in
            buffer.reserveCapacity(plan.payloadBytes + 128)
            buffer.writeStaticString(#"{"event":"message_send","room_id":"#)
            buffer.writeDecimal(user.memberships[entry.place].roomID)
            buffer.writeStaticString(#","client_msg_id":""#)
            buffer.writeString(MessageKey.text(run: plan.run, n: entry.n))
            buffer.writeStaticString(entry.wantsTrace ? #"","trace":true,"content":""# : #"","content":""#)
            stamp.write(into: &buffer, payloadBytes: plan.payloadBytes)
            buffer.writeStaticString(#""}"#)
        }
        user.write(frame)
    }

    /// The server asks for another try after a while: the message keeps its `client_msg_id` and its planned instant.
    func sendAgain(_ entry: Outbox.Entry, of user: VirtualUser, in milliseconds: Int64) {
        let attempt = user.attempt
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(min(max(milliseconds, 1), 30_000))) {
            // After a reconnect everything unanswered went out anyhow.
            guard user.attempt == attempt, user.state == .ready, let entry = user.outbox.unanswered(entry.n) else {
                return
            }
            self.write(entry, of: user)
        }
    }

    private func countUnsent(_ n: Int) {
        counts.unsent += 1
        if plan.schedule.isMeasured(n) { measured.unsent += 1 }
    }

    /// What no connection took until the run's end was never sent.
    func giveUpHeld() {
        for user in users {
            for entry in user.outbox.takeHeld() { countUnsent(entry.n) }
        }
        holding = 0
    }
}
