import ChatMetrics
import ChatProtocol
import Foundation
import Logging
import NIOCore
import NIOEmbedded

@testable import ChatServer

let serverBenchmarks = [
    Benchmark(name: "fan_out_500", summary: "one message to the 500 members of a room", operations: 40) {
        let room = try await CrowdedRoom(members: 500)
        return { room.fanOut($0) }
    },
    Benchmark(name: "fan_out_500_tls", summary: "the same, written to channels, as with TLS", operations: 40) {
        let room = try await CrowdedRoom(members: 500, isEncrypted: true)
        return { room.fanOut($0) }
    },
]

/// One event loop of the gateway, and a room whose members' sockets swallow what is sent.
private final class CrowdedRoom {
    /// Its threads wait; nothing here asks for a hash.
    private static let passwords = Passwords()

    private let eventLoop: EmbeddedEventLoop
    private let hub: RoomHub
    private let loop: GatewayLoop
    private let sink: Sink
    private let drain: Drain?
    private let sockets: [EmbeddedChannel]
    private let payload: ByteBuffer
    private var seq: Sequence64 = 0

    /// - Parameter isEncrypted: true has the members behind channels that something still stands in, as TLS does; what it
    ///   would do is not done.
    init(members: Int, isEncrypted: Bool = false) async throws {
        let services = try await Self.services()
        let (eventLoop, sink) = (EmbeddedEventLoop(), Sink())
        let drain = isEncrypted ? nil : try Drain()
        let loop = GatewayLoop(index: 0, eventLoop: eventLoop, services: services)
        let peers = PresenceExchange(own: InstanceID(bits: 1), broker: services.broker, logger: services.logger)
        services.hub.attach([loop], peers, onResume: [])
        sockets = try (0..<members).map { _ in
            let connection = WebSocketConnection(loop: loop, address: .unknown, token: nil)
            let socket = EmbeddedChannel(loop: eventLoop)
            try socket.pipeline.syncOperations.addHandlers([sink, connection])
            socket.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
            if let drain { connection.outlet = Outlet(socket, descriptor: drain.descriptor) }
            loop.joinBegan(Inputs.roomID)
            loop.joinSucceeded(Inputs.roomID, connection, floor: 0)
            return socket
        }
        var payload = ByteBuffer()
        ServerEvent.message(Inputs.messages[0], trace: nil).encode(into: &payload)
        self.payload = payload
        self.eventLoop = eventLoop
        self.loop = loop
        self.sink = sink
        self.drain = drain
        hub = services.hub
        eventLoop.run()
    }

    /// From the broker's hand-over to the last member's send, or flush: one turn of the loop for each message.
    /// - Returns: how many messages all members got, or were sent as far as the gateway can tell.
    func fanOut(_ messages: Int) -> Int {
        let (before, sent) = (sink.taken, loop.services.metrics.sentBytes.value)
        for _ in 0..<messages {
            seq += 1
            hub.received([
                BrokerMessage(
                    roomID: Inputs.roomID,
                    seq: seq,
                    payload: payload,
                    origin: "bench",
                    receivedNanoseconds: 0,
                    publishedNanoseconds: 0
                )
            ])
            eventLoop.run()
        }
        let (writes, flushes) = (sink.taken.writes - before.writes, sink.taken.flushes - before.flushes)
        guard drain == nil else {
            // What the kernel did not take would have been written to the channel.
            guard writes == 0, flushes == 0 else { return 0 }
            return Int(loop.services.metrics.sentBytes.value - sent) / sockets.count / (payload.readableBytes + 4)
        }
        return min(writes, flushes) / sockets.count
    }

    /// The house around the gateway, as the server wires it; messages come straight to the hub.
    private static func services() async throws -> GatewayServices {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let clock = Clock.system
        let broker = InProcessBroker()
        let metrics = ServerMetrics(registry: MetricsRegistry(), instance: "bench")
        let limiter = RateLimiter(nil)
        let cache = MembershipCache()
        let store = try emptyStore()
        let keys = await KeyRing(secret: nil)
        let hub = RoomHub(metrics: metrics, cache: cache, clock: clock, instance: "bench")
        return GatewayServices(
            store: store,
            broker: broker,
            auth: AuthService(
                store: store,
                broker: broker,
                tokens: AccessTokens(keys: keys),
                passwords: passwords,
                limiter: limiter,
                logger: logger,
                clock: clock
            ),
            rooms: RoomService(
                store: store,
                broker: broker,
                cache: cache,
                codes: AccessCodes(passwords: passwords, limiter: limiter, logger: logger),
                purge: RoomPurge(store: store, logger: logger),
                limiter: limiter,
                metrics: metrics,
                logger: logger,
                clock: clock
            ),
            presence: Presence(grace: .seconds(1), tell: { _ in }),
            subscriptions: RoomSubscriptions(broker: broker, metrics: metrics, grace: .seconds(1)),
            writers: MessageWriters(writers: []),
            hub: hub,
            limiter: limiter,
            connectionLimits: ConnectionLimits(perAddress: nil, perUser: nil),
            proxies: TrustedProxies([], logger: logger, warns: false),
            metrics: metrics,
            logger: logger,
            clock: clock,
            settings: GatewaySettings(instance: "bench", epoch: "bench", maxConnections: .max)
        )
    }

    /// A store that nothing is asked of; its file has no name any more.
    private static func emptyStore() throws -> any Store {
        let path = FileManager.default.temporaryDirectory.appending(path: "budgets-\(UUID()).db").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        return try SQLiteStore(path: path)
    }
}

/// A socket that takes all that is sent to it: the peer is full after a while, and the kernel drops the rest.
private final class Drain {
    let descriptor: CInt
    private let peer: CInt

    init() throws {
        descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        peer = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(peer, address, size) == 0 && getsockname(peer, address, &size) == 0
                    && connect(descriptor, address, size) == 0
            }
        }
        guard isConnected else { throw IOError(errnoCode: errno, reason: "a socket that takes everything") }
    }

    deinit {
        close(descriptor)
        close(peer)
    }
}
