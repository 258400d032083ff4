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
        try await TestServer.run(configure: { $0.store = .postgres(configuration) }) { server in
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
