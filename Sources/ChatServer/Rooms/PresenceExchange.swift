import ChatProtocol
import Logging
import NIOCore
import Synchronization

/// Keeps the instances' knowledge of who is where in step: sends this instance's reports in batches, takes the others',
/// notices what was lost, and lets go of an instance that is silent.
///
/// Each notice that changes something has a number; a heartbeat repeats the last one, so that a lost last notice is
/// noticed too. Who misses something asks for snapshots. Nothing here is on a message's way.
final class PresenceExchange: Sendable {
    struct Times: Sendable {
        var batch = Duration.milliseconds(50)
        var heartbeat = TimeAmount.seconds(1)
        /// An instance that is not heard of for so long is gone, unless the broker is.
        var silence = TimeAmount.seconds(6)
    }

    private struct Peer {
        var number: UInt64
        var lastHeard: NIODeadline
        /// False until a whole snapshot has come.
        var isKnown: Bool
    }

    private struct State {
        var presence: Presence?
        var outgoing: [Presence.Report] = []
        /// Reports were lost, or somebody asked: the next notice is a snapshot.
        var owesSnapshot = false
        var wantsSnapshots = true
        var number: UInt64 = 0
        var lastSent = NIODeadline.distantPast
        var peers: [InstanceID: Peer] = [:]
        /// When the broker last came back.
        var resumed = NIODeadline.now()
    }

    private static let outgoingBound = 20_000
    private static let reportsPerNotice = 500

    let own: InstanceID
    private let broker: any Broker
    private let logger: Logger
    private let times: Times
    private let state = Mutex(State())

    init(
        own: InstanceID,
        broker: any Broker,
        logger: Logger,
        times: Times = Times()
    ) {
        self.own = own
        self.broker = broker
        self.logger = logger
        self.times = times
    }

    /// Sets what is kept in step; it reports here.
    func attach(_ presence: Presence) { state.withLock { $0.presence = presence } }

    // MARK: - Out

    /// Takes what changed here; it leaves with the next batch.
    func report(_ reports: [Presence.Report]) {
        state.withLock { state in
            guard state.outgoing.count + reports.count <= Self.outgoingBound else {
                state.outgoing = []
                state.owesSnapshot = true
                return
            }
            state.outgoing += reports
        }
    }

    /// Sends and watches until the task is cancelled; then says goodbye.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: times.batch)
            for notice in due(now: .now()) {
                do {
                    try await broker.announce(.presence(notice))
                } catch {
                    state.withLock { $0.owesSnapshot = true }
                    break
                }
            }
            forgetSilent(now: .now())
        }
        try? await broker.announce(.presence(notice(.goodbye)))
    }

    private func notice(_ content: PresenceNotice.Content) -> PresenceNotice {
        PresenceNotice(instance: own, number: state.withLock { $0.number }, content: content)
    }

    /// What there is to send now, in order.
    private func due(now: NIODeadline) -> [PresenceNotice] {
        // The snapshot is taken before the state is locked: what is reported in between is in both, which does no harm.
        let (isOwed, presence) = state.withLock { state in
            if state.owesSnapshot { state.outgoing = [] }
            return (state.owesSnapshot, state.presence)
        }
        let snapshot = isOwed ? presence?.snapshot() ?? [] : []
        return state.withLock { state in
            var contents: [PresenceNotice.Content] = []
            if isOwed {
                state.owesSnapshot = false
                for start in stride(from: 0, to: max(1, snapshot.count), by: Self.reportsPerNotice) {
                    let part = Array(snapshot[start..<min(start + Self.reportsPerNotice, snapshot.count)])
                    contents.append(.snapshot(part, isFirst: start == 0))
                }
            }
            for start in stride(from: 0, to: state.outgoing.count, by: Self.reportsPerNotice) {
                let end = min(start + Self.reportsPerNotice, state.outgoing.count)
                contents.append(.reports(Array(state.outgoing[start..<end])))
            }
            state.outgoing = []
            var notices = contents.map { content in
                state.number += 1
                return PresenceNotice(instance: own, number: state.number, content: content)
            }
            if state.wantsSnapshots {
                state.wantsSnapshots = false
                notices.append(PresenceNotice(instance: own, number: state.number, content: .request))
            }
            if notices.isEmpty, now - state.lastSent >= times.heartbeat {
                notices.append(PresenceNotice(instance: own, number: state.number, content: .heartbeat))
            }
            if !notices.isEmpty { state.lastSent = now }
            return notices
        }
    }

    // MARK: - In

    func received(_ notice: PresenceNotice, now: NIODeadline = .now()) {
        guard notice.instance != own else { return }
        let (counts, presence) = state.withLock { (Self.take(notice, &$0, now: now), $0.presence) }
        guard counts, let presence else { return }
        switch notice.content {
        case .reports(let reports): presence.received(reports, from: notice.instance)
        case .snapshot(let reports, let isFirst):
            if isFirst {
                presence.replace(with: reports, from: notice.instance)
            } else {
                presence.received(reports, from: notice.instance)
            }
        case .goodbye: presence.forget(notice.instance)
        case .heartbeat, .request: break
        }
    }

    /// - Returns: true if the notice's content counts.
    private static func take(_ notice: PresenceNotice, _ state: inout State, now: NIODeadline) -> Bool {
        var peer =
            state.peers[notice.instance] ?? Peer(number: notice.number, lastHeard: now, isKnown: false)
        defer { state.peers[notice.instance] = peer }
        peer.lastHeard = now
        switch notice.content {
        case .goodbye:
            peer.isKnown = false
            return true
        case .request:
            state.owesSnapshot = true
            return false
        case .snapshot(_, isFirst: true):
            peer.number = notice.number
            peer.isKnown = true
            return true
        case .snapshot, .reports:
            guard peer.isKnown, notice.number == peer.number + 1 else { break }
            peer.number = notice.number
            return true
        case .heartbeat:
            if peer.isKnown, notice.number == peer.number { return false }
        }
        peer.isKnown = false
        state.wantsSnapshots = true
        return false
    }

    /// The broker was away: whatever was said meanwhile is lost, in both directions.
    func resumed() {
        state.withLock { state in
            state.resumed = .now()
            state.owesSnapshot = true
            state.wantsSnapshots = true
        }
    }

    private func forgetSilent(now: NIODeadline) {
        guard broker.trouble == nil else { return state.withLock { $0.resumed = now } }
        let (gone, presence) = state.withLock { state in
            let gone = state.peers.filter { now - max($0.value.lastHeard, state.resumed) > times.silence }.map(\.key)
            for id in gone { state.peers[id] = nil }
            return (gone, state.presence)
        }
        for id in gone {
            logger.warning("an instance is gone", metadata: ["instance": "\(id.bits)"])
            presence?.forget(id)
        }
    }
}
