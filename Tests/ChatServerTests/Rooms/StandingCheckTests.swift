import ChatProtocol
import Logging
import Synchronization
import Testing

@testable import ChatServer

@Suite struct StandingCheckTests {
    private final class Ended: Sendable {
        let notices = Mutex<[BrokerNotice]>([])
    }

    /// What has ended in the store, and nobody was told of, ends here: at a wake-up, and by itself while the broker is in
    /// trouble.
    @Test(arguments: [false, true])
    func whatHasEndedIsFound(isInTrouble: Bool) async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        let now = Timestamp(microseconds: 1)
        let ada = try await store.createUser(username: "ada", passwordHash: "x", now: now)
        let bob = try await store.createUser(username: "bob", passwordHash: "x", now: now)
        let room = try await store.createRoom(
            name: "room", isPrivate: true, accessCodeHash: nil, ownerID: ada.id, now: now
        ).id
        _ = try await store.addMember(roomID: room, userID: bob.id, now: now)
        let token = TokenDigest(bytes: [7])
        let session = try await store.createSession(userID: bob.id, refreshToken: token, now: now, expires: now)
        let deleted = try await store.createRoom(
            name: "deleted", isPrivate: false, accessCodeHash: nil, ownerID: ada.id, now: now
        ).id
        _ = try await store.addMember(roomID: deleted, userID: bob.id, now: now)
        let members = Set(
            [room, deleted].flatMap { room in [ada, bob].map { RoomUser(roomID: room, userID: $0.id) } })
        let ended = Ended()
        let check = StandingCheck(
            store: store,
            times: .init(interval: .seconds(3600), hurried: .milliseconds(10)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            isInTrouble: { isInTrouble },
            connected: { StandingCheck.Connected(sessions: [session], members: members) },
            ended: { notice in ended.notices.withLock { $0.append(notice) } }
        )
        let running = Task { await check.run() }
        check.wake()
        _ = try await store.removeMember(roomID: room, userID: bob.id)
        #expect(try await store.deleteRoom(deleted, now: now))
        _ = try await store.revokeSession(refreshToken: token, now: now)
        if !isInTrouble { check.wake() }
        try await until("all three") { ended.notices.withLock { $0.count >= 3 } }
        let notices = ended.notices.withLock { $0 }
        #expect(notices.contains(.memberLeft(roomID: room, userID: bob.id, reason: .removed)))
        #expect(notices.contains(.sessionRevoked(session)))
        #expect(notices.contains(.roomDeleted(deleted)), "and not that each member was removed")
        #expect(!notices.contains { if case .memberLeft(deleted, _, _) = $0 { true } else { false } })
        #expect(!notices.contains(.memberLeft(roomID: room, userID: ada.id, reason: .removed)))
        running.cancel()
        await running.value
        try await store.close()
    }

    @Test func chunksAreWholeAndInOrder() {
        #expect(Array(1...7).chunks(of: 3).map(Array.init) == [[1, 2, 3], [4, 5, 6], [7]])
        #expect([Int]().chunks(of: 3).isEmpty)
        #expect([1].chunks(of: 1).map(Array.init) == [[1]])
    }
}
