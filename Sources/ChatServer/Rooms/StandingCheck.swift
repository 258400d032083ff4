import ChatProtocol
import Logging

/// A user in a room.
struct RoomUser: Hashable, Sendable {
    var roomID: RoomID
    var userID: UserID
}

/// Asks the store whether those who are connected here still may be: their sessions, and their memberships of the rooms
/// that they have joined.
///
/// Logouts and removals on other instances come as notices through the broker, which may lose them. So all are asked
/// again right after the broker was away, every second while it is, and now and then in any case.
final class StandingCheck: Sendable {
    /// Who is connected to one event loop.
    struct Connected: Sendable {
        var sessions: Set<SessionID> = []
        var members: Set<RoomUser> = []
    }

    struct Times: Sendable {
        var interval = Duration.seconds(5)
        /// While the broker is in trouble.
        var hurried = Duration.seconds(1)
    }

    private static let batch = 1000

    private let store: any Store
    private let repeated: RepeatedCheck
    private let connected: @Sendable () async -> Connected
    private let ended: @Sendable (BrokerNotice) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - isInTrouble: whether the broker may be losing notices at present.
    ///   - connected: who is connected to this instance.
    ///   - ended: takes the notice that a session, a membership or a room has ended, as the broker would have brought it.
    init(
        store: any Store,
        times: Times = Times(),
        logger: Logger,
        isInTrouble: @escaping @Sendable () -> Bool,
        connected: @escaping @Sendable () async -> Connected,
        ended: @escaping @Sendable (BrokerNotice) -> Void
    ) {
        self.store = store
        self.connected = connected
        self.ended = ended
        self.logger = logger
        repeated = RepeatedCheck(interval: times.interval, hurried: times.hurried, isInTrouble: isInTrouble)
    }

    /// Checks now, without waiting for it.
    func wake() { repeated.wake() }

    /// Checks until the task is cancelled.
    func run() async { await repeated.run(check) }

    private func check() async {
        let connected = await connected()
        do {
            for sessions in Array(connected.sessions).chunks(of: Self.batch) {
                for session in try await store.endedSessions(among: sessions) { ended(.sessionRevoked(session)) }
            }
            for members in Array(connected.members).chunks(of: Self.batch) {
                try await check(members)
            }
        } catch {
            logger.warning("standing check failed", metadata: ["error": "\(error)"])
        }
    }

    /// Whose membership is gone was removed, or the whole room is.
    private func check(_ members: ArraySlice<RoomUser>) async throws {
        let strangers = try await store.strangers(among: members)
        guard !strangers.isEmpty else { return }
        let rooms = Set(strangers.map(\.roomID))
        let existing = try await store.heads(of: Array(rooms))
        for roomID in rooms where existing[roomID] == nil { ended(.roomDeleted(roomID)) }
        for stranger in strangers where existing[stranger.roomID] != nil {
            ended(.memberLeft(roomID: stranger.roomID, userID: stranger.userID, reason: .removed))
        }
    }
}

extension Array {
    /// Runs of at most `count` elements, in order.
    func chunks(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
