import ChatMetrics
import ChatProtocol
import Foundation
import Logging
import Metrics
import NIOCore
import NIOPosix

/// The server, wired: the one place where concrete types meet. Build it, then run it.
struct Application: Sendable {
    let listener: Listener
    let port: Int
    private let loops: [GatewayLoop]
    private let group: MultiThreadedEventLoopGroup
    private let services: GatewayServices
    private let peers: PresenceExchange
    private let headCheck: HeadCheck
    private let standings: StandingCheck
    private let health: Health
    private let passwords: Passwords
    private let codes: AccessCodes
    private let purge: RoomPurge
    private let drainTimeout: Double
    /// Reads the files of keys and certificate again.
    let reload: Reload
    private let logger: Logger

    /// - Parameter adjust: changes the bounds and times of connections; for tests.
    static func build(
        _ configuration: ServerConfiguration,
        logger: Logger,
        adjust: (inout GatewaySettings) -> Void = { _ in }
    ) async throws -> Application {
        let limits = FileDescriptors.raiseLimit()
        logger.info("open files", metadata: ["before": "\(limits.before)", "limit": "\(limits.after)"])
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoops)
        let listener: Listener
        do {
            listener = try await Listener.bind(
                host: configuration.host,
                port: configuration.port,
                tls: configuration.tls,
                group: group
            )
        } catch {
            let address = "\(configuration.host):\(configuration.port)"
            throw StartupFailure(description: "cannot listen on \(address): \(error)")
        }
        let store = try await configuration.store.open(logger)
        let clock = Clock.system
        let instance = configuration.instance ?? "\(configuration.host):\(listener.port)"
        let instanceID = InstanceID.random()
        let broker: any Broker =
            switch configuration.broker {
            case .memory: InProcessBroker()
            case .redis(let servers):
                RedisBroker(
                    servers: servers,
                    own: instanceID,
                    eventLoop: group.next(),
                    clock: clock,
                    logger: logger
                )
            }
        let metrics = ServerMetrics(registry: MetricsRegistry(), instance: instance)
        let limiter = RateLimiter(configuration.limitsOn ? configuration.rateLimits : nil)
        if !configuration.limitsOn { logger.warning("every rate limit is off") }
        for warning in (configuration.signingKeys?.warnings ?? []) + (configuration.tls?.warnings ?? []) {
            logger.warning("\(warning)")
        }
        let keys = await configuration.keyRing(logger)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let passwords =
            configuration.limitsOn
            ? Passwords(threads: max(1, cores / 2)) : Passwords(threads: cores, maxWaiting: 10_000)
        let auth = AuthService(
            store: store,
            broker: broker,
            tokens: AccessTokens(keys: keys, lifetime: configuration.accessTokenLifetime),
            passwords: passwords,
            limiter: limiter,
            logger: logger,
            clock: clock,
            refreshLifetime: configuration.refreshTokenLifetime
        )
        let cache = MembershipCache()
        let codes = AccessCodes(
            passwords: configuration.limitsOn ? Passwords() : Passwords(threads: cores, maxWaiting: 10_000),
            limiter: limiter,
            logger: logger
        )
        let purge = RoomPurge(store: store, logger: logger)
        let rooms = RoomService(
            store: store,
            broker: broker,
            cache: cache,
            codes: codes,
            purge: purge,
            limiter: limiter,
            metrics: metrics,
            logger: logger,
            clock: clock
        )
        let hub = RoomHub(metrics: metrics, cache: cache, clock: clock, instance: instance)
        let peers = PresenceExchange(own: instanceID, broker: broker, logger: logger)
        let presence = Presence(
            grace: .milliseconds(Int64(configuration.presenceGrace * 1000)),
            tell: { hub.tell($0) },
            report: { if broker.isShared { peers.report($0) } }
        )
        peers.attach(presence)
        let headCheck = HeadCheck(
            store: store,
            logger: logger,
            isInTrouble: { broker.trouble != nil },
            rooms: { hub.rooms },
            noticed: { hub.noticed(head: $1, of: $0) }
        )
        let standings = StandingCheck(
            store: store,
            logger: logger,
            isInTrouble: { broker.trouble != nil },
            connected: { await hub.connected() },
            ended: { hub.received($0) }
        )
        let writers = (0..<store.writerCount).map { _ in
            MessageWriter(
                store: store,
                broker: broker,
                metrics: metrics,
                logger: logger,
                clock: clock,
                instance: instance
            )
        }
        var settings = GatewaySettings(
            instance: instance,
            epoch: try await store.epoch(),
            maxConnections: min(
                configuration.maxConnections ?? .max,
                limits.after - FileDescriptors.reserve - configuration.eventLoops * 3
            )
        )
        if configuration.limitsOn { settings.frameLimit = configuration.rateLimits[.frames] }
        adjust(&settings)
        let services = GatewayServices(
            store: store,
            broker: broker,
            auth: auth,
            rooms: rooms,
            presence: presence,
            subscriptions: RoomSubscriptions(broker: broker, metrics: metrics, grace: .seconds(5)),
            writers: MessageWriters(writers: writers),
            hub: hub,
            limiter: limiter,
            connectionLimits: configuration.connectionLimits,
            proxies: TrustedProxies(configuration.trustedProxies, logger: logger, warns: configuration.limitsOn),
            metrics: metrics,
            logger: logger,
            clock: clock,
            settings: settings
        )
        let loops = group.makeIterator().enumerated().map {
            GatewayLoop(index: $0.offset, eventLoop: $0.element, services: services)
        }
        hub.attach(
            loops,
            peers,
            onResume: [{ headCheck.wake() }, { standings.wake() }, { peers.resumed() }]
        )
        try await broker.start(hub)
        let health = Health(store: store, broker: broker)
        metrics.registerSampled(
            outboundBytes: { loops.reduce(0) { $0 + Double($1.sampledOutboundBytes) } },
            brokerConnected: { broker.trouble == nil ? 1 : 0 },
            probeAge: { broker.probeAge }
        )
        let router = RestRouter(
            auth: auth,
            rooms: rooms,
            presence: presence,
            health: health,
            metrics: metrics,
            metricsToken: configuration.metricsToken
        ).build()
        let rest = RestApplication(router: router, metrics: metrics, logger: logger)
        for loop in loops { try await loop.eventLoop.submit { loop.start() }.get() }
        try await listener.serve(loops, rest: rest)
        let (storeName, brokerName) = (await store.description, await broker.description)
        logger.info(
            "listening",
            metadata: [
                "host": "\(configuration.host)", "port": "\(listener.port)", "instance": "\(instance)",
                "store": "\(storeName)", "broker": "\(brokerName)", "tls": "\(configuration.tls != nil)",
            ]
        )
        return Application(
            listener: listener,
            port: listener.port,
            loops: loops,
            group: group,
            services: services,
            peers: peers,
            headCheck: headCheck,
            standings: standings,
            health: health,
            passwords: passwords,
            codes: codes,
            purge: purge,
            drainTimeout: configuration.drainTimeout,
            reload: Reload(configuration: configuration, keys: keys, listener: listener, logger: logger),
            logger: logger
        )
    }

    /// Serves until `stop` returns, then drains: nothing new, answers to what is under way, sockets closed with 1001.
    func run(until stop: @Sendable @escaping () async -> Void) async throws {
        let writers = services.writers
        let writing = Task { await writers.run() }
        let (peers, headCheck, standings, purge) = (peers, headCheck, standings, purge)
        let isShared = services.broker.isShared
        let watching = Task {
            await withTaskGroup { group in
                group.addTask { await headCheck.run() }
                group.addTask { await purge.run() }
                guard isShared else { return }
                group.addTask { await peers.run() }
                group.addTask { await standings.run() }
            }
        }
        await stop()
        await drain()
        watching.cancel()
        await watching.value
        writers.close()
        await writing.value
        // The broker answers for what is on its way, within its own timeouts.
        for _ in 0..<500 where !writers.areIdle { try? await Task.sleep(for: .milliseconds(10)) }
        await services.subscriptions.close()
        await services.broker.close()
        try await services.store.close()
        await passwords.close()
        await codes.close()
        try await group.shutdownGracefully()
        logger.info("stopped")
    }

    /// What part of the drain time the sockets' closing is spread over; the rest is for their last answers.
    private static let drainSpread = 0.6

    /// Not ready first, so that balancers send nobody here; then the sockets, in batches. The port stays open until they are
    /// gone: a balancer that got no answer to its checks would cut them.
    private func drain() async {
        logger.info("draining", metadata: ["timeout_seconds": "\(drainTimeout)"])
        let deadline = ContinuousClock.now + .seconds(drainTimeout)
        health.drain()
        services.metrics.draining.set(1)
        for loop in loops { loop.eventLoop.execute { loop.beginDrain() } }
        if await count({ $0.connectionCount }) > 0 {
            let notice = min(Double(services.settings.drainNotice.nanoseconds) / 1e9, drainTimeout / 10)
            try? await Task.sleep(for: .seconds(notice))
        }
        let window = TimeAmount.milliseconds(Int64(drainTimeout * Self.drainSpread * 1000))
        for loop in loops { loop.eventLoop.execute { loop.drain(over: window) } }
        await waitUntilIdle(deadline)
        await listener.close()
    }

    private func waitUntilIdle(_ deadline: ContinuousClock.Instant) async {
        while ContinuousClock.now < deadline {
            let open = await count { $0.connectionCount }
            let requests = await count { $0.requestCount }
            if open == 0, requests == 0, services.writers.areIdle { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
        let open = await count { $0.connectionCount }
        logger.warning("drain timed out", metadata: ["connections": "\(open)"])
    }

    private func count(_ value: @Sendable @escaping (GatewayLoop) -> Int) async -> Int {
        var count = 0
        for loop in loops { count += (try? await loop.eventLoop.submit { value(loop) }.get()) ?? 0 }
        return count
    }
}

/// Why the server cannot start.
struct StartupFailure: Error, CustomStringConvertible {
    var description: String
}
