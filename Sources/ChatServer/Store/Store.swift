import ChatProtocol

/// What the server remembers: accounts, sessions, rooms, memberships, invitations and messages.
///
/// Promises, the same for every implementation (one conformance suite checks them):
/// - What a call returned is durable: it survives the process and the machine's power.
/// - ``append(_:)`` gives each room's messages `seq` 1, 2, 3 … with no hole, in commit order, whoever else appends.
/// - A message that the sender already stored under the same `client_msg_id` in the room is not stored again.
/// - A read sees everything that any finished call wrote.
/// - No call blocks the caller's thread, and each ends within the store's timeout.
/// Errors are ``StoreError``.
protocol Store: Accounts, Sessions, RoomRecords, MessageLog {
    /// What it is and which version, for people: `sqlite 3.40.1`.
    var description: String { get async }
    /// How many batches it commits at once.
    var writerCount: Int { get }
    /// Names this line of history; a restore from a backup gives a new one.
    func epoch() async throws -> String
    /// Throws if the store cannot be reached, or could not be written when that was last tried.
    func ping() async throws
    /// Creates accounts, each with a session, and rooms, in one step.
    func seed(_ plan: SeedPlan, now: Timestamp) async throws -> Seeded
    /// No call may follow.
    func close() async throws
}

/// Why a store's call failed.
enum StoreError: Error, Equatable, CustomStringConvertible {
    case usernameTaken
    /// The row that the call needs is not there (any more).
    case notFound
    /// The store does not answer, or refuses to write; a later try may work.
    case unavailable(String)
    /// The store works, and refuses this very call's data.
    case refused(String)

    var description: String {
        switch self {
        case .usernameTaken: "the username is taken"
        case .notFound: "not found"
        case .unavailable(let reason), .refused(let reason): reason
        }
    }
}

protocol Accounts: Sendable {
    /// - Throws: ``StoreError/usernameTaken``, also where only the case differs.
    func createUser(username: String, passwordHash: String, now: Timestamp) async throws -> User
    func user(named username: String) async throws -> UserRecord?
    func user(id: UserID) async throws -> User?
    /// Changes an account's password hash, unless it is another than `old` by now.
    func replacePasswordHash(of userID: UserID, _ old: String, with new: String) async throws
}

protocol Sessions: Sendable {
    /// Opens a session (a family of refresh tokens) with its first token.
    func createSession(userID: UserID, refreshToken: TokenDigest, now: Timestamp, expires: Timestamp) async throws
        -> SessionID
    /// Spends a refresh token and puts its successor in its place, in one step.
    func rotate(refreshToken: TokenDigest, successor: TokenDigest, now: Timestamp, expires: Timestamp) async throws
        -> Rotation
    /// Revokes the session that a refresh token belongs to.
    /// - Returns: the session, or nil for an unknown token.
    func revokeSession(refreshToken: TokenDigest, now: Timestamp) async throws -> SessionID?
    func isSessionActive(_ session: SessionID) async throws -> Bool
    /// Those of the sessions that are revoked, or unknown.
    func endedSessions(among sessions: ArraySlice<SessionID>) async throws -> [SessionID]
}

