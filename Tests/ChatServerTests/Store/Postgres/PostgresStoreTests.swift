import ChatProtocol
import Foundation
import Logging
import PostgresClient
import Synchronization
import TestSupport
import Testing

@testable import ChatServer

/// One server for all; each test gets an empty database of its own in it.
enum TestPostgres {
    private static let shared = Result { try ThrowawayPostgres() }
    private static let count = Atomic(0)

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func database() throws -> PostgresConfiguration {
        let server = try shared.get()
        let name = "test\(count.add(1, ordering: .relaxed).newValue)"
        try server.psql("CREATE DATABASE \(name)")
        return try PostgresConfiguration(url: server.url(database: name))
    }
}

@Suite(.serialized) struct PostgresStoreTests {
    private let configuration: PostgresConfiguration

    init() throws {
        configuration = try TestPostgres.database()
    }

    private func open() async throws -> PostgresStore {
        try await PostgresStore.open(configuration, logger: TestPostgres.quiet)
    }

    @Test(arguments: StoreConformance.Case.allCases)
    func conforms(to name: StoreConformance.Case) async throws {
        let store = try await open()
        let configuration = configuration
        let reopen: StoreConformance.Reopen = {
            try await PostgresStore.open(configuration, logger: TestPostgres.quiet)
        }
        try await StoreConformance(store: store, reopen: reopen).run(name)
        try await store.close()
    }

    @Test func saysWhichVersion() async throws {
        let store = try await open()
        #expect(await store.description.hasPrefix("postgresql 1"))
        try await store.ping()
        try await store.close()
    }

