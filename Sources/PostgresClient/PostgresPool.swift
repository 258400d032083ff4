import Logging
import Synchronization

/// A bounded number of connections, opened when they are needed, and a bounded queue of those who want one.
///
/// A connection that broke is replaced at the next use; one that the server closed while it was idle is noticed
/// before a statement is sent over it, and its caller sees nothing of that.
package final class PostgresPool: Sendable {
    package struct Statistics: Equatable, Sendable {
        /// Idle and in use.
        package var open: Int
        package var idle: Int
        /// Callers in the queue.
        package var waiting: Int
    }

    private typealias Waiter = CheckedContinuation<PostgresConnection, any Error>
    private typealias State = PoolState<PostgresConnection, Waiter>

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: Mutex<State>
    private let isExpiring = Mutex(false)
    private let lastID = Atomic<UInt64>(0)
    private let threadCount = ConnectionThread.Count()

    /// - Parameters:
    ///   - size: how many connections, and so threads, at most.
    ///   - maxWaiting: how many callers may wait for one.
    ///   - maxWait: how long each of them may.
    package init(
        configuration: PostgresConfiguration,
        size: Int,
        maxWaiting: Int,
        maxWait: Duration = .seconds(5),
        logger: Logger
    ) {
        precondition(size > 0, "a pool needs a connection")
        self.configuration = configuration
        self.logger = logger
        state = Mutex(State(bounds: State.Bounds(size: size, maxWaiting: maxWaiting, maxWait: maxWait)))
    }

    package var statistics: Statistics {
        state.withLock { $0.statistics }
    }

    /// How many threads its connections have now: those of closed ones end a moment later.
    package var threads: Int { threadCount.current }

    /// Runs `body` on a connection's thread, with the connection to itself.
    /// - Throws: what `body` throws; ``PostgresError/unavailable(_:)`` without a server, at once while it is known to be
    ///   away; ``PostgresError/overloaded`` if the queue is full or the wait took too long; `CancellationError` if the
    ///   task is cancelled while it waits. A body that has begun is not cancelled.
    package func run<T: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws -> T
    ) async throws -> T {
        while true {
            let connection = try await lease()
            switch await connection.lend(body) {
            case .done(let result, let isReusable):
                perform(state.withLock { $0.released(connection, isReusable: isReusable, now: .now) })
                return try result.get()
            case .stale:
                logger.debug("a connection to Postgres was closed while idle")
                perform(state.withLock { $0.released(connection, isReusable: false, now: .now) })
            }
        }
    }

    /// Fails all who wait, closes what is idle, and waits for what runs.
    /// - Returns: false if something still ran at the end of `timeout`; its connection is closed when it is done.
    @discardableResult
    package func close(timeout: Duration = .seconds(5)) async -> Bool {
        let actions = state.withLock { $0.close() }
        for connection in actions.close { await connection.close() }
        perform(State.Actions(resume: actions.resume))
        let deadline = ContinuousClock.now + timeout
        // In a task of its own, which the caller's cancellation does not wake.
        return await Task {
            while !self.state.withLock({ $0.isDrained }) {
                guard ContinuousClock.now < deadline else { return false }
                try? await Task.sleep(for: .milliseconds(5))
            }
            return true
        }.value
    }

    private func lease() async throws -> PostgresConnection {
        if let connection = state.withLock({ $0.takeIdle() }) { return connection }
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                perform(state.withLock { $0.acquire(waiter, id: id, now: .now) })
                // The handler below may have run too early to find it.
                if Task.isCancelled { cancel(id) }
                expireInTime()
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func cancel(_ id: UInt64) {
        state.withLock { $0.cancelled(id: id) }?.resume(throwing: CancellationError())
    }

    private func perform(_ actions: State.Actions) {
        for (waiter, result) in actions.resume { waiter.resume(with: result) }
        for connection in actions.close { Task { await connection.close() } }
        for _ in 0..<actions.open { Task { await self.open() } }
    }

    private func open() async {
        do throws(PostgresError) {
            let connection = try await PostgresConnection.open(configuration, logger: logger, threads: threadCount)
            perform(state.withLock { $0.opened(connection, now: .now) })
        } catch {
            logger.warning("cannot connect to Postgres", metadata: ["error": "\(error)", "url": "\(configuration)"])
            let jitter = Double.random(in: 0..<1)
            perform(state.withLock { $0.openFailed(error, now: .now, jitter: jitter) })
        }
    }

    /// One task serves the deadlines of all who wait: they all wait equally long, so the first in the queue is the
    /// first to leave it.
    private func expireInTime() {
        let isMine = isExpiring.withLock { isExpiring in
            defer { isExpiring = true }
            return !isExpiring
        }
        guard isMine else { return }
        Task { [weak self] in
            while let deadline = self?.nextExpiry() {
                try? await Task.sleep(until: deadline)
                guard let self else { return }
                perform(state.withLock { $0.expired(now: .now) })
            }
        }
    }

    /// - Returns: nil if nobody waits; then the next who does starts another task.
    private func nextExpiry() -> ContinuousClock.Instant? {
        isExpiring.withLock { isExpiring in
            let deadline = state.withLock { $0.nextDeadline }
            isExpiring = deadline != nil
            return deadline
        }
    }
}
