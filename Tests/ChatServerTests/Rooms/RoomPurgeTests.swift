import ChatProtocol
import Logging
import Testing

@testable import ChatServer

@Suite struct RoomPurgeTests {
    /// What was deleted before it ran, and what is deleted while it does, is cleared away; the rest stays.
    @Test func deletedRoomsAreClearedAway() async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        let now = Timestamp(microseconds: 1)
        let ada = try await store.createUser(username: "ada", passwordHash: "x", now: now)
        var rooms: [RoomID] = []
        for _ in 0..<3 {
            let room = try await store.createRoom(
                name: "room", isPrivate: false, accessCodeHash: nil, ownerID: ada.id, now: now)
            let batch = (0..<1200).map {
                NewMessage(roomID: room.id, userID: ada.id, content: "x", clientMessageID: "\($0)")
            }
            _ = try await store.append(batch, now: now)
            rooms.append(room.id)
        }
        #expect(try await store.deleteRoom(rooms[0], now: now))
        let purge = RoomPurge(
            store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, pause: .milliseconds(1))
        let running = Task { await purge.run() }
        for room in rooms.prefix(2) {
            _ = try await store.deleteRoom(room, now: now)
            purge.wake()
            for _ in 0..<1000 {
                if try await store.messages(in: room, page: .latest, limit: 1).messages.isEmpty { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await store.messages(in: room, page: .latest, limit: 1).messages.isEmpty)
        }
        running.cancel()
        await running.value
        #expect(try await store.messages(in: rooms[2], page: .latest, limit: 1).messages.first?.seq == 1200)
        try await store.close()
    }
}
