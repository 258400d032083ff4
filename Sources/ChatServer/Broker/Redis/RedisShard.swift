import Logging
import NIOCore
import RedisClient
import Synchronization

/// One server, or one Redis Cluster: a connection that publishes and one that subscribes.
final class RedisShard: Sendable {
    let group: RedisGroup
    let publisher: RedisPublisher
    let subscriber: RedisSubscriber
    private let lastProbe = Atomic<Int64>(0)
    private let lastReconnect = Atomic<Int64>(0)

    init(group: RedisGroup, options: RedisOptions, eventLoop: any EventLoop, logger: Logger) {
        self.group = group
        publisher = RedisPublisher(group: group, options: options, eventLoop: eventLoop, logger: logger)
        subscriber = RedisSubscriber(group: group, options: options, eventLoop: eventLoop, logger: logger)
    }

    /// A probe came back.
    func probed(at nanoseconds: Int64) { lastProbe.store(nanoseconds, ordering: .relaxed) }

    /// True once in 3 s: a new connection's first probe takes its time.
    func mayReconnect(now: Int64) -> Bool {
        guard now - lastReconnect.load(ordering: .relaxed) > 3_000_000_000 else { return false }
        lastReconnect.store(now, ordering: .relaxed)
        return true
    }

    /// Seconds since a probe came back; 0 before the first was sent.
    func probeAge(now: Int64) -> Double {
        let last = lastProbe.load(ordering: .relaxed)
        return last == 0 ? 0 : Double(max(0, now - last)) / 1e9
    }
}
