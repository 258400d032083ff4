import Testing

@testable import PostgresClient

extension ServerTests {
    @Suite struct TransactionTests {
        private struct Refusal: Error {}

        private static let insert = PostgresStatement("INSERT INTO ledger VALUES ($1)")
        private static let count = PostgresStatement("SELECT count(*) FROM ledger")

        private func connect() async throws -> PostgresConnection {
            let connection = try await PostgresConnection.open(configuration(TestServers.plain.url()), logger: quiet)
            try await connection.execute(
                script: """
                    CREATE TEMP TABLE ledger (n bigint);
                    CREATE TEMP TABLE late (n bigint UNIQUE DEFERRABLE INITIALLY DEFERRED);
                    """
            )
            return connection
        }

        private func rows(_ connection: PostgresConnection) async throws -> Int64 {
            try await connection.with { try $0.query(Self.count)[0].int64(0) }
        }

        @Test func whatReturnsIsCommitted() async throws {
            let connection = try await connect()
            let count = try await connection.inTransaction { connection in
                try connection.query(Self.insert, [.int64(1)])
                try connection.query(Self.insert, [.int64(2)])
                return try connection.query(Self.count)[0].int64(0)
            }
            #expect(count == 2)
            #expect(try await rows(connection) == 2)
        }

        @Test func whatThrowsIsRolledBack() async throws {
            let connection = try await connect()
            await #expect(throws: Refusal.self) {
                try await connection.inTransaction { connection in
                    try connection.query(Self.insert, [.int64(1)])
                    throw Refusal()
                }
            }
            #expect(try await rows(connection) == 0)
        }

        @Test func aFailedStatementRollsBack() async throws {
            let connection = try await connect()
            let error = try await failure {
                try await connection.inTransaction { connection in
                    try connection.query(Self.insert, [.int64(1)])
                    try connection.query(SQL.divide, [.int64(0)])
                }
            }
            #expect(error.sqlState == "22012")
            #expect(try await rows(connection) == 0)
        }

        @Test func anErrorOfTheVeryFirstStatementRollsBack() async throws {
            let connection = try await connect()
            let error = try await failure {
                try await connection.inTransaction { _ = try $0.query(SQL.divide, [.int64(0)]) }
            }
            #expect(error.sqlState == "22012")
            #expect(try await rows(connection) == 0)
        }

        @Test func aHiddenFailureIsNoCommit() async throws {
            let connection = try await connect()
            let error = try await failure {
                try await connection.inTransaction { connection in
                    try connection.query(Self.insert, [.int64(1)])
                    _ = try? connection.query(SQL.divide, [.int64(0)])
                }
            }
            #expect(error.isInvalid)
            #expect(try await rows(connection) == 0)
        }

        @Test func aDeferredConstraintFailsTheCommit() async throws {
            let connection = try await connect()
            let insert = PostgresStatement("INSERT INTO late VALUES (1), (1)")
            let error = try await failure { try await connection.inTransaction { _ = try $0.query(insert) } }
            #expect(error.sqlState == "23505")
            #expect(try await rows(connection) == 0)
        }

        @Test func aRefusedParameterRollsBackAndNestingIsRefused() async throws {
            let connection = try await connect()
            let error = try await failure {
                try await connection.inTransaction { connection in
                    try connection.query(Self.insert, [.int64(1)])
                    try connection.query(PostgresStatement("SELECT $1"), [.text("\0")])
                }
            }
            #expect(error.isInvalid)
            let nested = try await failure {
                try await connection.inTransaction { connection in
                    try connection.query(Self.insert, [.int64(1)])
                    try connection.transaction { _ = try $0.query(Self.insert, [.int64(2)]) }
                }
            }
            #expect(nested == .invalid("a transaction in a transaction"))
            #expect(try await rows(connection) == 0)
        }

        @Test func aScriptIsPartOfItsTransaction() async throws {
            let connection = try await connect()
            await #expect(throws: Refusal.self) {
                try await connection.inTransaction { connection in
                    try connection.execute(script: "INSERT INTO ledger VALUES (1); INSERT INTO ledger VALUES (2)")
                    throw Refusal()
                }
            }
            #expect(try await rows(connection) == 0)
            try await connection.inTransaction { try $0.execute(script: "INSERT INTO ledger VALUES (1)") }
            #expect(try await rows(connection) == 1)
        }

        @Test func beginTravelsWithTheFirstStatement() async throws {
            let connection = try await connect()
            let phase = try await connection.inTransaction { $0.phase }
            #expect(phase == .announced)
            let phases = try await connection.inTransaction { connection in
                let before = connection.phase
                try connection.query(SQL.one)
                return [before, connection.phase]
            }
            #expect(phases == [.announced, .begun])
            #expect(await connection.phase == .none)
        }

        @Test func aLostConnectionEndsTheTransaction() async throws {
            let server = try TestServers.plain
            let connection = try await connect()
            let pid = try await connection.with { try $0.query(SQL.pid)[0].int64(0) }
            let error = try await failure {
                try await connection.inTransaction { connection in
                    try connection.query(Self.insert, [.int64(1)])
                    try server.psql("SELECT pg_terminate_backend(\(pid), 5000)")
                    _ = try? connection.query(Self.insert, [.int64(2)])
                }
            }
            #expect(error.isUnavailable)
            #expect(await !connection.isOpen)
        }
    }
}
