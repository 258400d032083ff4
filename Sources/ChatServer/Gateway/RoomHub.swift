import ChatProtocol
import NIOCore
import Synchronization

/// From the broker to the event loops: frames each message once, and hops once per loop, not per member.
final class RoomHub: BrokerSink {
    private struct State {
        /// The loops with a member of the room, a bit each.
        var loops: [RoomID: UInt64] = [:]
        var targets: [GatewayLoop] = []
        var peers: PresenceExchange?
        /// Called when the broker is back.
        var onResume: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let metrics: ServerMetrics
    private let cache: MembershipCache
    private let clock: Clock
    private let instance: String

    init(metrics: ServerMetrics, cache: MembershipCache, clock: Clock, instance: String) {
        self.metrics = metrics
        self.cache = cache
        self.clock = clock
        self.instance = instance
    }

    /// At most 64 loops.
    /// - Parameter onResume: what is done about what the broker may have lost, once it is back.
    func attach(_ loops: [GatewayLoop], _ peers: PresenceExchange, onResume: [@Sendable () -> Void]) {
        state.withLock { state in
            state.targets = loops
            state.peers = peers
            state.onResume = onResume
        }
    }

    /// Who is connected, over all loops.
    func connected() async -> StandingCheck.Connected {
        var all = StandingCheck.Connected()
        for loop in state.withLock({ $0.targets }) {
            guard let part = try? await loop.eventLoop.submit({ loop.connected }).get() else { continue }
            all.sessions.formUnion(part.sessions)
            all.members.formUnion(part.members)
        }
        return all
    }

    func opened(_ roomID: RoomID, on loop: Int) {
        state.withLock { $0.loops[roomID, default: 0] |= 1 << UInt64(loop) }
    }

    /// - Returns: true if no loop has a member any more.
    @discardableResult
    func closed(_ roomID: RoomID, on loop: Int) -> Bool {
        state.withLock { state in
            let rest = (state.loops[roomID] ?? 0) & ~(1 << UInt64(loop))
            state.loops[roomID] = rest == 0 ? nil : rest
            return rest == 0
        }
    }

    var roomCount: Int { state.withLock { $0.loops.count } }

    func received(_ batch: [BrokerMessage]) {
        let now = clock.nanoseconds()
        let (targets, masks) = state.withLock { state in (state.targets, batch.map { state.loops[$0.roomID] ?? 0 }) }
        var items: [[LoopItem]] = Array(repeating: [], count: targets.count)
        for (message, mask) in zip(batch, masks) where mask != 0 {
            metrics.brokerLag.observe(nanoseconds: now - message.publishedNanoseconds)
            let delivery = delivery(message, now: now, loops: mask.nonzeroBitCount)
            for index in targets.indices where mask & 1 << UInt64(index) != 0 {
                items[index].append(.delivery(delivery))
            }
        }
        for (target, items) in zip(targets, items) where !items.isEmpty { target.post(items) }
    }

    func received(_ notice: BrokerNotice) {
        switch notice {
        case .memberLeft(let roomID, let userID, _): cache.remove(userID, from: roomID)
        case .roomDeleted(let roomID): cache.remove(roomID)
        case .roomRenamed, .sessionRevoked, .presence, .typing: break
        }
        let (targets, peers) = state.withLock { ($0.targets, $0.peers) }
        if case .presence(let notice) = notice {
            peers?.received(notice)
        } else {
            for target in targets { target.post([.notice(notice)]) }
        }
    }

    func resumed() {
        for action in state.withLock({ $0.onResume }) { action() }
    }

    /// Tells the local members of the rooms, in this order.
    func tell(_ changes: [Presence.Change]) {
        for change in changes { post(.presence(change), to: change.event.roomID) }
    }

    /// The rooms with a member on some loop here.
    var rooms: [RoomID] { state.withLock { Array($0.loops.keys) } }

    /// The store has this `seq` in the room.
    func noticed(head seq: Sequence64, of roomID: RoomID) { post(.head(roomID, seq), to: roomID) }

    private func post(_ item: LoopItem, to roomID: RoomID) {
        let (targets, mask) = state.withLock { ($0.targets, $0.loops[roomID] ?? 0) }
        for index in targets.indices where mask & 1 << UInt64(index) != 0 { targets[index].post([item]) }
    }

    private func delivery(_ message: BrokerMessage, now: Int64, loops: Int) -> Delivery {
        var frame = ByteBuffer()
        frame.reserveCapacity(message.payload.readableBytes + (message.trace == nil ? 8 : 256))
        frame.writeTextFrame { buffer in
            var trace = message.trace
            trace?.brokerReceivedNanoseconds = now
            trace?.instance = instance
            buffer.writeMessagePayload(message.payload, trace: trace)
        }
        return Delivery(
            roomID: message.roomID,
            seq: message.seq,
            frame: frame,
            path: message.origin == instance ? .local : .broker,
            receivedNanoseconds: message.receivedNanoseconds,
            loops: loops
        )
    }
}
