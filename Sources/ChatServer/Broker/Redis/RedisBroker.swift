import ChatProtocol
import Logging
import NIOCore
import RedisClient
import Synchronization

/// The broker over Redis Pub/Sub: `room:{id}` for what happens in a room, one channel for what concerns all instances.
///
/// Rooms spread over the servers by consistent hash. What this instance publishes reaches its own members without the
/// detour; its echo is dropped. Redis loses messages whenever a link drops, so after each reconnect the sink is told,
/// and each instance probes every server once a second: a connection can look healthy and be dead.
final class RedisBroker: Broker {
    private static let noticeChannel = "chat:notices"
    private static let probeInterval = Duration.seconds(1)
    /// A probe this old makes the instance unready and its subscribers connect anew.
    private static let probePatience = 3.0
    /// Beyond it the oldest goes; the other instances find it by themselves a little later (``StandingCheck``).
    private static let unannouncedBound = 4096

    private struct State {
        var sink: (any BrokerSink)?
        var shards: [RedisShard] = []
        var ring: HashRing?
        var rooms: Set<RoomID> = []
        /// Rooms whose subscription Redis has not confirmed: tried again until it has.
        var unconfirmed: Set<RoomID> = []
        /// Ended sessions and deleted rooms that could not be published: tried again until they can.
        var unannounced: [BrokerNotice] = []
        var version = "?"
        var watching: Task<Void, Never>?
    }

    private let servers: [RedisServer]
    private let own: InstanceID
    private let eventLoop: any EventLoop
    private let clock: Clock
    private let logger: Logger
    private let options: RedisOptions
    private let state = Mutex(State())

    init(
        servers: [RedisServer],
        own: InstanceID,
        eventLoop: any EventLoop,
        clock: Clock,
        logger: Logger,
        options: RedisOptions = RedisOptions()
    ) {
        self.servers = servers
        self.own = own
        self.eventLoop = eventLoop
        self.clock = clock
        self.logger = logger
        self.options = options
    }

    var description: String {
        let (version, shards) = state.withLock { ($0.version, $0.shards.count) }
        return "redis \(version)" + (shards > 1 ? " x\(shards)" : "")
    }

    var isShared: Bool { true }

    // MARK: - Life

    func start(_ sink: any BrokerSink) async throws {
        let groups = try await RedisTopology.discover(servers, options: options, on: eventLoop, logger: logger)
        let version = await version(of: groups)
        let shards = groups.map { RedisShard(group: $0, options: options, eventLoop: eventLoop, logger: logger) }
        state.withLock { state in
            state.sink = sink
            state.shards = shards
            state.ring = HashRing(groups)
            state.version = version
        }
        for shard in shards {
            shard.subscriber.start(Receiver(broker: self, shard: shard))
            shard.publisher.start()
        }
        for shard in shards {
            try await shard.subscriber.subscribe(probeChannel)
            try await shard.publisher.waitUntilConnected(timeout: options.connectTimeout)
        }
        try await noticeShard.subscriber.subscribe(Self.noticeChannel)
        let watching = Task { await self.watch() }
        state.withLock { $0.watching = watching }
    }

    func close() async {
        let (shards, watching) = state.withLock { state in
            defer { state.sink = nil }
            return (state.shards, state.watching)
        }
        watching?.cancel()
        await watching?.value
        for shard in shards {
            await shard.subscriber.close()
            await shard.publisher.close()
        }
    }

    /// Of the first server that says so.
    private func version(of groups: [RedisGroup]) async -> String {
        for server in groups.flatMap(\.servers) {
            guard let connection = try? await RedisConnection.connect(to: server, options: options, on: eventLoop)
            else {
                continue
            }
            let info = try? await connection.send(RedisCommand("INFO", "server")).text
            await connection.close()
            let line = info?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
            if let line { return String(line.dropFirst("redis_version:".count)) }
        }
        return "?"
    }

    private var probeChannel: String { "chat:probe:\(own.bits)" }

