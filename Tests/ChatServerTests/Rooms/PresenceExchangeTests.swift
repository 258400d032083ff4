import ChatProtocol
import Logging
import NIOCore
import Synchronization
import Testing

@testable import ChatServer

@Suite struct PresenceExchangeTests {
    /// Carries notices between exchanges; loses what it is told to.
    private final class Wire: Broker {
        private struct State {
            var peers: [PresenceExchange] = []
            var isDown = false
            var isSilent = false
            var toLose = 0
        }

        private let state = Mutex(State())

        func connect(_ peer: PresenceExchange) { state.withLock { $0.peers.append(peer) } }

        /// Announcing fails.
        var isDown: Bool {
            get { state.withLock { $0.isDown } }
            set { state.withLock { $0.isDown = newValue } }
        }

        /// Announcing seems to work, and nothing arrives.
        var isSilent: Bool {
            get { state.withLock { $0.isSilent } }
            set { state.withLock { $0.isSilent = newValue } }
        }

        /// Loses the next notices that change something.
        func lose(_ count: Int) { state.withLock { $0.toLose = count } }

        func announce(_ notice: BrokerNotice) async throws {
            guard case .presence(let notice) = notice else { return }
            let peers = try state.withLock { state in
                if state.isDown { throw FakeBroker.Failure() }
                if case .reports = notice.content, state.toLose > 0 {
                    state.toLose -= 1
                    return [PresenceExchange]()
                }
                return state.isSilent ? [] : state.peers
            }
            for peer in peers { peer.received(notice) }
        }

        var description: String { "wire" }
        var isShared: Bool { true }
        var probeAge: Double { 0 }
        var trouble: String? { isDown ? "down" : nil }
        func start(_: any BrokerSink) async throws {}
        func publish(_: [BrokerMessage], done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
            done(.success(()))
        }
        func subscribe(_: RoomID) async throws {}
        func unsubscribe(_: RoomID) async throws {}
        func close() async {}
    }

    private struct Instance: Sendable {
        let exchange: PresenceExchange
        let presence: Presence
        let running: Task<Void, Never>
    }

    private static let times = PresenceExchange.Times(
        batch: .milliseconds(2),
        heartbeat: .milliseconds(10),
        silence: .milliseconds(300)
    )

    private let wire = Wire()
    private let ada = User(id: 1, username: "ada")
    private let bob = User(id: 2, username: "bob")

    private func instance() -> Instance {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let exchange = PresenceExchange(own: .random(), broker: wire, logger: logger, times: Self.times)
        let presence = Presence(grace: .zero, tell: { _ in }, report: { exchange.report($0) })
        exchange.attach(presence)
        wire.connect(exchange)
        return Instance(exchange: exchange, presence: presence, running: Task { await exchange.run() })
    }

    @Test func whatHappensHereIsKnownThere() async throws {
        let (here, there) = (instance(), instance())
        _ = here.presence.join(7, ada)
        try await until("ada is there") { there.presence.isOnline(ada.id, in: 7) }
        here.presence.leave(7, ada.id, silently: false, now: .now())
        try await until("ada is gone") { !there.presence.isOnline(ada.id, in: 7) }
        here.running.cancel()
        there.running.cancel()
    }

    @Test func whoComesLaterLearnsWhoIsThere() async throws {
        let here = instance()
        _ = here.presence.join(7, ada)
        try await Task.sleep(for: .milliseconds(50))
        let late = instance()
        try await until("ada is known") { late.presence.isOnline(ada.id, in: 7) }
        here.running.cancel()
        late.running.cancel()
    }

    @Test func aLostNoticeIsNoticedByTheNextHeartbeat() async throws {
        let (here, there) = (instance(), instance())
        _ = here.presence.join(7, ada)
        try await until("ada is there") { there.presence.isOnline(ada.id, in: 7) }
        wire.lose(1)
        _ = here.presence.join(7, bob)
        try await until("bob is there all the same") { there.presence.isOnline(bob.id, in: 7) }
        wire.lose(1)
        here.presence.leave(7, ada.id, silently: false, now: .now())
        try await until("ada is gone all the same") { !there.presence.isOnline(ada.id, in: 7) }
        here.running.cancel()
        there.running.cancel()
    }

    @Test func anInstanceThatStopsTakesItsUsersAlong() async throws {
        let (here, there) = (instance(), instance())
        _ = here.presence.join(7, ada)
        try await until("ada is there") { there.presence.isOnline(ada.id, in: 7) }
        here.running.cancel()
        await here.running.value
        try await until("ada is gone") { !there.presence.isOnline(ada.id, in: 7) }
        there.running.cancel()
    }

    @Test func aSilentInstanceIsGone() async throws {
        let (here, there) = (instance(), instance())
        _ = here.presence.join(7, ada)
        try await until("ada is there") { there.presence.isOnline(ada.id, in: 7) }
        wire.isSilent = true
        try await until("ada is gone") { !there.presence.isOnline(ada.id, in: 7) }
        wire.isSilent = false
        try await until("ada is back") { there.presence.isOnline(ada.id, in: 7) }
        here.running.cancel()
        there.running.cancel()
    }

    /// While the broker is away nobody is heard of; that says nothing about them.
    @Test func anOutageOfTheBrokerTakesNobodyAway() async throws {
        let (here, there) = (instance(), instance())
        _ = here.presence.join(7, ada)
        try await until("ada is there") { there.presence.isOnline(ada.id, in: 7) }
        wire.isDown = true
        try await Task.sleep(for: .milliseconds(600))
        #expect(there.presence.isOnline(ada.id, in: 7))
        _ = here.presence.join(7, bob)
        wire.isDown = false
        here.exchange.resumed()
        there.exchange.resumed()
        try await until("bob is there") { there.presence.isOnline(bob.id, in: 7) }
        #expect(there.presence.isOnline(ada.id, in: 7))
        here.running.cancel()
        there.running.cancel()
    }
}