protocol RoomRecords: Sendable {
    /// Makes a room whose maker is its owner.
    func createRoom(name: String, isPrivate: Bool, accessCodeHash: String?, ownerID: UserID, now: Timestamp)
        async throws -> Room
    /// A room as one user stands to it, or nil if there is none with that id.
    func room(_ id: RoomID, for userID: UserID) async throws -> RoomView?
    /// Public rooms and the user's own, ascending by id, after `afterID`.
    /// - Parameter limit: a page and one more at most.
    func rooms(for userID: UserID, afterID: RoomID, limit: Int) async throws -> [RoomView]
    /// - Returns: the room as it is now, or nil if there is none with that id.
    func updateRoom(_ id: RoomID, _ change: RoomChange) async throws -> Room?
    /// Deletes a room for everybody at once: no other call finds it, its members or its invitations any more, and
    /// nothing can be appended. What is left of it goes with ``purge(limit:)``.
    /// - Returns: false if there is none with that id.
    func deleteRoom(_ id: RoomID, now: Timestamp) async throws -> Bool
    /// Clears away up to `limit` messages of a deleted room, or the room itself when it has none left. So few at a time
    /// that nobody else waits for it.
    /// - Returns: false if nothing was left to do, or somebody else does it.
    func purge(limit: Int) async throws -> Bool
    /// Makes a member, who has read everything so far; answers the membership that is, if there is one.
    func addMember(roomID: RoomID, userID: UserID, now: Timestamp) async throws -> Membership
    /// - Returns: false if the user was no member.
    func removeMember(roomID: RoomID, userID: UserID) async throws -> Bool
    func role(of userID: UserID, in roomID: RoomID) async throws -> Role?
    /// Notes how far a member has read: never back, and never beyond the room's last `seq`.
    /// - Returns: nil if the user is no member.
    func markRead(roomID: RoomID, userID: UserID, seq: Sequence64) async throws -> ReadMark?
    /// Those of the pairs that are no members.
    func strangers(among pairs: ArraySlice<RoomUser>) async throws -> [RoomUser]
    /// Members ascending by user id, after `afterID`.
    func members(of roomID: RoomID, afterID: UserID, limit: Int) async throws -> [MemberRecord]
    /// Forgets those of the room that have long ended (``Invitation/forgetsEndedBefore``).
    /// - Throws: ``StoreError/notFound`` if the room is not there.
    func createInvitation(_ invitation: Invitation) async throws
    /// A room's invitations, the newest first.
    func invitations(to roomID: RoomID, limit: Int) async throws -> [Invitation]
    /// - Returns: false if the room has no invitation of that code.
    func deleteInvitation(code: String, roomID: RoomID) async throws -> Bool
    /// Makes a member by invitation, in one step with counting the use.
    func acceptInvitation(code: String, userID: UserID, now: Timestamp) async throws -> InvitationAnswer
}

protocol MessageLog: Sendable {
    /// Commits a batch of messages. The outcomes stand in the order of the batch; a row that fails fails alone.
    /// - Throws: only if the batch as a whole could not be committed; then nothing of it is stored.
    func append(_ batch: [NewMessage], now: Timestamp) async throws -> [AppendOutcome]
    /// Commits batch after batch, until the source has none. A batch's outcomes may be handed over while the next one is
    /// being committed, from any thread.
    /// - Throws: as ``append(_:now:)``; then the batch that was taken last is not stored, and the source has its outcomes
    ///   still to come.
    func append(from source: any BatchSource) async throws
    /// Messages of a page, ascending by `seq`, and whether there are more beyond it.
    func messages(in roomID: RoomID, page: MessagePage, limit: Int) async throws -> (messages: [Message], hasMore: Bool)
    /// The last `seq` of each of these rooms that exist.
    func heads(of rooms: [RoomID]) async throws -> [RoomID: Sequence64]
    /// The room's last `seq` and what came after `afterSeq`, of one snapshot. No messages if there are more than
    /// `limit`, or if `afterSeq` is nil or beyond the last.
    func catchUp(roomID: RoomID, afterSeq: Sequence64?, limit: Int) async throws -> CatchUp
}

/// A batch, and the instant at which its messages are stored.
typealias NextBatch = (messages: [NewMessage], now: Timestamp)

/// Where a store takes batches from, one after the other, and where it says what became of them.
protocol BatchSource: AnyObject, Sendable {
    /// The next batch and its instant; nil if there is none for now. Asked for as soon as the last one is committed.
    func next() -> NextBatch?
    /// As ``next()``, but waits a while for a batch, and blocks the caller's thread meanwhile: only for a thread that
    /// serves nobody else.
    func awaitNext() -> NextBatch?
    /// The outcomes of the first batch that has none yet.
    func committed(_ outcomes: [AppendOutcome])
}

extension MessageLog {
    func append(from source: any BatchSource) async throws {
        while let batch = source.next() {
            source.committed(try await append(batch.messages, now: batch.now))
        }
    }
}

