import Foundation
import GRDB
import Synchronization
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

    /// A writer that never runs out of messages does not keep the others out.
    @Test(.timeLimit(.minutes(1))) func otherWritesHaveTheirTurn() async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        let talk = StoreConformance(store: store, reopen: { store })
        let ada = try await talk.user("ada")
        let room = try await talk.room(ada)
        let isOver = Mutex(false)
        let source = FakeBatches { number in
            isOver.withLock { $0 } ? nil : [talk.message(room, ada, "\(number)")]
        }
        async let writing: Void = {
            while !isOver.withLock({ $0 }) { try await store.append(from: source) }
        }()
        while source.taken == 0 { try await Task.sleep(for: .milliseconds(1)) }
        for name in ["bob", "eve", "dan"] { _ = try await talk.user(name) }
        isOver.withLock { $0 = true }
        try await writing
        #expect(source.outcomes.count == source.taken)
    }

    /// The batches before one that cannot be stored are stored, and have their outcomes.
    @Test func aBatchThatFailsEndsTheRow() async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        let store = try SQLiteStore(path: file)
        let talk = StoreConformance(store: store, reopen: { store })
        let ada = try await talk.user("ada")
        let room = try await talk.room(ada)
        try await store.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER breakdown BEFORE INSERT ON messages WHEN NEW.content = 'breakdown'
                    BEGIN SELECT RAISE(ROLLBACK, 'breakdown'); END
                    """)
        }
        let source = FakeBatches(["1", "2", "breakdown", "4"].map { [talk.message(room, ada, $0, $0)] })
        await #expect(throws: StoreError.self) { try await store.append(from: source) }
        #expect(source.taken == 3 && source.outcomes.flatMap { $0 }.map(StoreConformance.seq) == [1, 2])
        try await store.append(from: source)
        #expect(source.outcomes.flatMap { $0 }.map(StoreConformance.seq) == [1, 2, 3])
        #expect(try await store.messages(in: room, page: .latest, limit: 9).messages.map(\.content) == ["1", "2", "4"])
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
