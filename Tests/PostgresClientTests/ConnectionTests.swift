import Logging
import Testing

@testable import PostgresClient

extension ServerTests {
    @Suite struct ConnectionTests {
        private func connect() async throws -> PostgresConnection {
            try await PostgresConnection.open(configuration(TestServers.plain.url()), logger: quiet)
        }

        private static let scalars = PostgresStatement("SELECT $1, $2, $3, $4, $5")

        @Test(arguments: [
            (true, Int64.max, "", [UInt8](), Int64(0)),
            (false, .min, "héllo 👩‍👩‍👧‍👦 \u{FEFF}\u{10FFFF}\n\\'\"", [0, 255, 0], 1_700_000_000_123_456),
            (true, -1, String(repeating: "🦊", count: 4_000), Array(repeating: 0, count: 100_000), .max),
            (false, 0, " ", [1], .min),
            (false, 1, "a", [1], -210_866_803_200_000_000),
            (false, 1, "a", [1], .max - 1),
        ])
        func scalarsComeBackAsTheyWent(_ row: (Bool, Int64, String, [UInt8], Int64)) async throws {
            let connection = try await connect()
            let back = try await connection.roundTrip(Self.scalars, row)
            #expect(back.0 == row.0)
            #expect(back.1 == row.1)
            #expect(back.2.unicodeScalars.elementsEqual(row.2.unicodeScalars))
            #expect(back.3 == row.3)
            #expect(back.4 == row.4)
        }

        @Test func nullsOfEachTypeTypedAndNot() async throws {
            let connection = try await connect()
            try await connection.checkNulls(Self.scalars)
        }

        @Test func theServerAgreesOnWhatATimeIs() async throws {
            let connection = try await connect()
            let statement = PostgresStatement(
                "SELECT to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), isfinite($2), $3::text"
            )
            let (text, isFinite, null) = try await connection.with { connection in
                let row = try connection.query(
                    statement,
                    [.timestamp(1_700_000_000_123_456), .timestamp(.max), .timestamp(nil)]
                )[0]
                return (try row.text(0), try row.bool(1), try row.optionalText(2))
            }
            #expect(text == "2023-11-14 22:13:20.123456")
            #expect(!isFinite)
            #expect(null == nil)
        }

        @Test func aTimeOutOfRangeIsAnErrorOfItsStatementAlone() async throws {
            let connection = try await connect()
            let statement = PostgresStatement("SELECT $1")
            let error = try await failure {
                try await connection.with { _ = try $0.query(statement, [.timestamp(.min + 1)]) }
            }
            #expect(error.isInvalid)
            #expect(try await connection.one() == 1)
        }

        @Test(arguments: [0, 1, 512])
        func arraysFeedUnnest(_ count: Int) async throws {
            let connection = try await connect()
            let texts = (0..<count).map { String(repeating: $0 % 2 == 0 ? "ä" : "🦊", count: 4_000 - $0) }
            let sum = try await connection.with { connection in
                let statement = PostgresStatement(
                    """
                    SELECT b, i, t, y, z FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS u(b, i, t, y, z, n)
                    ORDER BY n
                    """
                )
                let result = try connection.query(
                    statement,
                    [
                        .boolArray(texts.indices.map { $0 % 3 == 0 }),
                        .int64Array(texts.indices.map { Int64.max - Int64($0) }),
                        .textArray(texts),
                        .bytesArray(texts.indices.map { [UInt8](repeating: 0, count: $0) }),
                        .timestampArray(texts.indices.map { Int64($0) * 1_000_003 }),
                    ]
                )
                for (index, row) in result.enumerated() {
                    #expect(try row.bool(0) == (index % 3 == 0))
                    #expect(try row.int64(1) == .max - Int64(index))
                    #expect(try row.text(2) == texts[index])
                    #expect(try row.bytes(3).count == index)
                    #expect(try row.timestamp(4) == Int64(index) * 1_000_003)
                }
                return result.count
            }
            #expect(sum == count)
        }

