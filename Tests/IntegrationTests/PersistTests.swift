import AsyncHTTPClient
import ChatMetrics
import Foundation
import Logging
import NIOCore
import PostgresClient
import Testing

@testable import LoadGen

extension ProgramTests {
    /// What the way through the server costs a message, beside the same work done straight on the same Postgres.
    @Suite struct PersistTests {
        /// 64 messages under way: what is stored a second, beside the batch function called straight, one batch after the
        /// other, of the size that the server had on average. The server's two writers, its clients and Postgres share
        /// the machine; two straight callers, who have it for themselves, are shown for information.
        @Test(.timeLimit(.minutes(5)))
        func theServerKeepsUpWithItsStore() async throws {
            try await withCluster { postgres, server, targets, folder in
                var ratios: [Double] = []
                for _ in 0..<5 {
                    let before = try await Self.batches(server)
                    let summary = try await Self.play(
                        "phases=[{name: connect, connect_rate: 500/s}, "
                            + "{name: flood, duration: 4s, in_flight: 64, measure: true}]",
                        trace: 0, targets, in: folder)
                    let after = try await Self.batches(server)
                    let rows = (after.rows - before.rows) / max(1, after.count - before.count)
                    let stored = Double(summary.messages.acked) / 4
                    let batch = max(1, Int(rows.rounded()))
                    let straight = try await Straight(postgres.url).rate(rows: batch, connections: 1, seconds: 2)
                    let two = try await Straight(postgres.url).rate(rows: batch, connections: 2, seconds: 2)
                    print(
                        "stored \(Int(stored))/s in batches of \(batch); straight: \(Int(straight))/s by one caller, "
                            + "\(Int(two))/s by two: \(Format.number(stored / straight)), \(Format.number(stored / two))"
                    )
                    ratios.append(stored / straight)
                }
                #expect(ratios.sorted()[2] >= 0.6, "\(ratios)")
            }
        }

        /// At 100 messages/s nothing queues: the median of `persist` beside that of a bare commit at the same pace.
        @Test(.timeLimit(.minutes(5)))
        func persistingCostsLittleMoreThanACommit() async throws {
            try await withCluster { postgres, _, targets, folder in
                var differences: [Double] = []
                for _ in 0..<5 {
                    let summary = try await Self.play(
                        "phases=[{name: connect, connect_rate: 500/s}, {name: warmup, duration: 1s, rate: 100/s}, "
                            + "{name: steady, duration: 5s, rate: 100/s, measure: true}]",
                        trace: 1, targets, in: folder)
                    let bare = try await Straight(postgres.url).medianCommit(perSecond: 100, seconds: 3)
                    let persist = Double(summary.latency[.stagePersist].p50)
                    print("persist p50 \(Format.duration(Int64(persist))), bare commit \(Format.duration(Int64(bare)))")
                    differences.append(persist - bare)
                }
                #expect(differences.sorted()[2] <= 2e6, "\(differences)")
            }
        }

        // MARK: - Pieces

        private func withCluster(
            _ body: (PostgresPart, StackPart, _ targets: String, _ folder: URL) async throws -> Void
        ) async throws {
            try await LauncherStage.withLauncher { launcher, programs, logs in
                let postgres = try await PostgresPart.start(launcher, programs: programs, logs: logs)
                let redis = try await RedisPart.start(.servers(1), launcher, programs: programs, logs: logs)
                let secret = launcher.folder.url.appendingPathComponent("secret")
                try Secret.write(Secret.random(bytes: 48), to: secret)
                let shared = ServerPart.Shared(
                    executable: try BuiltPrograms.chatServer(), storeURL: postgres.url, brokerURL: redis.url,
                    secretFile: secret)
                let server = try await ServerPart.start(launcher, instance: "a", shared, logs: logs).part
                try await body(postgres, server, server.baseURL, logs)
            }
        }

