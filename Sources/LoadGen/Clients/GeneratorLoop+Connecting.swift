import NIOCore

/// How clients get their connections, and get them back.
extension GeneratorLoop {
    /// Begins to open this loop's clients at its share of the connect rate.
    func connectAll() {
        eventLoop.assertInEventLoop()
        users = stride(from: index, to: plan.accounts.count, by: loopCount).map { VirtualUser(index: $0, loop: self) }
        inTurn = users.sorted { plan.turns[$0.index] < plan.turns[$1.index] }
        connectStart = clock.now
        connectDue()
    }

    private func connectDue() {
        guard !isStopped, nextConnect < users.count else { return }
        let now = clock.now
        while nextConnect < users.count, connecting < Self.maxConnecting {
            let user = inTurn[nextConnect]
            let planned = connectStart + Int64(Double(plan.turns[user.index]) * 1e9 / plan.connectRate)
            guard planned <= now + Self.granularity else { break }
            nextConnect += 1
            connect(user, planned: planned)
        }
        eventLoop.scheduleTask(in: .milliseconds(2)) { self.connectDue() }
    }

    private func connect(_ user: VirtualUser, planned: Int64) {
        connecting += 1
        user.connecting(planned: planned)
        connector.connect(user, on: eventLoop)
        // A server that accepts and then says nothing must not hold the run up.
        let attempt = user.attempt
        eventLoop.assumeIsolated().scheduleTask(in: connector.timeout) {
            guard user.attempt == attempt, user.state == .connecting || user.state == .authenticating else { return }
            user.dropSocket("no answer within \(self.connector.timeout.nanoseconds / 1_000_000_000) s")
        }
    }

    /// `ready` came.
    func clientConnected(_ user: VirtualUser, now: Int64) {
        connecting -= 1
        counts.connected += 1
        connectionsByInstance[user.instance, default: 0] += 1
        if !user.wasConnected { recorder.connect.record(now - user.plannedConnect) }
    }

    /// It is in all its rooms (again): what is not answered goes out once more, and what was due meanwhile.
    func clientReady(_ user: VirtualUser) {
        readyCount += 1
        if user.wasReady {
            counts.reconnected += 1
            recorder.reconnect.record(clock.now - user.lostAt)
        } else if user.failedAttempts >= Self.hopelessAttempts {
            counts.failed -= 1
        }
        for entry in user.outbox.unanswered { write(entry, of: user) }
        sendHeld(of: user)
    }

    /// A client lost its connection, or never got one: it tries again, ever more slowly, until the run's end.
    func clientLost(_ user: VirtualUser, from state: VirtualUser.State, reason: String) {
        switch state {
        case .connecting, .authenticating: connecting -= 1
        case .joining, .ready: counts.connected -= 1
        case .idle, .closed: break
        }
        if state == .ready {
            readyCount -= 1
            counts.disconnected += 1
            user.lostAt = clock.now
        }
        forget(guest: user)
        note(failure: reason)
        if !user.wasReady, user.failedAttempts == Self.hopelessAttempts { counts.failed += 1 }
        let backoff = UInt64(100 << min(user.failedAttempts - 1, 4)) * 1_000_000
        connectAgain(user, in: Int64(backoff / 2 + noise.next() % backoff))
    }

    /// A share of the clients, chosen at random, reads nothing from now on; the others read (again).
    func letReadSlowly(share: Double) {
        let slow = Set(drawn(share).map(\.index))
        for user in users { user.setReading(!slow.contains(user.index)) }
    }

    /// Cuts the connections of a share of the clients, chosen at random, without a word of goodbye.
    func cut(share: Double) {
        for user in drawn(share) { user.dropSocket("cut by the scenario") }
    }

    /// That share of the clients that are ready. Where it is no whole number it is rounded up on some loops and down on the
    /// others, so that all of them together come close.
    private func drawn(_ share: Double) -> ArraySlice<VirtualUser> {
        let ready = users.filter { $0.state == .ready }
        let count = Double(ready.count) * share + (Double(index) + 0.5) / Double(loopCount)
        return ready.shuffled(using: &noise).prefix(Int(count))
    }

    private func connectAgain(_ user: VirtualUser, in delay: Int64) {
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(delay)) {
            guard !self.isStopped, user.state == .idle else { return }
            guard self.connecting < Self.maxConnecting else { return self.connectAgain(user, in: delay) }
            self.connect(user, planned: self.clock.now)
        }
    }

    /// True if every client has been ready, or has failed so often that it is not waited for.
    var isSettled: Bool {
        nextConnect == users.count
            && users.allSatisfy { $0.wasReady || $0.failedAttempts >= Self.hopelessAttempts }
    }
}