        @Test func aNULIsRefusedInATextAnArrayAStatementAndAScript() async throws {
            let connection = try await connect()
            let echo = PostgresStatement("SELECT $1")
            let bad = PostgresStatement("SELECT 1 \0")
            for values in [[PostgresValue.text("a\0b")], [.textArray(["a", "\0"])]] {
                let error = try await failure { try await connection.with { _ = try $0.query(echo, values) } }
                #expect(error.isInvalid)
            }
            #expect(try await failure { try await connection.with { _ = try $0.query(bad) } }.isInvalid)
            #expect(try await failure { try await connection.execute(script: "SELECT 1;\0") }.isInvalid)
            #expect(try await connection.one() == 1)
        }

        @Test func anErrorOfAStatementLeavesTheConnectionUsable() async throws {
            let connection = try await connect()
            let syntax = PostgresStatement("SELEKT")
            for _ in 0..<2 {
                let error = try await failure {
                    try await connection.with { _ = try $0.query(SQL.divide, [.int64(0)]) }
                }
                #expect(error == .server(sqlState: "22012", message: "division by zero", constraint: nil))
                #expect(
                    try await failure { try await connection.with { _ = try $0.query(syntax) } }.sqlState == "42601")
            }
            let divided = try await connection.with { try $0.query(SQL.divide, [.int64(1)])[0].int64(0) }
            #expect(divided == 1)
        }

        @Test func aBrokenConstraintIsNamedChangedRowsAreCounted() async throws {
            let connection = try await connect()
            try await connection.execute(
                script: """
                    CREATE TEMP TABLE t (id bigint CONSTRAINT t_key PRIMARY KEY, name text);
                    INSERT INTO t VALUES (1, 'a'), (2, 'b');
                    """
            )
            let insert = PostgresStatement("INSERT INTO t (id) VALUES ($1)")
            let error = try await failure { try await connection.with { _ = try $0.query(insert, [.int64(1)]) } }
            guard case .server("23505", _, constraint: "t_key") = error else {
                Issue.record("\(error)")
                return
            }
            let update = PostgresStatement("UPDATE t SET name = $1")
            let changed = try await connection.with { try $0.query(update, [.text("c")]).affectedRows }
            #expect(changed == 2)
        }

        @Test func aGetterOfTheWrongTypeANULLAndAMissingColumnAreErrors() async throws {
            let connection = try await connect()
            let statement = PostgresStatement("SELECT 1::bigint, NULL::text, 2::smallint, 3::int, 'x'::varchar, 1.5")
            try await connection.with { connection in
                let row = try connection.query(statement)[0]
                #expect(throws: PostgresError.self) { try row.text(0) }
                #expect(throws: PostgresError.self) { try row.bool(0) }
                #expect(throws: PostgresError.self) { try row.bytes(0) }
                #expect(throws: PostgresError.self) { try row.timestamp(0) }
                #expect(throws: PostgresError.invalid("column 1 is NULL")) { try row.text(1) }
                #expect(throws: PostgresError.self) { try row.int64(5) }
                #expect(throws: PostgresError.invalid("column 6 of 6")) { try row.int64(6) }
                #expect(try row.int64(2) == 2)
                #expect(try row.int64(3) == 3)
                #expect(try row.text(4) == "x")
            }
        }

        @Test func aScriptStopsAtItsFirstErrorWithAllOfItUndone() async throws {
            let connection = try await connect()
            let error = try await failure {
                try await connection.execute(script: "CREATE TABLE undone (id int); SELECT 1/0; SELECT 1")
            }
            #expect(error.sqlState == "22012")
            let find = PostgresStatement("SELECT to_regclass('undone') IS NULL")
            #expect(try await connection.with { try $0.query(find)[0].bool(0) })
        }

