import ChatProtocol
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import ChatServer

/// `scripts/backup` and `scripts/restore`, as one runs them.
@Suite(.serialized) struct BackupTests {
    private let source: ThrowawayPostgres
    private let folder: URL

    init() throws {
        source = try ThrowawayPostgres()
        folder = source.folder.appendingPathComponent("backups")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func open(_ server: ThrowawayPostgres) async throws -> PostgresStore {
        try await PostgresStore.open(PostgresConfiguration(url: server.url()), logger: TestPostgres.quiet)
    }

    /// Closes what `body` used, so that nobody is connected any more.
    private func withStore<T>(
        _ server: ThrowawayPostgres,
        _ body: (PostgresStore) async throws -> T
    ) async throws -> T {
        let store = try await open(server)
        let result = try await body(store)
        try await store.close()
        // A backend needs a moment to see that its client is gone.
        for _ in 0..<200 {
            let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chat'"
            if try server.psql(sessions) == "0" { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        return result
    }

    // MARK: - There and back

    @Test func everyRowComesBackAndTheEpochIsNew() async throws {
        let target = try ThrowawayPostgres()
        let dump = path("chat.dump")
        let (rows, sequences, rooms) = try await withStore(source) { store in
            let rooms = try await fill(store)
            let rows = try Self.rows(source)
            let sequences = try Self.sequences(source)
            // The server runs on while it is backed up.
            let backup = try run("backup", ["--output", dump], store: source.url())
            #expect(backup.status == 0, "\(backup.output)")
            #expect(backup.output.hasSuffix("\n\(dump)\n"))
            let late = NewMessage(roomID: rooms[0], userID: 1, content: "too late", clientMessageID: "late")
            #expect(StoreConformance.seq(try await store.append([late], now: Self.at(900))[0]) == 81)
            return (rows, sequences, rooms)
        }
        let permissions = try FileManager.default.attributesOfItem(atPath: dump)[.posixPermissions] as? Int
        #expect(permissions == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["chat.dump"])

        let restore = try run("restore", [dump], store: target.url())
        #expect(restore.status == 0, "\(restore.output)")

        let restored = try Self.rows(target)
        #expect(rows.count > 20 && rows["messages_00"] != nil)
        #expect(restored.keys.sorted() == rows.keys.sorted())
        for (table, rows) in rows { #expect(restored[table] == rows, "\(table)") }
        #expect(try Self.sequences(target) == sequences)
        let epochs = [try Self.epoch(source), try Self.epoch(target)]
        #expect(epochs[0] != epochs[1])
        #expect(epochs[1].wholeMatch(of: /[0-9a-f]{32}/) != nil)

        // The server takes it for its own, and its rooms go on where the backup ends.
        try await withStore(target) { store in
            #expect(try await store.epoch() == epochs[1])
            let again = NewMessage(roomID: rooms[0], userID: 1, content: "anew", clientMessageID: "m0")
            let fresh = NewMessage(roomID: rooms[0], userID: 1, content: "fresh", clientMessageID: "fresh")
            let outcomes = try await store.append([again, fresh], now: Self.at(1000))
            #expect(outcomes.map(StoreConformance.seq) == [1, 81])
        }
    }

    @Test func onlyForceReplacesAStore() async throws {
        let dump = path("chat.dump")
        try await withStore(source) { store in
            _ = try await fill(store)
            #expect(try run("backup", ["--quiet", "--output", dump], store: source.url()).output == "\(dump)\n")
            let inUse = try run("restore", ["--force", dump], store: source.url())
            #expect(inUse.status == 64 && inUse.output.contains("in use"), "\(inUse.output)")
        }
        let before = try Self.rows(source)
        let epoch = try Self.epoch(source)
        try source.psql("CREATE TABLE stranger (id int)")
        let refused = try run("restore", [dump], store: source.url())
        #expect(refused.status == 64 && refused.output.contains("not empty"), "\(refused.output)")
        #expect(try Self.epoch(source) == epoch)

        try source.psql("DELETE FROM messages")
        let forced = try run("restore", ["--force", "--revoke-sessions", dump], store: source.url())
        #expect(forced.status == 0, "\(forced.output)")
        let after = try Self.rows(source)
        #expect(after.keys.sorted() == before.keys.sorted())
        for (table, rows) in before where table != "sessions" { #expect(after[table] == rows, "\(table)") }
        #expect(try source.psql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == "0")
        #expect(try Self.epoch(source) != epoch)
    }

    // MARK: - Refusals

    @Test func aBadFileChangesNothing() async throws {
        let dump = path("chat.dump")
        try await withStore(source) { store in
            _ = try await fill(store)
            #expect(try run("backup", ["--output", dump], store: source.url()).status == 0)
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: dump))
        let before = try Self.rows(source)
        let files = ["missing": nil, "text": Data("not a dump".utf8), "cut": whole.dropLast(200)]
        for (name, data) in files {
            try data?.write(to: folder.appendingPathComponent(name))
            let result = try run("restore", ["--force", path(name)], store: source.url())
            #expect(result.status == 66, "\(name): \(result.output)")
        }
        #expect(try Self.rows(source) == before)
    }

    @Test func whatIsWrongIsSaid() throws {
        let url = source.url()
        let taken = path("taken")
        try Data().write(to: URL(fileURLWithPath: taken))
        let cases: [(script: String, arguments: [String], store: String, status: Int32, says: String)] = [
            ("backup", ["--help"], "", 0, "Usage: scripts/backup"),
            ("restore", ["--help"], "", 0, "Usage: scripts/restore"),
            ("backup", [], "", 64, "CHAT_STORE"),
            ("backup", ["--nonsense"], url, 64, "--nonsense"),
            ("backup", ["--store", url], "", 64, "no password in --store"),
            ("backup", ["--store", "postgres://chat@127.0.0.1/chat?password=hidden"], "", 64, "no password"),
            ("backup", [], "sqlite:chat.db", 64, "SQLite"),
            ("backup", [], "mysql://chat@127.0.0.1/chat", 64, "postgres://"),
            ("backup", ["--output", taken], url, 64, "--force"),
            ("backup", ["--output", path("no/where")], url, 66, "no"),
            ("backup", ["--output", path("x")], url, 69, "no ChatServer's store"),
            ("backup", ["--output", path("x")], "postgres://chat:hidden@127.0.0.1:1/chat", 69, "127.0.0.1:1/chat"),
            ("restore", [], url, 64, "one file"),
            ("restore", [path("missing")], url, 66, "missing"),
        ]
        for (script, arguments, store, status, says) in cases {
            let result = try run(script, arguments, store: store)
            #expect(result.status == status, "\(script) \(arguments): \(result.output)")
            #expect(result.output.contains(says), "\(result.output)")
            #expect(!result.output.contains("hidden") && !result.output.contains("secret"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
    }

    // MARK: - Helpers

    private static func at(_ seconds: Int64) -> Timestamp {
        Timestamp(microseconds: 1_750_000_000_000_000 + seconds * 1_000_000)
    }

    /// Something in every table.
    /// - Returns: rooms, each with 80 messages, whose owner has the id 1.
    private func fill(_ store: PostgresStore) async throws -> [RoomID] {
        let ada = try await store.createUser(username: "ada", passwordHash: "hash", now: Self.at(0))
        let bob = try await store.createUser(username: "bob", passwordHash: "'\\\"", now: Self.at(1))
        let tokens = ["first", "second", "third"].map(StoreConformance.digest)
        _ = try await store.createSession(
            userID: ada.id, refreshToken: tokens[0], now: Self.at(2), expires: Self.at(1_000_000))
        _ = try await store.rotate(
            refreshToken: tokens[0], successor: tokens[1], now: Self.at(3), expires: Self.at(1_000_000))
        _ = try await store.createSession(
            userID: bob.id, refreshToken: tokens[2], now: Self.at(4), expires: Self.at(1_000_000))
        _ = try await store.revokeSession(refreshToken: tokens[2], now: Self.at(5))
        var rooms: [RoomID] = []
        for (index, code) in [nil, "hash of a code", nil].enumerated() {
            let room = try await store.createRoom(
                name: "Café №\(index)",
                isPrivate: index > 0,
                accessCodeHash: code,
                ownerID: ada.id,
                now: Self.at(6)
            )
            let invitation = Invitation(
                code: "code \(index)", roomID: room.id, creatorID: ada.id, maxUses: index == 0 ? nil : 5,
                expiresAt: index == 1 ? nil : Self.at(1_000_000), createdAt: Self.at(7))
            try await store.createInvitation(invitation)
            _ = try await store.acceptInvitation(code: "code \(index)", userID: bob.id, now: Self.at(8))
            rooms.append(room.id)
        }
        _ = try await store.removeMember(roomID: rooms[2], userID: bob.id)
        let contents = [
            "hello", "tab\t, line\n, return\r, \\N, \\., 'quotes' and \"quotes\"", "\\.",
            "👩‍👩‍👧 e\u{301} \u{FEFF}\u{200B}", String(repeating: "ß", count: 4000), " ",
        ]
        for batch in 0..<4 {
            let messages = (0..<60).map { index in
                NewMessage(
                    roomID: rooms[index % 3], userID: index % 2 == 0 ? ada.id : bob.id,
                    content: contents[index % contents.count], clientMessageID: "m\(batch * 20 + index / 3)")
            }
            for outcome in try await store.append(messages, now: Self.at(10 + Int64(batch))) {
                #expect(StoreConformance.seq(outcome) != nil)
            }
        }
        let plan = SeedPlan(prefix: "seed", users: 40, roomSizes: [10, 20, 30], isPrivate: false, passwordHash: "hash")
        _ = try await store.seed(plan, now: Self.at(20))
        return rooms
    }

    /// Every row of every table, the epoch apart; a line a row.
    private static func rows(_ server: ThrowawayPostgres) throws -> [String: [Substring]] {
        let tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        var rows: [String: [Substring]] = [:]
        for table in try server.psql(tables).split(separator: "\n").map(String.init) where table != "stranger" {
            rows[table] = try server.psql("SELECT to_jsonb(t) FROM \(table) t ORDER BY to_jsonb(t)::text")
                .split(separator: "\n").filter { table != "meta" || !$0.contains(#""epoch""#) }
        }
        return rows
    }

    private static func sequences(_ server: ThrowawayPostgres) throws -> String {
        try server.psql("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")
    }

    private static func epoch(_ server: ThrowawayPostgres) throws -> String {
        try server.psql("SELECT value FROM meta WHERE key = 'epoch'")
    }

    private static let scripts = (0..<5)
        .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        .appendingPathComponent("scripts")

    /// - Returns: what it wrote to both of its outputs.
    private func run(_ script: String, _ arguments: [String], store: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = Self.scripts.appendingPathComponent(script)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
        environment["CHAT_STORE"] = store
        process.environment = environment
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