    private var noticeShard: RedisShard { shard(of: 0) }

    private func shard(of roomID: RoomID) -> RedisShard {
        state.withLock { $0.shards[$0.ring?.server(of: roomID) ?? 0] }
    }

    private static func channel(_ roomID: RoomID) -> String { "room:\(roomID)" }

    // MARK: - Out

    func publish(_ batch: [BrokerMessage], done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        let (sink, here, shards) = state.withLock { state in
            var shards: [Int: [BrokerMessage]] = [:]
            for message in batch { shards[state.ring?.server(of: message.roomID) ?? 0, default: []].append(message) }
            return (
                state.sink, batch.filter { state.rooms.contains($0.roomID) },
                shards.map { (state.shards[$0.key], $0.value) }
            )
        }
        if !here.isEmpty { sink?.received(here) }
        let sent = shards.map { shard, messages in
            shard.publisher.enqueue(
                messages.map { message in
                    let frame = BrokerFrame.message(message, from: own)
                    return RedisMessage(channel: Self.channel(message.roomID), payload: frame.encode())
                }
            )
        }
        EventLoopFuture.andAllSucceed(sent, on: eventLoop).whenComplete(done)
    }

    func announce(_ notice: BrokerNotice) async throws {
        let (sink, isHere) = state.withLock { state in
            guard case .typing(let roomID, _, _) = notice else { return (state.sink, true) }
            return (state.sink, state.rooms.contains(roomID))
        }
        if isHere { sink?.received(notice) }
        do {
            try await send(notice)
        } catch {
            keep(notice)
            throw error
        }
    }

    private func send(_ notice: BrokerNotice) async throws {
        let payload = BrokerFrame.notice(notice, from: own).encode()
        if case .typing(let roomID, _, _) = notice {
            let message = RedisMessage(channel: Self.channel(roomID), payload: payload)
            try await shard(of: roomID).publisher.publish([message])
        } else {
            try await noticeShard.publisher.publish([RedisMessage(channel: Self.noticeChannel, payload: payload)])
        }
    }

    /// Keeps what must not get lost, and cannot be outdated when it is told: who has left a room may be back by then.
    /// That one the other instances find by themselves (``StandingCheck``).
    private func keep(_ notice: BrokerNotice) {
        switch notice {
        case .sessionRevoked, .roomDeleted: break
        case .memberLeft, .roomRenamed, .presence, .typing: return
        }
        let isFull = state.withLock { state in
            let isFull = state.unannounced.count == Self.unannouncedBound
            if isFull { state.unannounced.removeFirst() }
            state.unannounced.append(notice)
            return isFull
        }
        if isFull { logger.warning("too many notices wait for Redis: the oldest is left to the standing check") }
    }

    private func announceKept() async {
        guard noticeShard.publisher.isConnected else { return }
        let kept = state.withLock { state in
            defer { state.unannounced = [] }
            return state.unannounced
        }
        for (place, notice) in kept.enumerated() {
            guard (try? await send(notice)) == nil else { continue }
            return state.withLock { $0.unannounced = kept[place...].suffix(Self.unannouncedBound) + $0.unannounced }
        }
    }

    // MARK: - Subscriptions

    /// During an outage it returns all the same: the room is subscribed as soon as Redis is back, and then the sink is
    /// told that something may have been lost.
    func subscribe(_ roomID: RoomID) async throws {
        state.withLock { _ = $0.rooms.insert(roomID) }
        let subscriber = shard(of: roomID).subscriber
        if subscriber.isConnected {
            do {
                return try await subscriber.subscribe(Self.channel(roomID), timeout: options.commandTimeout)
            } catch RedisError.server(let reason) {
                state.withLock { _ = $0.rooms.remove(roomID) }
                throw RedisError.server(reason)
            } catch {
                logger.warning("broker failed", metadata: ["operation": "subscribe", "error": "\(error)"])
            }
        }
        state.withLock { _ = $0.unconfirmed.insert(roomID) }
    }

