import Testing

@testable import PostgresClient

extension ServerTests {
    /// What the pool does when the server goes away.
    @Suite struct FailureTests {
        @Test func theServersTimeoutLeavesTheConnection() async throws {
            let pool = try makePool(TestServers.plain, size: 1, statement: .milliseconds(500))
            let pid = try await pool.run { try $0.query(SQL.pid)[0].int64(0) }
            let began = ContinuousClock.now
            let error = try await failure { try await pool.run { _ = try $0.query(SQL.sleep, [.int64(10_000)]) } }
            #expect(error == .timeout)
            #expect(ContinuousClock.now - began < .seconds(1))
            #expect(try await pool.run { try $0.query(SQL.pid)[0].int64(0) } == pid)
            await pool.close()
        }

        @Test func theClientsTimeoutClosesTheConnectionAndThePoolRecovers() async throws {
            let pool = try makePool(TestServers.plain, size: 1, statement: .milliseconds(300))
            let pid = try await pool.run { try $0.query(SQL.pid)[0].int64(0) }
            let began = ContinuousClock.now
            let error = try await failure {
                try await pool.run { connection in
                    try connection.query(SQL.noTimeout)
                    try connection.query(SQL.sleep, [.int64(3_000)])
                }
            }
            #expect(error == .timeout)
            #expect(ContinuousClock.now - began < .seconds(1))
            #expect(pool.statistics.open == 0)
            #expect(try await pool.run { try $0.query(SQL.pid)[0].int64(0) } != pid)
            await pool.close()
        }

        @Test(arguments: [false, true])
        func aRestartWhileIdleIsNotNoticed(isCrash: Bool) async throws {
            let server = try TestServers.fragile
            let pool = try makePool(server, size: 3)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await pool.run { _ = try $0.query(SQL.sleep, [.int64(100)]) } }
                }
                try await group.waitForAll()
            }
            #expect(pool.statistics == PostgresPool.Statistics(open: 3, idle: 3, waiting: 0))
            if isCrash {
                server.kill()
                try server.start()
            } else {
                try server.restart()
            }
            for _ in 0..<5 { #expect(try await pool.run { try $0.one() } == 1) }
            #expect(pool.statistics == PostgresPool.Statistics(open: 1, idle: 1, waiting: 0))
            await pool.close()
        }

        @Test(arguments: [false, true])
        func aRestartWhileAStatementRunsFailsItAlone(isCrash: Bool) async throws {
            let server = try TestServers.fragile
            let pool = try makePool(server)
            async let failed = failure { try await pool.run { _ = try $0.query(SQL.sleep, [.int64(8_000)]) } }
            _ = await eventually { pool.statistics.open == 1 }
            try await Task.sleep(for: .milliseconds(100))
            if isCrash { server.kill() } else { server.stop() }
            #expect(try await failed.isUnavailable)
            // Nobody is there: fails at once, the first by asking, the others by the backoff.
            let began = ContinuousClock.now
            for _ in 0..<20 { #expect(try await failure { _ = try await pool.run { try $0.one() } }.isUnavailable) }
            #expect(ContinuousClock.now - began < .seconds(1))
            try server.start()
            try await recovers(pool)
            await pool.close()
        }

        @Test func aFrozenServerIsATimeoutAndThenUnavailable() async throws {
            let server = try TestServers.fragile
            let pool = try makePool(server, size: 1, statement: .milliseconds(500), connect: .milliseconds(400))
            #expect(try await pool.run { try $0.one() } == 1)
            server.freeze()
            defer { server.thaw() }
            var began = ContinuousClock.now
            #expect(try await failure { _ = try await pool.run { try $0.one() } } == .timeout)
            #expect(ContinuousClock.now - began < .seconds(1))
            // The kernel still accepts the connection for the server that does not.
            began = .now
            let error = try await failure { _ = try await pool.run { try $0.one() } }
            #expect(error.isUnavailable)
            #expect(ContinuousClock.now - began < .seconds(1))
            server.thaw()
            try await recovers(pool)
            await pool.close()
        }

        @Test func aRefusedConnectionFailsFastWithBackoff() async throws {
            let silent = try SilentListener()
            let port = silent.port
            _ = consume silent
            let log = RecordingLog()
            let pool = PostgresPool(
                configuration: try configuration("postgres://u:p@127.0.0.1:\(port)/d"),
                size: 4,
                maxWaiting: 100,
                logger: .init(label: "test") { _ in log }
            )
            let began = ContinuousClock.now
            var calls = 0
            while ContinuousClock.now - began < .seconds(1) {
                #expect(try await failure { _ = try await pool.run { try $0.one() } }.isUnavailable)
                calls += 1
                try await Task.sleep(for: .milliseconds(2))
            }
            // 50, 100, 200, 400 ms, each at least halved: in a second five to nine attempts.
            let attempts = log.lines.count { $0.contains("cannot connect") }
            #expect(calls > 50)
            #expect((3...9).contains(attempts))
            #expect(!log.lines.contains { $0.contains("u:p") })
            #expect(await eventually { pool.threads == 0 })
        }

        private func recovers(_ pool: PostgresPool) async throws {
            let deadline = ContinuousClock.now + .seconds(4)
            while true {
                do {
                    #expect(try await pool.run { try $0.one() } == 1)
                    return
                } catch let error as PostgresError where error.isTransient && .now < deadline {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }
}
