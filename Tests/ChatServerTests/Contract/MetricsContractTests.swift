import ChatMetrics
import ChatProtocol
import Foundation
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct MetricsPage {
        private static let gauges = [
            "chat_connections", "chat_room_subscriptions", "chat_rooms_active", "chat_broker_connected",
            "chat_broker_probe_age_seconds", "chat_broker_subscriptions", "chat_outbound_queue_bytes", "chat_draining",
            "chat_build_info", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
            "process_start_time_seconds",
        ]
        private static let counters = [
            "chat_connections_opened_total", "chat_connections_closed_total", "chat_connection_attempts_total",
            "chat_messages_received_total", "chat_messages_persisted_total", "chat_messages_published_total",
            "chat_message_deliveries_total", "chat_messages_duplicate_total", "chat_errors_total",
            "chat_gap_events_total", "chat_recoveries_total", "chat_slow_consumers_total", "chat_frames_sent_total",
            "chat_sent_bytes_total", "chat_http_requests_total", "chat_membership_cache_requests_total",
            "process_cpu_seconds_total",
        ]
        private static let histograms = [
            "chat_send_duration_seconds", "chat_persist_duration_seconds", "chat_publish_duration_seconds",
            "chat_broker_lag_seconds", "chat_delivery_duration_seconds", "chat_event_loop_lag_seconds",
            "chat_http_request_duration_seconds", "chat_persist_batch_rows",
        ]
        private static let labelled: Set<String> = [
            "chat_http_requests_total", "chat_http_request_duration_seconds",
        ]

        @Test func everyFamilyStandsFromTheStart() async throws {
            try await TestServer.run { server in
                let scrape = try await server.scrape()
                for (names, type) in [
                    (Self.gauges, "gauge"), (Self.counters, "counter"), (Self.histograms, "histogram"),
                ] {
                    for name in names {
                        #expect(scrape.types[name] == type, "\(name)")
                        #expect(scrape.help[name]?.isEmpty == false, "\(name)")
                        guard !Self.labelled.contains(name) else { continue }
                        let sample = type == "histogram" ? name + "_count" : name
                        #expect(scrape.value(sample) != nil, "\(name)")
                    }
                }
                for stage in ["parse", "auth", "authorize", "validate", "rate_limit", "queue_full", "persist"] {
                    #expect(scrape.value("chat_errors_total", ["stage": stage]) == 0, "\(stage)")
                }
                let info = try #require(scrape.samples.first { $0.name == "chat_build_info" })
                #expect(Set(info.labels.keys) == ["version", "commit", "instance"])
                #expect(info.labels["instance"] == "test")
                let bounds = [
                    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
                ]
                let found = scrape.samples.filter { $0.name == "chat_send_duration_seconds_bucket" }
                    .compactMap { $0.labels["le"].flatMap(Double.init) }
                #expect(found == bounds + [.infinity])
                let rows = scrape.samples.filter { $0.name == "chat_persist_batch_rows_bucket" }
                    .compactMap { $0.labels["le"].flatMap(Double.init) }
                #expect(rows == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, .infinity])
            }
        }

        @Test func aBusyServersPagePassesPromtoolAndNamesNobody() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("someone-in-particular")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: ada)
                try await client.join(room)
                for index in 1...5 { try await client.say("hello", in: room, id: "m\(index)") }
                client.send("{")
                _ = try await client.event("error")
                _ = try await server.request("GET", "/rooms/\(room)", as: ada)
                _ = try await server.request("GET", "/somewhere/else")
                _ = try await server.request("PROPFIND", "/rooms")
                let page = try await server.request("GET", "/metrics")
                #expect(page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                try Self.promtool(page.text)
                let scrape = try MetricsScrape.parse(page.text)
                let names = Set(scrape.samples.flatMap { $0.labels.keys })
                let allowed: Set = [
                    "le", "path", "stage", "kind", "result", "reason", "route", "method", "code", "version", "commit",
                    "instance",
                ]
                #expect(names.isSubset(of: allowed), "\(names.subtracting(allowed))")
                #expect(!page.text.contains("someone-in-particular"))
                #expect(!page.text.contains("/rooms/\(room)"))
                #expect(!page.text.contains("somewhere"))
                #expect(!page.text.contains("PROPFIND"))
                #expect(scrape.value("chat_messages_persisted_total") == 5)
                #expect(scrape.value("chat_messages_received_total") == 5)
                #expect(scrape.value("chat_errors_total", ["stage": "parse"]) == 1)
                #expect(scrape.value("chat_rooms_active") == 1)
                #expect((scrape.value("process_open_fds") ?? 0) > 3)
            }
        }

        @Test func openMetricsWhenAskedFor() async throws {
            try await TestServer.run { server in
                let accept = "application/openmetrics-text; version=1.0.0; charset=utf-8, text/plain;q=0.5"
                let page = try await server.request("GET", "/metrics", headers: ["accept": accept])
                #expect(page.headers["content-type"]?.hasPrefix("application/openmetrics-text; version=1.0.0") == true)
                #expect(page.text.hasSuffix("# EOF\n"))
                #expect(page.text.contains("# TYPE chat_messages_received counter\n"))
                let plain = try await server.request("GET", "/metrics", headers: ["accept": "*/*"])
                #expect(plain.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            }
        }

        private static func promtool(_ text: String) throws {
            let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
            let candidates = directories.map { "\($0)/promtool" }
            guard let promtool = candidates.first(where: FileManager.default.isExecutableFile) else {
                Issue.record("promtool is missing: install Debian's package prometheus (apt-get install prometheus)")
                return
            }
            let file = URL(filePath: temporaryFile())
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(text.utf8).write(to: file)
            let process = Process()
            process.executableURL = URL(filePath: promtool)
            process.arguments = ["check", "metrics"]
            process.standardInput = try FileHandle(forReadingFrom: file)
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0 && said.isEmpty, "promtool says: \(said)")
        }
    }
}
