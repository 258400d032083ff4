import ChatProtocol
import Foundation
import GRDB
import Synchronization

/// The store in one SQLite file: for one instance. WAL with `synchronous = FULL`, so a commit is on the disk.
final class SQLiteStore: Store {
    let pool: DatabasePool
    /// Where batches of messages are committed.
    let appending = DispatchQueue(label: "chatbench.sqlite.appending")
    /// Why the last write failed, if it did for want of disk, rights or the like.
    private let writeTrouble = Mutex<String?>(nil)

    /// Opens or creates the file and brings its schema up to date.
    /// - Throws: ``StoreError/unavailable(_:)`` if the file cannot be opened or is no database of ours.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // SQLite's default. The writer waits for each checkpoint: with 4,000 pages they are fewer and so much longer that
            // at 24,000 messages/s the p99 of deliveries was 60 ms, with 1,000 it is 16.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 1000")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            try SQLiteMigrations.migrator.migrate(pool)
        } catch {
            throw StoreError.unavailable("cannot open the SQLite file \(path): \(error)")
        }
    }

    var description: String {
        get async {
            let version = try? await read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }
            return "sqlite \(version ?? "?")"
        }
    }

    /// SQLite has one writer at a time.
    var writerCount: Int { 1 }

    func epoch() async throws -> String {
        try await read { try String.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'epoch'") ?? "" }
    }

    func ping() async throws {
        guard writeTrouble.withLock({ $0 }) != nil else {
            _ = try await read { try Int.fetchOne($0, sql: "SELECT 1") }
            return
        }
        // Whether it can be written again, only a write tells.
        try await write { try $0.execute(sql: "UPDATE meta SET value = value WHERE key = 'epoch'") }
    }

    func close() async throws {
        try pool.close()
    }

    /// Runs a read on a snapshot, off the caller's thread.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw StoreError.unavailable(error.description)
        }
    }

    /// Runs a transaction, off the caller's thread.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            let result = try await pool.write(body)
            noteSuccess()
            return result
        } catch let error as DatabaseError {
            throw noteFailure(error)
        }
    }

    /// Runs a transaction on the caller's thread, which waits for those of others.
    func writeHere<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            let result = try pool.writeWithoutTransaction { db in try Self.transaction(db, body) }
            noteSuccess()
            return result
        } catch let error as DatabaseError {
            throw noteFailure(error)
        }
    }

    private func noteSuccess() { writeTrouble.withLock { $0 = nil } }

    private func noteFailure(_ error: DatabaseError) -> StoreError {
        writeTrouble.withLock { $0 = error.description }
        return .unavailable(error.description)
    }

    /// As `Database.inTransaction`, which would parse its two statements anew each time.
    private static func transaction<T>(_ db: Database, _ body: (Database) throws -> T) throws -> T {
        try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
        do {
            let result = try body(db)
            try db.cachedStatement(sql: "COMMIT").execute()
            return result
        } catch {
            // SQLite may have rolled back by itself; then this does nothing.
            try? db.rollback()
            throw error
        }
    }
}

extension Timestamp: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { microseconds.databaseValue }

    package static func fromDatabaseValue(_ value: DatabaseValue) -> Timestamp? {
        Int64.fromDatabaseValue(value).map(Timestamp.init(microseconds:))
    }
}

extension Role: DatabaseValueConvertible {}
