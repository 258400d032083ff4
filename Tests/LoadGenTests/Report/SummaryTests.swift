import ChatMetrics
import Foundation
import Testing

@testable import LoadGen

@Suite struct SummaryTests {
    @Test func roundTripKeepsEverything() throws {
        for summary in [Summary(), SampleSummary.passing, SampleSummary.void, SampleSummary.lossy] {
            let back = try JSONDecoder().decode(Summary.self, from: try summary.json())
            #expect(back == summary)
            #expect(back.verdict == summary.verdict)
        }
    }

    @Test func topLevelKeysAreTheContractsInItsOrder() throws {
        let text = String(decoding: try SampleSummary.void.json(), as: UTF8.self)
        let members = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }
        let keys = members.compactMap { $0.split(separator: "\"").dropFirst().first }
        #expect(
            keys.map(String.init) == [
                "schema", "scenario", "setup", "seed", "started_at", "duration_s", "environment", "clients", "messages",
                "integrity", "latency_ns", "generator", "servers", "flows", "parts", "recoveries_peak", "phases",
                "faults", "errors",
                "integrity_detail",
                "interrupted", "thresholds", "verdict",
            ])
    }

    @Test(arguments: [
        ("environment", "cpu cores memory_bytes kernel commit build fd_limit store broker balancer"),
        ("clients", "target connected failed disconnected reconnected failures"),
        (
            "messages",
            """
            offered sent acked persisted expected_deliveries delivered delivered_by_history send_rate delivery_rate \
            cross_instance_share rejected unsent
            """
        ),
        ("integrity", "lost duplicated out_of_order unacked unexpected store_missing"),
        (
            "latency_ns",
            """
            connect ack deliver reconnect deliver_same_instance deliver_cross_instance last_receiver ack_uncorrected \
            deliver_uncorrected stage_send stage_persist stage_publish stage_broker stage_deliver
            """
        ),
        ("generator", "lag_ns cpu_seconds rss_bytes bytes_per_client void void_reason"),
        (
            "servers",
            """
            instance connections_max cpu_seconds rss_bytes deliveries published broker_received rooms_max recoveries \
            replayed
            """
        ),
        ("phases", "name start_s duration_s rate measure"),
        ("thresholds", "rule value pass"),
    ])
    func partHasExactlyTheseKeys(part: String, keys: String) throws {
        let root = try object(JSONSerialization.jsonObject(with: try SampleSummary.passing.json()))
        let value = try #require(root[part])
        let first = (value as? [Any])?.first ?? value
        #expect(Set(try object(first).keys) == Set(keys.split(separator: " ").map(String.init)))
    }

    @Test func everyLatencyHasEveryStatistic() throws {
        let root = try object(JSONSerialization.jsonObject(with: try Summary().json()))
        let series = try object(root["latency_ns"])
        #expect(series.count == 14)
        for (_, value) in series {
            #expect(
                Set(try object(value).keys) == ["count", "min", "mean", "p50", "p90", "p99", "p999", "p9999", "max"])
        }
    }

    @Test func voidReasonIsNullWhenThereIsNone() throws {
        let text = String(decoding: try Summary().json(), as: UTF8.self)
        #expect(text.contains("\"void_reason\": null"))
        #expect(!text.contains("\"failure\""))
    }

    @Test func slashesStayAndBadNumbersAreFinite() throws {
        var summary = Summary(scenario: "a/b \"ü\"\n\u{1}", durationS: .nan)
        summary.messages.sendRate = .infinity
        let text = String(decoding: try summary.json(), as: UTF8.self)
        #expect(text.contains(#""scenario": "a/b \"ü\"\n\u0001","#))
        #expect(text.contains(#""duration_s": 0,"#))
        #expect(text.contains(#""send_rate": 0,"#))
    }

    @Test func dictionariesAreSorted() throws {
        var summary = Summary()
        summary.errors = ["rate_limited": 2, "forbidden": 1, "not_joined": 3]
        let text = String(decoding: try summary.json(), as: UTF8.self)
        #expect(text.contains(#""errors": {"forbidden": 1, "not_joined": 3, "rate_limited": 2},"#))
    }

    @Test func detailIsCutToItsLimit() throws {
        var summary = Summary()
        summary.integrityDetail = (0..<50).map { "violation \($0)" }
        let back = try JSONDecoder().decode(Summary.self, from: try summary.json())
        #expect(back.integrityDetail.count == Summary.integrityDetailLimit)
    }

    @Test func anEmptySummaryOfASeriesEqualsNone() {
        #expect(Summary.Latencies([.ack: LatencySummary()]) == Summary.Latencies())
    }

    private func object(_ value: Any?) throws -> [String: Any] {
        try #require(value as? [String: Any])
    }
}

@Suite struct SummaryFileTests {
    @Test func readsAFileWithNothingButTheContractsKeys() throws {
        let zeros = #"{"count":0,"min":0,"mean":0,"p50":0,"p90":0,"p99":0,"p999":0,"p9999":0,"max":0}"#
        let series = Summary.Series.allCases.map { "\"\($0.rawValue)\": \(zeros)" }.joined(separator: ",")
        let text = """
            {"schema": 1, "scenario": "steady-rooms", "setup": "embedded", "seed": 1, "started_at": "", "duration_s": 20.0,
             "environment": {"cpu": "", "cores": 2, "memory_bytes": 0, "kernel": "", "commit": "", "build": "release",
             "fd_limit": 20000, "store": "sqlite 3.40.1", "broker": "memory", "balancer": "none"},
             "clients": {"target": 1000, "connected": 1000, "failed": 0, "disconnected": 0, "reconnected": 0},
             "messages": {"offered": 10000, "sent": 10000, "acked": 10000, "persisted": 10000,
              "expected_deliveries": 200000, "delivered": 200000,
              "send_rate": 500.0, "delivery_rate": 10000.0, "cross_instance_share": 0.0},
             "integrity": {"lost": 0, "duplicated": 0, "out_of_order": 0, "unacked": 0, "unexpected": 0,
              "store_missing": 0},
             "latency_ns": {\(series)},
             "generator": {"lag_ns": \(zeros), "cpu_seconds": 0.0, "rss_bytes": 0, "bytes_per_client": 0,
              "void": false},
             "servers": [{"instance": "a", "connections_max": 1000, "cpu_seconds": 0.0, "rss_bytes": 0,
              "deliveries": 200000}],
             "thresholds": [{"rule": "deliver.p99 < 250ms", "value": 0, "pass": true}],
             "verdict": "pass"}
            """
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("summary.json")
            try Data(text.utf8).write(to: file)
            let summary = try Summary.load(from: file)
            #expect(summary.clients.connected == 1_000)
            #expect(summary.verdict == .pass)
            #expect(try Summary.load(from: folder) == summary)
        }
    }

    @Test func saysWhatIsWrongWithAFile() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("summary.json")
            #expect(message { try Summary.load(from: file) } == "cannot read \(file.path): No such file or directory")
            try Data("{".utf8).write(to: file)
            #expect(message { try Summary.load(from: file) } == "\(file.path) is not a run's summary: malformed JSON")
            try Data(#"{"schema": 2}"#.utf8).write(to: file)
            #expect(
                message { try Summary.load(from: file) } == "\(file.path) has schema 2; this LoadGen reads schema 1")
            try Data(#"{"schema": 1}"#.utf8).write(to: file)
            #expect(
                message { try Summary.load(from: file) }
                    == "\(file.path) is not a run's summary: scenario is missing")
        }
    }

    private func message(_ body: () throws -> Summary) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// A folder for one test, gone afterwards.
func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
}