        private static func play(_ phases: String, trace: Int, _ target: String, in folder: URL) async throws -> Summary
        {
            let run = try await ProgramRun.loadGen(
                [
                    "run", "quick", "--target", target, "-c", "64", "--set", "rooms.count=32", "--set",
                    "rooms.members=2", "--set", "thresholds=[]", "--set", "trace=\(trace)", "--set", phases,
                    "--accounts",
                    folder.appendingPathComponent("accounts").path, "--quiet",
                ], in: folder, timeout: .seconds(90))
            let summary = try #require(run.summary, "\(run.errors)")
            #expect(summary.integrity == Summary.Integrity(), "\(summary.integrityDetail)")
            return summary
        }

        private static func batches(_ server: StackPart) async throws -> (rows: Double, count: Double) {
            let request = HTTPClientRequest(url: server.baseURL + "/metrics")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
            let page = try await response.body.collect(upTo: 1 << 20)
            let scrape = try MetricsScrape.parse(String(buffer: page))
            return (
                try #require(scrape.value("chat_persist_batch_rows_sum")),
                try #require(scrape.value("chat_persist_batch_rows_count"))
            )
        }
    }

    /// The store's own work, with nothing around it.
    private struct Straight {
        private static let append = PostgresStatement("SELECT count(*) FROM append_messages($1, $2, $3, $4, now())")
        private static let bare = PostgresStatement("INSERT INTO bare (room_id, content) VALUES ($1, $2)")
        private static let rooms = PostgresStatement("SELECT id FROM rooms ORDER BY id")
        private static let users = PostgresStatement("SELECT id FROM users ORDER BY id")
        private static let content = String(repeating: "x", count: 120)

        private let configuration: PostgresConfiguration

        init(_ url: String) throws {
            configuration = try PostgresConfiguration(url: url)
        }

        /// Messages a second; several connections share the rooms, as the server's writers do.
        func rate(rows: Int, connections: Int, seconds: Double) async throws -> Double {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for place in 0..<connections {
                    group.addTask { try await append(rows, place, of: connections, for: .seconds(seconds)) }
                }
                return Double(try await group.reduce(0, +)) / seconds
            }
        }

        /// One connection's share: batch after batch, of random rooms of its own and random users.
        private func append(_ rows: Int, _ place: Int, of connections: Int, for duration: Duration) async throws -> Int
        {
            let connection = try await PostgresConnection.open(configuration, logger: quiet)
            let rooms = try await connection.numbers(Self.rooms)
                .filter { Int($0) % connections == place }
            let users = try await connection.numbers(Self.users)
            let contents = Array(repeating: Self.content, count: rows)
            let end = ContinuousClock.now + duration
            var stored = 0
            while ContinuousClock.now < end {
                let values: [PostgresValue] = [
                    .int64Array((0..<rows).map { _ in rooms.randomElement() ?? 0 }),
                    .int64Array((0..<rows).map { _ in users.randomElement() ?? 0 }),
                    .textArray((0..<rows).map { "\(place)-\(stored + $0)-\(UInt32.random(in: 0 ... .max))" }),
                    .textArray(contents),
                ]
                stored += try await connection.numbers(Self.append, values).reduce(0) { $0 + Int($1) }
            }
            await connection.close()
            return stored
        }

        /// Nanoseconds.
        func medianCommit(perSecond: Int, seconds: Int) async throws -> Double {
            let connection = try await PostgresConnection.open(configuration, logger: quiet)
            try await connection.execute(
                script: "CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
                    + "room_id bigint, content text)")
            var times: [Double] = []
            for _ in 0..<(perSecond * seconds) {
                let start = ContinuousClock.now
                _ = try await connection.numbers(Self.bare, [.int64(1), .text(Self.content)])
                times.append((ContinuousClock.now - start) / .nanoseconds(1))
                try await Task.sleep(until: start + .seconds(1) / perSecond)
            }
            await connection.close()
            return times.sorted()[times.count / 2]
        }

        private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }
}

extension PostgresConnection {
    /// The first column of what a statement answers.
    fileprivate func numbers(_ statement: PostgresStatement, _ values: [PostgresValue] = []) throws -> [Int64] {
        try query(statement, values).map { try $0.int64(0) }
    }
}
