import ChatProtocol
import Logging
import Synchronization
import Testing

@testable import ChatServer

@Suite struct HeadCheckTests {
    private final class Heads: Sendable {
        let noticed = Mutex<[RoomID: Sequence64]>([:])
    }

    /// Every room that is there, in several questions if they are many; again at each wake-up, also after a failure.
    @Test func everyRoomIsCompared() async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        let ada = try await store.createUser(username: "ada", passwordHash: "x", now: Timestamp(microseconds: 1))
        var rooms: [RoomID] = []
        for _ in 0..<1100 {
            rooms.append(
                try await store.createRoom(
                    name: "room", isPrivate: false, accessCodeHash: nil, ownerID: ada.id,
                    now: Timestamp(microseconds: 1)
                ).id
            )
        }
        let heads = Heads()
        let check = HeadCheck(
            store: store,
            interval: .seconds(3600),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            rooms: { [rooms] in rooms + [999_999] },
            noticed: { room, seq in heads.noticed.withLock { $0[room] = seq } }
        )
        let running = Task { await check.run() }
        check.wake()
        try await until("all rooms") { heads.noticed.withLock { $0.count == rooms.count } }
        let last = try #require(rooms.last)
        _ = try await store.append(
            [NewMessage(roomID: last, userID: ada.id, content: "x", clientMessageID: "x")],
            now: Timestamp(microseconds: 2)
        )
        check.wake()
        try await until("the new head") { heads.noticed.withLock { $0[last] == 1 } }
        running.cancel()
        await running.value
        try await store.close()
    }
}