        @Test func copyClosesTheConnection() async throws {
            let connection = try await connect()
            #expect(try await failure { try await connection.execute(script: "COPY (SELECT 1) TO STDOUT") }.isInvalid)
            #expect(await !connection.isOpen)
            #expect(try await failure { _ = try await connection.one() }.isUnavailable)
        }

        @Test func aStatementOutlivesAChangeOfItsResultAndDISCARDALL() async throws {
            let connection = try await connect()
            let all = PostgresStatement("SELECT * FROM changing")
            try await connection.execute(script: "CREATE TEMP TABLE changing (a bigint)")
            _ = try await connection.with { try $0.query(all).count }
            try await connection.execute(script: "ALTER TABLE changing ALTER a TYPE text")
            #expect(try await connection.with { try $0.query(all).count } == 0)
            try await connection.execute(script: "DEALLOCATE ALL")
            #expect(try await connection.with { try $0.query(all).count } == 0)
        }

        @Test func preparedOnceAndNoMoreThanTheLimit() async throws {
            let connection = try await connect()
            let count = PostgresStatement("SELECT count(*) FROM pg_prepared_statements")
            for _ in 0..<3 { _ = try await connection.one() }
            #expect(try await connection.with { try $0.query(count)[0].int64(0) } <= 2)
            for index in 0..<(PreparedStatements.limit + 50) {
                let statement = PostgresStatement("SELECT \(index)::bigint")
                #expect(try await connection.with { try $0.query(statement)[0].int64(0) } == Int64(index))
            }
            let total = try await connection.with { try $0.query(count)[0].int64(0) }
            #expect(total == PreparedStatements.limit)
        }

        @Test func theSessionIsSetUpAsConfiguredOverTCPAndASocket() async throws {
            let show = PostgresStatement(
                """
                SELECT current_setting('statement_timeout'), current_setting('application_name'),
                    current_setting('client_encoding'), current_setting('idle_in_transaction_session_timeout')
                """
            )
            for url in [try TestServers.plain.url(), try TestServers.plain.socketURL] {
                let connection = try await PostgresConnection.open(
                    configuration(url, statement: .seconds(4)),
                    logger: quiet
                )
                let settings = try await connection.with { connection in
                    let row = try connection.query(show)[0]
                    return try (0..<4).map { try row.text($0) }
                }
                #expect(settings == ["3600ms", "chat", "UTF8", "8s"])
                #expect(await connection.serverVersion?.isEmpty == false)
                #expect(await !connection.isEncrypted)
            }
        }

        @Test func noticesGoToTheLog() async throws {
            let log = RecordingLog()
            let logger = Logger(label: "test") { _ in log }
            let connection = try await PostgresConnection.open(configuration(TestServers.plain.url()), logger: logger)
            try await connection.execute(script: "DO $$ BEGIN RAISE WARNING 'mind the gap'; END $$")
            #expect(log.lines.contains { $0.contains("mind the gap") })
        }

        @Test func wrongPasswordAndWrongDatabaseSaySo() async throws {
            let server = try TestServers.plain
            for (url, words) in [
                (server.url(password: "wrong"), "password authentication failed"),
                (server.url(database: "nowhere"), "does not exist"),
            ] {
                let error = try await failure {
                    _ = try await PostgresConnection.open(configuration(url), logger: quiet)
                }
                #expect(error.isUnavailable)
                #expect(error.description.contains(words))
                #expect(!error.description.contains("wrong"))
            }
        }

        @Test func theSecondHostIsTriedWhenTheFirstIsSilent() async throws {
            let server = try TestServers.plain
            let silent = try SilentListener()
            let user = server.url().dropFirst("postgres://".count).prefix { $0 != "@" }
            let url = "postgres://\(user)@127.0.0.1:\(silent.port),127.0.0.1:\(server.port)/postgres"
            let connection = try await PostgresConnection.open(
                configuration(url, connect: .milliseconds(300)),
                logger: quiet
            )
            #expect(try await connection.one() == 1)
        }
    }
}
