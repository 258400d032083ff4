/// A pool without connections, clock or tasks: something happened goes in, what to do comes out.
///
/// While anybody waits no connection is idle. After a failed attempt nobody tries until ``Backoff`` has passed, and
/// then one alone; callers fail at once meanwhile, unless a connection that is in use may come back for them.
struct PoolState<Connection, Waiter> {
    struct Bounds: Sendable {
        /// Connections, those that are being opened included.
        var size: Int
        /// Callers without a connection.
        var maxWaiting: Int
        /// Of one caller.
        var maxWait: Duration = .seconds(5)
        var backoff = Backoff()
    }

    /// What to do, in this order.
    struct Actions {
        var resume: [(Waiter, Result<Connection, PostgresError>)] = []
        var close: [Connection] = []
        /// How many connections to open; each ends in ``PoolState/opened(_:)`` or ``PoolState/openFailed(_:now:jitter:)``.
        var open = 0
    }

    private struct Waiting {
        var id: UInt64
        var waiter: Waiter
        var deadline: ContinuousClock.Instant
    }

    private let bounds: Bounds
    /// The last one to come back is the first one to go: what is not needed stays idle.
    private var idle: [Connection] = []
    private var leased = 0
    private var opening = 0
    private var waiting: [Waiting] = []
    private var failures = 0
    private var lastError = PostgresError.unavailable("never tried")
    private var retryAt: ContinuousClock.Instant?
    private var isClosed = false

    init(bounds: Bounds) {
        self.bounds = bounds
    }

    var statistics: PostgresPool.Statistics {
        PostgresPool.Statistics(open: idle.count + leased, idle: idle.count, waiting: waiting.count)
    }

    /// Nothing is in use, nothing is being opened.
    var isDrained: Bool { leased == 0 && opening == 0 }

    /// When ``expired(now:)`` is next to be called.
    var nextDeadline: ContinuousClock.Instant? { waiting.first?.deadline }

    /// The short way of ``acquire(_:id:now:)``.
    mutating func takeIdle() -> Connection? {
        guard !isClosed, let connection = idle.popLast() else { return nil }
        leased += 1
        return connection
    }

    /// Somebody wants a connection.
    mutating func acquire(_ waiter: Waiter, id: UInt64, now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        if isClosed {
            actions.resume.append((waiter, .failure(Self.closed)))
        } else if let connection = takeIdle() {
            actions.resume.append((waiter, .success(connection)))
        } else if isBackingOff(now), leased == 0, opening == 0 {
            actions.resume.append((waiter, .failure(lastError)))
        } else if waiting.count >= bounds.maxWaiting {
            actions.resume.append((waiter, .failure(.overloaded)))
        } else {
            waiting.append(Waiting(id: id, waiter: waiter, deadline: now + bounds.maxWait))
            openWhatIsNeeded(now, &actions)
        }
        return actions
    }

    /// A connection came back.
    mutating func released(_ connection: Connection, isReusable: Bool, now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        leased -= 1
        if isReusable {
            place(connection, &actions)
        } else {
            openWhatIsNeeded(now, &actions)
            failIfHopeless(&actions)
        }
        return actions
    }

    mutating func opened(_ connection: Connection, now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        opening -= 1
        failures = 0
        retryAt = nil
        place(connection, &actions)
        openWhatIsNeeded(now, &actions)
        return actions
    }

    mutating func openFailed(_ error: PostgresError, now: ContinuousClock.Instant, jitter: Double) -> Actions {
        var actions = Actions()
        opening -= 1
        failures += 1
        lastError = error
        retryAt = now + bounds.backoff.delay(failures: failures, jitter: jitter)
        failIfHopeless(&actions)
        return actions
    }

    /// Time has passed: who waited too long leaves.
    mutating func expired(now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        // With nothing open the cause is the server, not our own load.
        let error: PostgresError = leased > 0 ? .overloaded : .unavailable("no connection within \(bounds.maxWait)")
        let count = waiting.prefix { $0.deadline <= now }.count
        for entry in waiting.prefix(count) { actions.resume.append((entry.waiter, .failure(error))) }
        waiting.removeFirst(count)
        return actions
    }

    /// A caller does not want to wait any more.
    /// - Returns: the waiter, unless it has been served.
    mutating func cancelled(id: UInt64) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// No caller gets a connection from now on.
    mutating func close() -> Actions {
        var actions = Actions()
        isClosed = true
        for entry in waiting { actions.resume.append((entry.waiter, .failure(Self.closed))) }
        waiting.removeAll()
        actions.close = idle
        idle.removeAll()
        return actions
    }

    private static var closed: PostgresError { .unavailable("the pool is closed") }

    private func isBackingOff(_ now: ContinuousClock.Instant) -> Bool {
        retryAt.map { now < $0 } ?? false
    }

    private mutating func place(_ connection: Connection, _ actions: inout Actions) {
        if isClosed {
            actions.close.append(connection)
        } else if waiting.isEmpty {
            idle.append(connection)
        } else {
            leased += 1
            actions.resume.append((waiting.removeFirst().waiter, .success(connection)))
        }
    }

    private mutating func openWhatIsNeeded(_ now: ContinuousClock.Instant, _ actions: inout Actions) {
        guard !isClosed, !isBackingOff(now) else { return }
        let free = bounds.size - idle.count - leased - opening
        var needed = min(waiting.count - opening, free)
        if failures > 0 { needed = min(needed, 1 - opening) }
        guard needed > 0 else { return }
        opening += needed
        actions.open += needed
    }

    /// Those who wait fail if neither an attempt nor a connection in use can help them.
    private mutating func failIfHopeless(_ actions: inout Actions) {
        guard leased == 0, opening == 0 else { return }
        for entry in waiting { actions.resume.append((entry.waiter, .failure(lastError))) }
        waiting.removeAll()
    }
}
