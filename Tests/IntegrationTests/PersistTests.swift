import AsyncHTTPClient
import ChatMetrics
import Foundation
import NIOCore
import Testing

@testable import LoadGen
@testable import PerfBench

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
                    let straight = try await BareStore(postgres.url).appended(rows: batch, connections: 1, seconds: 2)
                    let two = try await BareStore(postgres.url).appended(rows: batch, connections: 2, seconds: 2)
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
                    let bare = try await BareStore(postgres.url).commit(perSecond: 100, seconds: 3) * 1e9
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
}
