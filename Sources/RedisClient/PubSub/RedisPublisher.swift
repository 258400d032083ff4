import Logging
import NIOCore
import Synchronization

/// Publishes through one connection to a group, pipelined, and connects again when it is lost.
///
/// What is published by calls that follow one another goes out in that order. A message may be lost, and the caller is
/// told so unless the server lost it: Redis' answer means that the server has passed it on, to whomever was subscribed.
package final class RedisPublisher: Sendable {
    private let eventLoop: any EventLoop
    private let core: NIOLoopBoundBox<Core>
    private let connected: ConnectedFlag

    /// Does nothing before ``start()``.
    /// - Parameter position: the server of the group to try first; any if nil.
    package init(
        group: RedisGroup,
        startingAt position: Int? = nil,
        options: RedisOptions = RedisOptions(),
        eventLoop: any EventLoop,
        logger: Logger
    ) {
        self.eventLoop = eventLoop
        let connected = ConnectedFlag()
        self.connected = connected
        core = NIOLoopBoundBox.makeBoxSendingValue(
            Core(group, position, options, eventLoop, logger, connected),
            eventLoop: eventLoop
        )
    }

    /// True while publishing has a chance.
    package var isConnected: Bool { connected.value }

    /// Begins to connect, and does so until ``close()``.
    package func start() {
        eventLoop.execute { self.core.value.link.start() }
    }

    /// Returns once there is a connection.
    /// - Throws: why there was none in time, as ``RedisError``.
    package func waitUntilConnected(timeout: TimeAmount) async throws {
        try await eventLoop.flatSubmit { self.core.value.wait(timeout) }.get()
    }

    /// Returns when the server has answered for every message.
    /// - Throws: ``RedisError``: `unavailable` at once while there is no connection, `overloaded` at once if too much
    ///   is unanswered (nothing was sent in both cases), `timeout`, or `server` with the first refusal.
    package func publish(_ batch: [RedisMessage]) async throws {
        try await enqueue(batch).get()
    }

    /// ``publish(_:)`` for callers that must not wait: the order is that of the calls.
    package func enqueue(_ batch: [RedisMessage]) -> EventLoopFuture<Void> {
        guard !batch.isEmpty else { return eventLoop.makeSucceededVoidFuture() }
        let (bytes, count) = (RedisCommand.publish(batch), batch.count)
        return eventLoop.flatSubmit { self.core.value.publish(bytes, count) }.flatMapThrowing { replies in
            for case .error(let text) in replies { throw RedisError.server(text) }
        }
    }

    package func close() async {
        try? await eventLoop.submit { self.core.value.close() }.get()
    }

    /// What lives on the event loop.
    private final class Core {
        let link: RedisLink
        private let eventLoop: any EventLoop
        private let flag: ConnectedFlag
        private var connection: RedisConnection?
        private var trouble = RedisError.unavailable("not connected yet")
        private var waiting: [UInt64: EventLoopPromise<Void>] = [:]
        private var lastWaiter: UInt64 = 0

        init(
            _ group: RedisGroup, _ position: Int?, _ options: RedisOptions, _ eventLoop: any EventLoop,
            _ logger: Logger, _ flag: ConnectedFlag
        ) {
            self.eventLoop = eventLoop
            self.flag = flag
            link = RedisLink(
                group: group,
                startingAt: position ?? .random(in: 0..<group.servers.count),
                options: options,
                eventLoop: eventLoop,
                logger: logger
            )
            link.opened = { [weak self] in self?.opened($0) }
            link.lost = { [weak self] in self?.lost($0) }
        }

        func publish(_ bytes: ByteBuffer, _ count: Int) -> EventLoopFuture<[RedisReply]> {
            guard let connection else { return eventLoop.makeFailedFuture(trouble) }
            return connection.request(bytes, replyCount: count)
        }

        func wait(_ timeout: TimeAmount) -> EventLoopFuture<Void> {
            guard connection == nil, trouble != .closed else {
                return eventLoop.makeCompletedFuture { if connection == nil { throw trouble } }
            }
            let promise = eventLoop.makePromise(of: Void.self)
            lastWaiter += 1
            let waiter = lastWaiter
            waiting[waiter] = promise
            eventLoop.assumeIsolated().scheduleTask(in: timeout) {
                self.waiting.removeValue(forKey: waiter)?.fail(self.trouble)
            }
            return promise.futureResult
        }

        func close() {
            link.close()
            trouble = .closed
            connection = nil
            flag.value = false
            for promise in waiting.values { promise.fail(RedisError.closed) }
            waiting = [:]
        }

        private func opened(_ connection: RedisConnection) {
            self.connection = connection
            flag.value = true
            for promise in waiting.values { promise.succeed(()) }
            waiting = [:]
        }

        private func lost(_ reason: RedisError) {
            connection = nil
            flag.value = false
            if case .unavailable = reason { trouble = reason } else { trouble = .unavailable(reason.description) }
        }
    }
}

/// Whether there is a connection, for anyone to read.
final class ConnectedFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var value: Bool {
        get { flag.load(ordering: .relaxed) }
        set { flag.store(newValue, ordering: .relaxed) }
    }
}