    /// Instances that start together on an empty database: one migrates, the others wait for it.
    @Test func manyMigrateAtOnce() async throws {
        for _ in 0..<10 {
            let configuration = try TestPostgres.database()
            var epochs: Set<String> = []
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let store = try await PostgresStore.open(configuration, logger: TestPostgres.quiet)
                        let epoch = try await store.epoch()
                        try await store.close()
                        return epoch
                    }
                }
                for try await epoch in group { epochs.insert(epoch) }
            }
            #expect(epochs.count == 1)
        }
    }

    @Test func aChangedMigrationIsRefused() async throws {
        try await open().close()
        var steps = PostgresMigrations.steps
        steps[0].sql.append(10)
        await #expect(throws: StoreError.self) {
            try await PostgresMigrations.migrate(configuration, steps: steps, logger: TestPostgres.quiet)
        }
        await #expect(throws: StoreError.self) {
            try await PostgresMigrations.migrate(configuration, steps: [], logger: TestPostgres.quiet)
        }
        let bad = PostgresMigrations.Step(
            number: 2, name: "bad", sql: Array("CREATE TABLE x (id int); SELECT nothing".utf8))
        await #expect(throws: (any Error).self) {
            try await PostgresMigrations.migrate(
                configuration, steps: PostgresMigrations.steps + [bad], logger: TestPostgres.quiet)
        }
        // A step that fails leaves nothing behind, and nothing locked.
        try await open().close()
    }

    /// The list of rooms reads what it shows by two indexes, however many rooms there are that the user may not see.
    @Test func theListOfRoomsHasAnIndexOfItsOwn() async throws {
        let store = try await open()
        let connection = try await PostgresConnection.open(configuration, logger: TestPostgres.quiet)
        try await connection.execute(
            script: """
                INSERT INTO users (username, password) SELECT 'user-' || n, 'x' FROM generate_series(1, 50) n;
                INSERT INTO rooms (name, is_private) SELECT 'room', n % 500 <> 0 FROM generate_series(1, 100000) n;
                INSERT INTO memberships (room_id, user_id, role, joined_at)
                SELECT n, 1 + n % 50, 'owner', now() FROM generate_series(1, 100000) n;
                ANALYZE;
                """
        )
        #expect(try await store.rooms(for: 1, afterID: 0, limit: 51).count == 51)
        for plan in ["force_generic_plan", "force_custom_plan"] {
            try await connection.execute(script: "SET plan_cache_mode = \(plan)")
            for arguments in ["1, 0, 51", "1, 99000, 201", "777, 0, 51"] {
                let prepare = "PREPARE list (bigint, bigint, bigint) AS \(PostgresStore.rooms.sql)"
                try await connection.execute(script: prepare)
                let explain = PostgresStatement("EXPLAIN (ANALYZE, BUFFERS) EXECUTE list (\(arguments))")
                let text = try await connection.text(explain)
                #expect(text.contains("rooms_public") && text.contains("memberships_by_user"), "\(plan)\n\(text)")
                #expect(!text.contains("Seq Scan") && !text.contains("Rows Removed by Filter"), "\(plan)\n\(text)")
                try await connection.execute(script: "DEALLOCATE list")
            }
        }
        await connection.close()
        try await store.close()
    }

    /// Who was a member before anybody noted it has read everything.
    @Test func theThirdStepTakesEverythingForRead() async throws {
        let steps = Array(PostgresMigrations.steps.prefix(2))
        try await PostgresMigrations.migrate(configuration, steps: steps, logger: TestPostgres.quiet)
        let connection = try await PostgresConnection.open(configuration, logger: TestPostgres.quiet)
        try await connection.execute(
            script: """
                INSERT INTO users (username, password) VALUES ('ada', 'x'), ('bob', 'x');
                INSERT INTO rooms (name, last_seq) VALUES ('tea', 7), ('cake', 0);
                INSERT INTO memberships (room_id, user_id, role, joined_at) VALUES
                    (1, 1, 'owner', now()), (1, 2, 'member', now()), (2, 1, 'owner', now());
                """
        )
        await connection.close()
        let store = try await open()
        #expect(try await store.rooms(for: 1, afterID: 0, limit: 50).map(\.lastReadSeq) == [7, 0])
        #expect(try await store.rooms(for: 2, afterID: 0, limit: 50).map(\.unread) == [0, nil])
        let outcomes = try await store.append(
            [NewMessage(roomID: 1, userID: 2, content: "x", clientMessageID: "x")], now: Timestamp(microseconds: 1))
        #expect(outcomes.map(StoreConformance.seq) == [8])
        #expect(try await store.rooms(for: 1, afterID: 0, limit: 50).map(\.unread) == [1, 0])
        try await store.close()
    }

    /// A row that the store cannot hold fails alone.
    @Test func aNulIsRefused() async throws {
        let store = try await open()
        let ada = try await store.createUser(username: "ada", passwordHash: "x", now: Timestamp(microseconds: 1))
        let now = Timestamp(microseconds: 1)
        let room = try await store.createRoom(
            name: "room", isPrivate: false, accessCodeHash: nil, ownerID: ada.id, now: now)
        let batch = ["good", "b\u{0}d"].map {
            NewMessage(roomID: room.id, userID: ada.id, content: $0, clientMessageID: $0 == "good" ? "1" : "2")
        }
        let outcomes = try await store.append(batch, now: now)
        #expect(StoreConformance.seq(outcomes[0]) == 1)
        guard case .failed = outcomes[1] else {
            Issue.record("stored a NUL")
            return
        }
        try await store.close()
    }

    @Test func nobodyThere() async throws {
        let nowhere = try PostgresConfiguration(url: "postgres://chat:x@127.0.0.1:1/chat")
        do {
            _ = try await PostgresStore.open(nowhere, logger: TestPostgres.quiet)
            Issue.record("opened")
        } catch StoreError.unavailable(let reason) {
            #expect(reason.contains("127.0.0.1"))
        }
    }

    /// The whole server on Postgres, over real sockets.
    @Test func servesAChat() async throws {
        let configuration = configuration
        let configure = { (server: inout ServerConfiguration) in server.store = .postgres(configuration) }
        try await TestServer.run(configure: configure) { server in
            let store = try await PostgresStore.open(configuration, logger: TestPostgres.quiet)
            let body = #"{"username":"ada","password":"correct horse"}"#
            let registered = try await server.request("POST", "/auth/register", body: body)
            #expect(registered.status == 201)
            let token = try #require(registered.json["access_token"]?.string)
            let http = try await TestHTTP.connect(port: server.port)
            let made = try await http.request("POST", "/rooms", token: token, body: #"{"name":"Tea"}"#)
            let room = try #require(made.json["id"]?.integer)
            let client = try await server.connect("/ws?token=\(token)")
            try await client.join(room)
            for index in 1...20 {
                let ack = try await client.say("hello \(index)", in: room, id: "m\(index)")
                #expect(ack["seq"] == .integer(Int64(index)))
            }
            let history = try await http.request("GET", "/rooms/\(room)/messages?limit=200", token: token)
            #expect(history.json["messages"]?.array?.count == 20)
            #expect(try await server.request("GET", "/health/ready").status == 200)
            #expect(try await store.heads(of: [room, 99]) == [room: 20])
            try await store.close()
        }
    }
}

extension PostgresConnection {
    /// What a statement shows, a line each.
    fileprivate func text(_ statement: PostgresStatement) throws -> String {
        try query(statement, []).map { try $0.text(0) }.joined(separator: "\n")
    }
}