    func unsubscribe(_ roomID: RoomID) async throws {
        state.withLock { state in
            state.rooms.remove(roomID)
            state.unconfirmed.remove(roomID)
        }
        await shard(of: roomID).subscriber.unsubscribe(Self.channel(roomID))
    }

    private func confirmRooms() async {
        let rooms = state.withLock { $0.unconfirmed }
        var confirmed = 0
        for roomID in rooms {
            let subscriber = shard(of: roomID).subscriber
            guard subscriber.isConnected, (try? await subscriber.subscribe(Self.channel(roomID))) != nil else {
                continue
            }
            let isWanted = state.withLock { state in
                state.unconfirmed.remove(roomID)
                return state.rooms.contains(roomID)
            }
            if !isWanted { await subscriber.unsubscribe(Self.channel(roomID)) }
            confirmed += 1
        }
        if confirmed > 0 { state.withLock { $0.sink }?.resumed() }
    }

    // MARK: - Health

    var probeAge: Double {
        let now = clock.nanoseconds()
        return state.withLock { $0.shards }.map { $0.probeAge(now: now) }.max() ?? 0
    }

    var trouble: String? {
        let shards = state.withLock { $0.shards }
        if shards.contains(where: { !$0.subscriber.isConnected || !$0.publisher.isConnected }) {
            return "no connection to Redis"
        }
        return probeAge > Self.probePatience ? "Redis does not deliver" : nil
    }

    /// Probes every server until the task is cancelled.
    private func watch() async {
        let shards = state.withLock { $0.shards }
        let probe = RedisMessage(channel: probeChannel, payload: BrokerFrame.probe(from: own).encode())
        for shard in shards { shard.probed(at: clock.nanoseconds()) }
        while !Task.isCancelled {
            for shard in shards {
                _ = shard.publisher.enqueue([probe])
                let now = clock.nanoseconds()
                let age = shard.probeAge(now: now)
                guard age > Self.probePatience, shard.subscriber.isConnected, shard.mayReconnect(now: now) else {
                    continue
                }
                logger.error("broker failed", metadata: ["operation": "probe", "seconds": "\(age)"])
                shard.subscriber.reconnect(reason: "no probe came back for \(age) s")
            }
            await confirmRooms()
            await announceKept()
            try? await Task.sleep(for: Self.probeInterval)
        }
    }

    // MARK: - In

    fileprivate func received(_ batch: [RedisMessage], from shard: RedisShard) {
        guard let sink = state.withLock({ $0.sink }) else { return }
        var messages: [BrokerMessage] = []
        for message in batch {
            switch BrokerFrame(message.payload) {
            case .message(let message, let sender) where sender != own: messages.append(message)
            case .notice(let notice, let sender) where sender != own:
                // Whatever stands before it in the batch comes before it.
                if !messages.isEmpty { sink.received(messages) }
                messages = []
                sink.received(notice)
            case .probe(own): shard.probed(at: clock.nanoseconds())
            case .message, .notice, .probe: break
            case nil: logger.warning("broker message not understood", metadata: ["channel": "\(message.channel)"])
            }
        }
        if !messages.isEmpty { sink.received(messages) }
    }

    fileprivate func connected() { state.withLock { $0.sink }?.resumed() }

    /// What a shard's subscriber tells.
    private final class Receiver: RedisSubscriberDelegate {
        private let broker: RedisBroker
        private let shard: RedisShard

        init(broker: RedisBroker, shard: RedisShard) {
            self.broker = broker
            self.shard = shard
        }

        func messages(_ batch: [RedisMessage]) { broker.received(batch, from: shard) }

        func connected(generation _: UInt64) {
            broker.logger.info("broker connected", metadata: ["server": "\(shard.group)"])
            broker.connected()
        }

        func disconnected(reason: RedisError) {
            broker.logger.error(
                "broker failed",
                metadata: ["operation": "connection", "server": "\(shard.group)", "error": "\(reason)"]
            )
        }
    }
}
