import ChatProtocol
import Foundation
import GRDB
import Testing

@testable import ChatServer

@Suite struct SQLiteStoreTests {
    @Test(arguments: StoreConformance.Case.allCases)
    func conforms(to name: StoreConformance.Case) async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        try await StoreConformance(store: store, reopen: { try SQLiteStore(path: file) }).run(name)
        // Closing twice is fine: one of the cases has closed it.
        try? await store.close()
    }

    @Test func saysWhichVersion() async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        #expect(await store.description.hasPrefix("sqlite 3."))
        try await store.close()
    }

    @Test func twoFilesHaveTwoEpochs() async throws {
        var epochs: Set<String> = []
        for _ in 0..<2 {
            let file = temporaryFile()
            defer { removeDatabase(file) }
            let store = try SQLiteStore(path: file)
            epochs.insert(try await store.epoch())
            try await store.close()
        }
        #expect(epochs.count == 2)
    }

    /// The list of rooms searches, and scans nothing but its own page.
    @Test func theListOfRoomsHasAnIndexOfItsOwn() async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        let plan = try await store.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(SQLiteStore.rooms)", arguments: [1, 0, 51]).map {
                $0["detail"] as String
            }
        }
        for index in ["rooms USING INDEX rooms_public", "memberships USING COVERING INDEX memberships_by_user"] {
            #expect(plan.contains { $0.hasPrefix("SEARCH \(index)") }, "\(plan)")
        }
        let scans = plan.filter { $0.hasPrefix("SCAN") }
        #expect(scans.allSatisfy { $0 == "SCAN page" || $0.contains("subquery") }, "\(plan)")
        try await store.close()
    }

    @Test func aFullDiskStoresNothingOfABatchAndIsGotOver() async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        let user = try await store.createUser(username: "ada", passwordHash: "", now: Timestamp(microseconds: 0))
        let room = try await store.createRoom(
            name: "", isPrivate: false, accessCodeHash: nil, ownerID: user.id, now: Timestamp(microseconds: 0))
        func messages(_ name: String) -> [NewMessage] {
            (0..<20).map {
                NewMessage(
                    roomID: room.id, userID: user.id, content: String(repeating: "x", count: 3000),
                    clientMessageID: "\(name)\($0)")
            }
        }
        // Each message takes a page: one batch fits, and the second is cut off in its middle.
        try await store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 30)")
        }
        let source = FakeBatches([messages("a"), messages("b"), messages("c")])
        await #expect(throws: StoreError.self) { try await store.append(from: source) }
        #expect(source.taken == 2)
        #expect(source.outcomes.count == 1)
        #expect(try await store.heads(of: [room.id]) == [room.id: 20])

        try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
        try await store.append(from: source)
        let stored = try await store.messages(in: room.id, page: .after(0), limit: 100).messages
        #expect(stored.map(\.seq) == Array(1...40), "the failed batch left no hole")
        #expect(stored.last?.clientMessageID == "c19")
        try await store.close()
    }

    @Test func whatIsNoDatabaseIsUnavailable() throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        try Data(String(repeating: "certainly no database ", count: 100).utf8).write(to: URL(filePath: file))
        for path in [file, "/nonexistent/folder/chat.db"] {
            do {
                _ = try SQLiteStore(path: path)
                Issue.record("opened \(path)")
            } catch let error as StoreError {
                guard case .unavailable(let reason) = error else { return }
                #expect(reason.contains(path))
            }
        }
    }
}
