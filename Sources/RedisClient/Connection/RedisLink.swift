import Logging
import NIOCore

/// Keeps one connection to one server of a group for as long as it is open: when it is lost, the next server is tried,
/// after a delay that grows. Confined to its event loop.
final class RedisLink {
    private enum State {
        case idle
        case connecting
        case open(RedisConnection, since: NIODeadline)
        case waiting(Scheduled<Void>)
        case closed
    }

    private let eventLoop: any EventLoop
    private let options: RedisOptions
    private let logger: Logger
    private var group: RedisGroup
    private var position: Int
    private var backoff: Backoff
    private var state = State.idle
    /// Counts the connections that were tried; what an earlier one reports no longer counts.
    private var attempt: UInt64 = 0
    /// Whether the present outage was logged.
    private var hasWarned = false

    /// A connection is ready.
    var opened: ((RedisConnection) -> Void)?
    /// It is no more; or, while none was, an attempt has failed.
    var lost: ((RedisError) -> Void)?

    /// A connection that lasted as long was not refused: the next delay is the shortest again.
    private static let stable = TimeAmount.seconds(2)

    init(group: RedisGroup, startingAt position: Int, options: RedisOptions, eventLoop: any EventLoop, logger: Logger) {
        self.group = group
        self.position = position
        self.options = options
        self.eventLoop = eventLoop
        self.logger = logger
        backoff = Backoff(first: options.minBackoff, limit: options.maxBackoff)
    }

    func start() {
        guard case .idle = state else { return }
        connect()
    }

    /// Ends the present connection; another one follows.
    func reconnect(_ reason: RedisError) {
        guard case .open(let connection, _) = state else { return }
        connection.handler.value.finish(reason)
    }

    func close() {
        let last = state
        state = .closed
        attempt += 1
        switch last {
        case .open(let connection, _):
            connection.handler.value.finish(.closed)
            lost?(.closed)
        case .waiting(let timer): timer.cancel()
        case .idle, .connecting, .closed: break
        }
        opened = nil
        lost = nil
    }

    private var server: RedisServer { group.servers[position % group.servers.count] }

    private func connect() {
        attempt += 1
        let attempt = attempt
        state = .connecting
        let server = server
        let isCluster = group.isCluster
        Connector(server: server, options: options, eventLoop: eventLoop).connect()
            .flatMap { connection -> EventLoopFuture<(RedisConnection, [RedisServer])> in
                guard isCluster else { return connection.eventLoop.makeSucceededFuture((connection, [])) }
                return connection.request(RedisCommand("CLUSTER", "NODES").bytes, replyCount: 1).map { replies in
                    (connection, replies.first?.text.map { ClusterNodes.servers(in: $0, from: server) } ?? [])
                }
            }
            .assumeIsolated().whenComplete { result in
                guard attempt == self.attempt else {
                    if case .success(let (connection, _)) = result { connection.handler.value.finish(.closed) }
                    return
                }
                switch result {
                case .success(let (connection, nodes)): self.connected(connection, nodes)
                case .failure(let error): self.failed(.from(error))
                }
            }
    }

    private func connected(_ connection: RedisConnection, _ nodes: [RedisServer]) {
        if let end = connection.handler.value.end { return failed(end) }
        if !nodes.isEmpty {
            group.learn(nodes)
            // The list may be a new one; the place in it is this server's.
            position = group.servers.firstIndex { $0.endpoint == connection.server.endpoint } ?? 0
        }
        let attempt = attempt
        connection.handler.value.ended = { [weak self] reason in
            guard let self, attempt == self.attempt else { return }
            self.failed(reason)
        }
        state = .open(connection, since: .now())
        hasWarned = false
        logger.info("connected to Redis", metadata: ["server": "\(connection.server)"])
        opened?(connection)
    }

    private func failed(_ reason: RedisError) {
        if case .open(_, let since) = state, .now() - since >= Self.stable { backoff.succeeded() }
        logger.log(
            level: hasWarned ? .debug : .warning,
            "no connection to Redis",
            metadata: ["server": "\(server)", "reason": "\(reason)"]
        )
        hasWarned = true
        position = (position + 1) % group.servers.count
        let delay = backoff.failed(jitter: .random(in: 0...1))
        let timer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self, case .waiting = self.state else { return }
            self.connect()
        }
        state = .waiting(timer)
        lost?(reason)
    }
}
