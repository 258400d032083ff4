import ChatProtocol
import Synchronization

@testable import ChatServer

/// A store that only appends, as the test says, and remembers the batches.
final class FakeStore: Store {
    typealias Append = @Sendable ([NewMessage]) async throws -> [AppendOutcome]

    private let append: Append
    private let seen = Mutex<[[NewMessage]]>([])

    /// - Parameter append: what a batch comes to; by default everything is stored.
    init(append: @escaping Append = FakeStore.storeAll) {
        self.append = append
    }

    static let storeAll: Append = { batch in batch.map(stored) }

    /// A message whose content is a number is stored under that `seq`.
    static func stored(_ message: NewMessage) -> AppendOutcome {
        let seq = Int64(message.content) ?? 0
        return .stored(id: 1000 + seq, seq: seq, createdAt: Timestamp(microseconds: seq), duplicate: false)
    }

    /// The contents of each batch that came.
    var batches: [[String]] { seen.withLock { $0.map { $0.map(\.content) } } }

    func append(_ batch: [NewMessage], now: Timestamp) async throws -> [AppendOutcome] {
        seen.withLock { $0.append(batch) }
        return try await append(batch)
    }

    // MARK: - What no test of this store asks for

    private static let unused = StoreError.unavailable("not in this test")

    var description: String { "fake" }
    var writerCount: Int { 1 }
    func heads(of _: [RoomID]) async throws -> [RoomID: Sequence64] { throw Self.unused }
    func epoch() async throws -> String { "fake" }
    func ping() async throws {}
    func seed(_: SeedPlan, now _: Timestamp) async throws -> Seeded { throw Self.unused }
    func close() async throws {}
    func createUser(username _: String, passwordHash _: String, now _: Timestamp) async throws -> User {
        throw Self.unused
    }
    func user(named _: String) async throws -> UserRecord? { throw Self.unused }
    func user(id _: UserID) async throws -> User? { throw Self.unused }
    func replacePasswordHash(of _: UserID, _: String, with _: String) async throws { throw Self.unused }
    func createSession(
        userID _: UserID, refreshToken _: TokenDigest, now _: Timestamp, expires _: Timestamp
    )
        async throws -> SessionID
    { throw Self.unused }
    func rotate(
        refreshToken _: TokenDigest, successor _: TokenDigest, now _: Timestamp, expires _: Timestamp
    )
        async throws -> Rotation
    { throw Self.unused }
    func revokeSession(refreshToken _: TokenDigest, now _: Timestamp) async throws -> SessionID? { throw Self.unused }
    func isSessionActive(_: SessionID) async throws -> Bool { throw Self.unused }
    func endedSessions(among _: ArraySlice<SessionID>) async throws -> [SessionID] { throw Self.unused }
    func strangers(among _: ArraySlice<RoomUser>) async throws -> [RoomUser] { throw Self.unused }
    func createRoom(
        name _: String,
        isPrivate _: Bool,
        accessCodeHash _: String?,
        ownerID _: UserID,
        now _: Timestamp
    ) async throws -> Room { throw Self.unused }
    func room(_: RoomID, for _: UserID) async throws -> RoomView? { throw Self.unused }
    func rooms(for _: UserID, afterID _: RoomID, limit _: Int) async throws -> [RoomView] { throw Self.unused }
    func addMember(roomID _: RoomID, userID _: UserID, now _: Timestamp) async throws -> Membership {
        throw Self.unused
    }
    func removeMember(roomID _: RoomID, userID _: UserID) async throws -> Bool { throw Self.unused }
    func role(of _: UserID, in _: RoomID) async throws -> Role? { throw Self.unused }
    func members(of _: RoomID, afterID _: UserID, limit _: Int) async throws -> [MemberRecord] { throw Self.unused }
    func createInvitation(_: Invitation) async throws { throw Self.unused }
    func acceptInvitation(code _: String, userID _: UserID, now _: Timestamp) async throws -> InvitationAnswer {
        throw Self.unused
    }
    func messages(
        in _: RoomID, page _: MessagePage, limit _: Int
    ) async throws
        -> (messages: [Message], hasMore: Bool)
    { throw Self.unused }
    func catchUp(roomID _: RoomID, afterSeq _: Sequence64?, limit _: Int) async throws -> CatchUp {
        throw Self.unused
    }
}
