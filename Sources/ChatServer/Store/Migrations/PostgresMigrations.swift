import Crypto
import Foundation
import Logging
import PostgresClient

/// Brings a Postgres database's schema up to date: ordered SQL files, each applied once, in a transaction of its own,
/// and recorded with its checksum. An advisory lock lets one instance at a time do it.
enum PostgresMigrations {
    struct Step: Sendable {
        var number: Int64
        var name: String
        var sql: [UInt8]

        var checksum: String { Secrets.hex(SHA256.hash(data: Data(sql))) }
    }

    /// A step that has shipped is never edited.
    static let steps = [
        Step(number: 1, name: "foundation", sql: PackageResources.step_001_foundation_sql),
        Step(number: 2, name: "one-plan", sql: PackageResources.step_002_one_plan_sql),
        Step(number: 3, name: "rooms", sql: PackageResources.step_003_rooms_sql),
    ]

    /// Any number that no other program locks: `chatbnch` in ASCII. `scripts/restore` locks it too.
    private static let lockKey: Int64 = 0x6368_6174_626E_6368

    /// - Throws: ``StoreError/unavailable(_:)``; ``StoreError/refused(_:)`` if the database was migrated by another
    ///   version than this one can continue.
    static func migrate(
        _ configuration: PostgresConfiguration,
        steps: [Step] = steps,
        logger: Logger
    ) async throws {
        var configuration = configuration
        // Somebody else's migration may take its time.
        configuration.statementTimeout = .seconds(120)
        let connection = try await PostgresConnection.open(configuration, logger: logger)
        defer { Task { await connection.close() } }
        try await connection.migrate(steps, lockKey: lockKey, logger: logger)
    }
}

extension PostgresConnection {
    private static let lock = PostgresStatement("SELECT pg_advisory_lock($1)::text")
    private static let unlock = PostgresStatement("SELECT pg_advisory_unlock($1)")
    private static let applied = PostgresStatement(
        "SELECT number, name, checksum FROM schema_migrations ORDER BY number")
    private static let record = PostgresStatement(
        "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)"
    )

    fileprivate func migrate(_ steps: [PostgresMigrations.Step], lockKey: Int64, logger: Logger) throws {
        try query(Self.lock, [.int64(lockKey)])
        try execute(
            script: """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    number bigint PRIMARY KEY,
                    name text NOT NULL,
                    checksum text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """
        )
        let known = try query(Self.applied, []).map { row in
            (number: try row.int64(0), name: try row.text(1), checksum: try row.text(2))
        }
        for (step, before) in zip(steps, known) where before.number != step.number || before.checksum != step.checksum {
            throw StoreError.refused(
                "the database's migration \(before.number) (\(before.name)) is another than this version's"
            )
        }
        guard known.count <= steps.count else {
            throw StoreError.refused("the database was migrated by a newer version: it has \(known.count) steps")
        }
        for step in steps.dropFirst(known.count) {
            try transaction { connection in
                try connection.execute(script: String(decoding: step.sql, as: UTF8.self))
                try connection.query(Self.record, [.int64(step.number), .text(step.name), .text(step.checksum)])
            }
            logger.info("migrated", metadata: ["step": "\(step.number)", "name": "\(step.name)"])
        }
        try query(Self.unlock, [.int64(lockKey)])
    }
}