typealias SessionID = Int64

struct User: Equatable, Sendable {
    var id: UserID
    var username: String
}

struct UserRecord: Sendable {
    var user: User
    var passwordHash: String
}

/// SHA-256 of a token; the token itself is never stored.
struct TokenDigest: Equatable, Hashable, Sendable {
    var bytes: [UInt8]
}

/// What became of a refresh token that was presented.
enum Rotation: Equatable, Sendable {
    case rotated(User, SessionID)
    /// It was spent before: its whole family is revoked now.
    case reused(SessionID)
    case expired
    case revoked
    case unknown
}

enum Role: String, Sendable {
    case owner, member
}

struct Room: Equatable, Sendable {
    var id: RoomID
    var name: String
    var isPrivate: Bool
    var createdAt: Timestamp
    var lastSeq: Sequence64
    /// Of the access code; nil for a public room, and for one by invitation only.
    var accessCodeHash: String?
}

/// What becomes of a room.
struct RoomChange: Equatable, Sendable {
    enum AccessCode: Equatable, Sendable {
        case kept
        case byInvitation
        case hash(String)
    }

    var name: String?
    var accessCode = AccessCode.kept
}

/// A room as one user stands to it.
struct RoomView: Equatable, Sendable {
    var room: Room
    var role: Role?
    /// How far the user has read; nil for who is no member.
    var lastReadSeq: Sequence64?

    var unread: Sequence64? { lastReadSeq.map { max(0, room.lastSeq - $0) } }
}

/// How far a member has read.
struct ReadMark: Equatable, Sendable {
    var lastReadSeq: Sequence64
    /// The room's.
    var lastSeq: Sequence64

    var unread: Sequence64 { max(0, lastSeq - lastReadSeq) }
}

struct Membership: Equatable, Sendable {
    var roomID: RoomID
    var userID: UserID
    var role: Role
    var joinedAt: Timestamp
}

struct MemberRecord: Equatable, Sendable {
    var user: User
    var role: Role
    var joinedAt: Timestamp
}

struct Invitation: Equatable, Sendable {
    var code: String
    var roomID: RoomID
    var creatorID: UserID
    var maxUses: Int?
    /// How often it was accepted.
    var uses = 0
    var expiresAt: Timestamp?
    var createdAt: Timestamp

    /// A month after its end an invitation is one that never was.
    private static let memory: Int64 = 30 * 86_400 * 1_000_000
    /// When this one is made, those of its room are forgotten that ended before.
    var forgetsEndedBefore: Timestamp { Timestamp(microseconds: createdAt.microseconds - Self.memory) }
}

enum InvitationAnswer: Equatable, Sendable {
    case member(Membership)
    case expired
    case usedUp
    case unknown
}

struct NewMessage: Equatable, Sendable {
    var roomID: RoomID
    var userID: UserID
    var content: String
    var clientMessageID: String
}

enum AppendOutcome: Equatable, Sendable {
    /// `duplicate`: it was stored before, under this id and `seq`.
    case stored(id: MessageID, seq: Sequence64, createdAt: Timestamp, duplicate: Bool)
    case roomNotFound
    case failed(String)
    /// The store went away before it was tried.
    case unavailable
}

extension MessageLog {
    /// Commits each message by itself, so that only a bad one fails.
    func appendEach(_ batch: [NewMessage], now: Timestamp) async -> [AppendOutcome] {
        var outcomes: [AppendOutcome] = []
        for message in batch {
            do {
                outcomes += try await append([message], now: now)
            } catch StoreError.unavailable {
                break
            } catch {
                outcomes.append(.failed("\(error)"))
            }
        }
        return outcomes + Array(repeating: .unavailable, count: batch.count - outcomes.count)
    }
}

enum MessagePage: Equatable, Sendable {
    case latest
    case before(Sequence64)
    case after(Sequence64)
}

struct CatchUp: Equatable, Sendable {
    var lastSeq: Sequence64
    var messages: [Message]
}
