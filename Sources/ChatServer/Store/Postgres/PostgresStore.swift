import ChatProtocol
import Foundation
import Logging
import PostgresClient
import Synchronization

/// The store in Postgres, for any number of instances. Statements run on the pools' own threads; no event loop waits.
final class PostgresStore: Store {
    /// For batches of messages: a connection each writer, so that none waits for a reader.
    let writing: PostgresPool
    private let reading: PostgresPool
    let writerCount: Int
    /// Why the last write failed, if the database refuses to write at all.
    private let writeTrouble = Mutex<String?>(nil)

    /// Connects and brings the schema up to date.
    /// - Throws: ``StoreError``.
    static func open(_ configuration: PostgresConfiguration, logger: Logger) async throws -> PostgresStore {
        do {
            try await PostgresMigrations.migrate(configuration, logger: logger)
            return PostgresStore(configuration, logger: logger)
        } catch let error as PostgresError {
            throw StoreError.unavailable("\(error)")
        }
    }

    private init(_ configuration: PostgresConfiguration, logger: Logger) {
        writerCount = max(2, min(8, ProcessInfo.processInfo.activeProcessorCount))
        writing = PostgresPool(configuration: configuration, size: writerCount, maxWaiting: 64, logger: logger)
        reading = PostgresPool(configuration: configuration, size: 8, maxWaiting: 20_000, logger: logger)
    }

    private static let serverVersion = PostgresStatement("SELECT split_part(current_setting('server_version'), ' ', 1)")

    var description: String {
        get async {
            let version = try? await run { try $0.query(Self.serverVersion, [])[0].text(0) }
            return "postgresql \(version ?? "?")"
        }
    }

    private static let epoch = PostgresStatement("SELECT value FROM meta WHERE key = 'epoch'")

    func epoch() async throws -> String {
        try await run { connection in
            guard let row = try connection.query(Self.epoch, []).first else {
                throw StoreError.refused("the database has no epoch")
            }
            return try row.text(0)
        }
    }

    private static let one = PostgresStatement("SELECT pg_is_in_recovery()")
    private static let touch = PostgresStatement("UPDATE meta SET value = value WHERE key = 'epoch'")

    func ping() async throws {
        let mustWrite = writeTrouble.withLock { $0 != nil }
        try await run { connection in
            // Whether it can be written again, only a write tells.
            if mustWrite { try connection.query(Self.touch, []) }
            if try connection.query(Self.one, [])[0].bool(0) {
                throw StoreError.unavailable("the database is a standby: it cannot be written")
            }
        }
        writeTrouble.withLock { $0 = nil }
    }

    func close() async throws {
        await writing.close()
        await reading.close()
    }

    /// Runs statements on a connection of their own.
    func run<T: Sendable>(
        on pool: PostgresPool? = nil,
        _ body: @Sendable (isolated PostgresConnection) throws -> T
    ) async throws -> T {
        do {
            return try await (pool ?? reading).run(body)
        } catch let error as PostgresError {
            let translated = StoreError(error)
            if case .unavailable(let reason) = translated, case .server = error {
                writeTrouble.withLock { $0 = reason }
            }
            throw translated
        }
    }
}

extension StoreError {
    /// What an error of Postgres means to who called the store.
    init(_ error: PostgresError) {
        switch error {
        case .unavailable, .timeout, .overloaded: self = .unavailable("\(error)")
        case .invalid(let reason): self = .refused(reason)
        case .server(_, _, constraint: "users_by_username"): self = .usernameTaken
        case .server(sqlState: "23503", _, _): self = .notFound
        case .server(let sqlState, let message, _):
            // Data that cannot be (22), a broken constraint (23): the same call never works. All else may pass.
            let isDataAtFault = sqlState.hasPrefix("22") || sqlState.hasPrefix("23")
            self = isDataAtFault ? .refused(message) : .unavailable("\(error)")
        }
    }
}

extension PostgresValue {
    static func time(_ time: Timestamp) -> PostgresValue { .timestamp(time.microseconds) }

    static func optionalTime(_ time: Timestamp?) -> PostgresValue { .timestamp(time?.microseconds) }
}

extension PostgresRow {
    func time(_ column: Int) throws -> Timestamp { Timestamp(microseconds: try timestamp(column)) }

    func optionalTime(_ column: Int) throws -> Timestamp? {
        try optionalTimestamp(column).map(Timestamp.init(microseconds:))
    }

    func optionalRole(_ column: Int) throws -> Role? { try optionalText(column).flatMap(Role.init(rawValue:)) }
}
