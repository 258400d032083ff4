import ChatMetrics
import Testing

@testable import LoadGen

@Suite struct LoadMetricsTests {
    private static func progress(
        _ phase: String = "steady", counts: LoopCounts, before: LoopCounts = LoopCounts(), deliver: [Int64] = []
    ) -> LoadMetrics.Progress {
        var latency = LatencyHistogram()
        for value in deliver { latency.record(value) }
        return LoadMetrics.Progress(
            scenario: "quick", setup: "embedded", phase: phase, clients: 20, counts: counts, before: before,
            deliver: latency)
    }

    private static func scrape(_ metrics: LoadMetrics) throws -> MetricsScrape {
        try MetricsScrape.parse(String(decoding: metrics.render(.prometheus), as: UTF8.self))
    }

    @Test func progressAddsUpOverRuns() throws {
        let metrics = LoadMetrics()
        var first = LoopCounts()
        (first.sent, first.acked, first.delivered, first.connected) = (10, 9, 90, 20)
        metrics.record(Self.progress(counts: first, deliver: [300_000, 400_000, 3_000_000]))
        var second = first
        (second.sent, second.duplicated) = (25, 1)
        metrics.record(Self.progress("drain", counts: second, before: first))
        // Another run of the same process counts from nothing again.
        metrics.record(Self.progress(counts: first))
        metrics.record(lagNanoseconds: 2_000_000)
        let scrape = try Self.scrape(metrics)
        #expect(scrape.value("loadgen_messages_sent_total") == 35)
        #expect(scrape.value("loadgen_messages_acked_total") == 18)
        #expect(scrape.value("loadgen_deliveries_total", ["path": "live"]) == 180)
        #expect(scrape.value("loadgen_integrity_violations_total", ["kind": "duplicated"]) == 1)
        #expect(scrape.value("loadgen_clients_target") == 20)
        #expect(scrape.value("loadgen_clients_connected") == 20)
        #expect(scrape.value("loadgen_schedule_lag_seconds") == 0.002)
        #expect(scrape.value("loadgen_delivery_duration_seconds_count") == 3)
        #expect(scrape.value("loadgen_delivery_duration_seconds_bucket", ["le": "0.0005"]) == 2)
        #expect(scrape.value("loadgen_delivery_duration_seconds_bucket", ["le": "0.005"]) == 3)
        let sum = try #require(scrape.value("loadgen_delivery_duration_seconds_sum"))
        #expect(abs(sum - 0.0037) < 0.00001, "to the histogram's resolution")
    }

    @Test func onlyThePresentPhaseIsOn() throws {
        let metrics = LoadMetrics()
        metrics.record(Self.progress("warmup", counts: LoopCounts()))
        metrics.record(Self.progress("steady", counts: LoopCounts()))
        func info(_ phase: String) throws -> Double? {
            try Self.scrape(metrics).value(
                "loadgen_run_info", ["scenario": "quick", "setup": "embedded", "phase": phase])
        }
        #expect(try info("warmup") == 0)
        #expect(try info("steady") == 1)
        metrics.finish()
        #expect(try info("steady") == 0)
        #expect(try Self.scrape(metrics).value("loadgen_clients_connected") == 0)
    }
}
