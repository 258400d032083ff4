import Testing

@testable import PostgresClient

extension ServerTests {
    @Suite struct PoolTests {
        @Test func twoTasksWithAThousandQueriesEach() async throws {
            let pool = try makePool(TestServers.plain, size: 2)
            let echo = PostgresStatement("SELECT $1, $2")
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for task in 0..<2 {
                    group.addTask {
                        var sum: Int64 = 0
                        for index in 0..<1_000 {
                            sum += try await pool.run { connection in
                                let row = try connection.query(echo, [.int64(Int64(index)), .text("task \(task)")])[0]
                                #expect(try row.text(1) == "task \(task)")
                                return try row.int64(0)
                            }
                        }
                        return sum
                    }
                }
                for try await sum in group { #expect(sum == 499_500) }
            }
            #expect(pool.statistics.open <= 2)
            #expect(await pool.close())
        }

        @Test func moreCallersThanConnectionsAreServedInTurn() async throws {
            let pool = try makePool(TestServers.plain, size: 2)
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<50 { group.addTask { try await pool.run { try $0.one() } } }
                for try await one in group { #expect(one == 1) }
            }
            #expect(pool.statistics.open <= 2)
            #expect(pool.statistics.waiting == 0)
            await pool.close()
        }

        @Test func transactionsDoNotMix() async throws {
            let pool = try makePool(TestServers.plain, size: 3)
            let server = try TestServers.plain
            try server.psql(
                "DROP TABLE IF EXISTS counter; CREATE TABLE counter (n bigint); INSERT INTO counter VALUES (0)")
            let read = PostgresStatement("SELECT n FROM counter FOR UPDATE")
            let write = PostgresStatement("UPDATE counter SET n = $1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        for _ in 0..<25 {
                            try await pool.run { connection in
                                try connection.transaction { connection in
                                    let n = try connection.query(read)[0].int64(0)
                                    try connection.query(write, [.int64(n + 1)])
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try server.psql("SELECT n FROM counter") == "150")
            await pool.close()
        }

        @Test func aFullQueueIsOverloadedAtOnceAndAWaitHasItsEnd() async throws {
            let pool = try makePool(TestServers.plain, size: 1, maxWaiting: 1, maxWait: .milliseconds(300))
            _ = try await pool.run { try $0.one() }
            let busy = Task { try await pool.run { _ = try $0.query(SQL.sleep, [.int64(1_000)]) } }
            #expect(await eventually { pool.statistics.idle == 0 })
            let began = ContinuousClock.now
            let waiting = Task { try await failure { _ = try await pool.run { try $0.one() } } }
            #expect(await eventually { pool.statistics.waiting == 1 })
            #expect(try await failure { _ = try await pool.run { try $0.one() } } == .overloaded)
            #expect(ContinuousClock.now - began < .milliseconds(250))
            #expect(try await waiting.value == .overloaded)
            #expect((.milliseconds(300)..<(.milliseconds(700))).contains(ContinuousClock.now - began))
            try await busy.value
            #expect(try await pool.run { try $0.one() } == 1)
            await pool.close()
        }

        @Test func aCancelledTaskLeavesTheQueue() async throws {
            let pool = try makePool(TestServers.plain, size: 1)
            _ = try await pool.run { try $0.one() }
            let busy = Task { try await pool.run { _ = try $0.query(SQL.sleep, [.int64(500)]) } }
            #expect(await eventually { pool.statistics.idle == 0 })
            let waiting = Task { try await pool.run { try $0.one() } }
            #expect(await eventually { pool.statistics.waiting == 1 })
            waiting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
            #expect(pool.statistics.waiting == 0)
            // Cancelled before it waits: the same.
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await pool.run { try $0.one() }
            }
            await #expect(throws: CancellationError.self) { _ = try await late.value }
            try await busy.value
            #expect(try await pool.run { try $0.one() } == 1)
            await pool.close()
        }

        @Test func aBodyThatLeavesATransactionOpenLosesItsConnection() async throws {
            let pool = try makePool(TestServers.plain, size: 1)
            try await pool.run { try $0.execute(script: "BEGIN; SELECT 1") }
            #expect(pool.statistics.open == 0)
            #expect(try await pool.run { try $0.one() } == 1)
            await pool.close()
        }

        @Test func closingWaitsForWhatRunsAndLeavesNoThread() async throws {
            let pool = try makePool(TestServers.plain, size: 3)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { try await pool.run { _ = try $0.query(SQL.sleep, [.int64(100)]) } } }
                try await group.waitForAll()
            }
            #expect(pool.threads == 3)
            let running = Task { try await pool.run { _ = try $0.query(SQL.sleep, [.int64(500)]) } }
            #expect(await eventually { pool.statistics.idle == 2 })
            #expect(await !pool.close(timeout: .milliseconds(50)))
            #expect(try await failure { _ = try await pool.run { try $0.one() } }.isUnavailable)
            #expect(await pool.close())
            try await running.value
            #expect(await eventually { pool.threads == 0 })
            let left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chat'"
            #expect(try await eventually { try TestServers.plain.psql(left) == "0" })
        }
    }
}
