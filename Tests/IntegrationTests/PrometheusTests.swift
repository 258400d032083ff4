import AsyncHTTPClient
import Foundation
import NIOCore
import Testing

@testable import LoadGen

extension ProgramTests {
    /// The real Prometheus, with the configuration and the alerts that ship, beside a run on two instances.
    @Suite struct PrometheusTests {
        private static let rate = 120.0

        @Test(.timeLimit(.minutes(3)))
        func prometheusTellsRateAndLatencyBack() async throws {
            let port = try FreePort.pick()
            let readings = Readings()
            let (run, summary) = try await ProgramRun.playing([
                "quick", "--setup", "cluster-direct", "-c", "40", "-r", "\(Int(Self.rate))/s", "-d", "17s",
                "--set", "thresholds=[]", "--metrics-port", "\(port)",
            ]) { program, folder in
                try await program.waitForPhase("steady")
                let servers = ["a", "b"].compactMap { TestStage.serverPort($0, in: folder) }
                try await Prometheus.with(servers: servers, generator: port, in: folder) { prometheus in
                    try await readings.fill(from: prometheus, while: program)
                }
            }
            #expect(run.status == 0, "\(run.output)")
            #expect(run.errors.contains("metrics at http://127.0.0.1:\(port)/metrics"))

            let problems = await readings.errors.joined(separator: "; ")
            let up = await readings.value("count(up == 1)")
            #expect(up == 3, "two instances and the generator are scraped: \(problems)")
            #expect(await readings.value("count(ALERTS) or vector(0)") == 0, "a healthy run alerts nobody")
            for query in [
                "sum(rate(chat_messages_persisted_total[4s]))", "sum(rate(loadgen_messages_acked_total[4s]))",
            ] {
                let rate = try #require(await readings.value(query), "\(problems)")
                #expect(abs(rate / Self.rate - 1) < 0.2, "\(query): \(rate)")
            }
            // Prometheus interpolates within a bucket, so it may be off by as much as the bucket is wide.
            let measured = Double(summary.latency[.deliver].p99) / 1e9
            for query in ["chat_delivery_duration_seconds", "loadgen_delivery_duration_seconds"] {
                let name = "histogram_quantile(0.99, sum by (le) (rate(\(query)_bucket[4s])))"
                let p99 = try #require(await readings.value(name), "\(problems)")
                #expect(p99 > measured / 20 && p99 < measured * 5 + 0.0005, "\(query): \(p99), measured \(measured)")
            }
            #expect(await readings.value("sum(loadgen_integrity_violations_total)") == 0)
            #expect(await readings.value("loadgen_clients_connected") == 40)
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["--metrics-port", "70000"], "--metrics-port must be 0 to 65535"),
                (["--metrics-port", "1", "--metrics-host", "203.0.113.1"], "cannot listen on 203.0.113.1:1"),
            ])
        func aPortThatCannotBeIsTold(arguments: [String], hint: String) async throws {
            try await TestStage.withFolder { folder in
                let run = try await ProgramRun.loadGen(["run", "quick"] + arguments, in: folder)
                #expect(run.status == 64 && run.errors.contains(hint), "\(run.errors)")
            }
        }
    }

    /// What was asked of Prometheus, and its answers. A scrape may come late where the machine is busy: so the median of
    /// several answers counts.
    private actor Readings {
        private static let counted = 7
        private var values: [String: [Double]] = [:]
        private(set) var errors: [String] = []

        private static let queries =
            [
                "count(up == 1)", "count(ALERTS) or vector(0)", "sum(rate(chat_messages_persisted_total[4s]))",
                "sum(rate(loadgen_messages_acked_total[4s]))", "sum(loadgen_integrity_violations_total)",
                "loadgen_clients_connected",
            ]
            + ["chat_delivery_duration_seconds", "loadgen_delivery_duration_seconds"].map {
                "histogram_quantile(0.99, sum by (le) (rate(\($0)_bucket[4s])))"
            }

        func value(_ query: String) -> Double? { Descriptive.median((values[query] ?? []).suffix(Self.counted)) }

        /// Asks until shortly before the phase ends, so that the last answers see nothing but load.
        func fill(from prometheus: Prometheus, while program: ChildProcess) async throws {
            let end = ContinuousClock.now + .seconds(12)
            while ContinuousClock.now < end, program.isRunning {
                try await Task.sleep(for: .milliseconds(500))
                for query in Self.queries {
                    do {
                        if let value = try await prometheus.query(query) { values[query, default: []].append(value) }
                    } catch {
                        errors.append("\(query): \(error)")
                    }
                }
            }
        }
    }

    /// A Prometheus of the test's own.
    private struct Prometheus {
        struct Answer: Decodable {
            struct Result: Decodable {
                enum Item: Decodable {
                    case number(Double)
                    case text(String)

                    init(from decoder: any Decoder) throws {
                        let container = try decoder.singleValueContainer()
                        if let number = try? container.decode(Double.self) {
                            self = .number(number)
                        } else {
                            self = .text(try container.decode(String.self))
                        }
                    }
                }
                var value: [Item]
            }
            struct Results: Decodable { var result: [Result] }
            var data: Results
        }

        let port: Int

        static func with(
            servers: [Int], generator: Int, in folder: URL, _ body: (Prometheus) async throws -> Void
        ) async throws {
            let programs = ["/usr/bin/prometheus", "/usr/local/bin/prometheus"]
            let program = try #require(
                programs.first(where: FileManager.default.isExecutableFile), "prometheus is missing: scripts/setup")
            let port = try FreePort.pick()
            let home = folder.appendingPathComponent("prometheus")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            try write(servers: servers, generator: generator, own: port, to: home)
            let process = try ChildProcess(
                "prometheus",
                executable: URL(fileURLWithPath: program),
                arguments: [
                    "--config.file=\(home.path)/prometheus.yml", "--storage.tsdb.path=\(home.path)/data",
                    "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
                ],
                log: home.appendingPathComponent("prometheus.log")
            )
            do {
                try await body(Prometheus(port: port))
                await process.stop()
            } catch {
                await process.stop()
                throw error
            }
        }

        /// The files that ship, with this machine's ports in the place of the containers' names, and scraped each second.
        private static func write(servers: [Int], generator: Int, own: Int, to home: URL) throws {
            let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("deploy/prometheus")
            var text = try String(contentsOf: source.appendingPathComponent("prometheus.yml"), encoding: .utf8)
            for (name, port) in zip(["chat-a:8080", "chat-b:8080"], servers) {
                text = text.replacing(name, with: "127.0.0.1:\(port)")
            }
            // There is no DNS for it here, and nobody scrapes Prometheus itself.
            let jobs = try #require(text.range(of: "  # Looked up by name"))
            text =
                text[..<jobs.lowerBound] + """
                      - job_name: loadgen
                        static_configs: [{targets: ["127.0.0.1:\(generator)"]}]

                    """
            text = text.replacing("_interval: 5s", with: "_interval: 1s")
            try #require(text.contains("127.0.0.1:\(servers.first ?? 0)") && servers.count == 2)
            try text.write(to: home.appendingPathComponent("prometheus.yml"), atomically: true, encoding: .utf8)
            try FileManager.default.copyItem(
                at: source.appendingPathComponent("alerts.yml"), to: home.appendingPathComponent("alerts.yml"))
        }

        /// - Returns: the first value of an instant query's vector; nil if it is empty.
        func query(_ expression: String) async throws -> Double? {
            var components = URLComponents(string: "http://127.0.0.1:\(port)/api/v1/query")
            components?.queryItems = [URLQueryItem(name: "query", value: expression)]
            // A + is a space to a form's reader.
            let url = components?.string?.replacing("+", with: "%2B") ?? ""
            let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(2))
            let body = try await response.body.collect(upTo: 1 << 20)
            guard case .text(let text) = try JSONDecoder().decode(Answer.self, from: body).data.result.first?.value.last
            else { return nil }
            return Double(text)
        }
    }
}
