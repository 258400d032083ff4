import Testing

@testable import LoadGen

@Suite struct ThresholdParseTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let rule: String
        let metric: String
        let comparison: Threshold.Comparison
        let limit: Double

        var testDescription: String { rule }
    }

    @Test(arguments: [
        Good(rule: "deliver.p99 < 250ms", metric: "deliver.p99", comparison: .less, limit: 250e6),
        Good(rule: "deliver.p99<250ms", metric: "deliver.p99", comparison: .less, limit: 250e6),
        Good(rule: "  ack.p50   <=  1.5 s ", metric: "ack.p50", comparison: .lessOrEqual, limit: 1.5e9),
        Good(rule: "ack.p99.9 < 900us", metric: "ack.p999", comparison: .less, limit: 900e3),
        Good(rule: "ack.p99.99 < 900\u{B5}s", metric: "ack.p9999", comparison: .less, limit: 900e3),
        Good(rule: "ack.max < 900\u{3BC}s", metric: "ack.max", comparison: .less, limit: 900e3),
        Good(rule: "connect.min > 10ns", metric: "connect.min", comparison: .greater, limit: 10),
        Good(rule: "stage_persist.mean < 2ms", metric: "stage_persist.mean", comparison: .less, limit: 2e6),
        Good(rule: "deliver.count >= 1000", metric: "deliver.count", comparison: .greaterOrEqual, limit: 1_000),
        Good(rule: "integrity.lost == 0", metric: "integrity.lost", comparison: .equal, limit: 0),
        Good(rule: "clients.failed != 1", metric: "clients.failed", comparison: .notEqual, limit: 1),
        Good(rule: "messages.send_rate > 499.5/s", metric: "messages.send_rate", comparison: .greater, limit: 499.5),
        Good(rule: "messages.delivery_rate > 9000", metric: "messages.delivery_rate", comparison: .greater, limit: 9e3),
        Good(
            rule: "messages.cross_instance_share < 12.5%", metric: "messages.cross_instance_share", comparison: .less,
            limit: 0.125),
        Good(rule: "generator.lag.p99 < 5ms", metric: "generator.lag.p99", comparison: .less, limit: 5e6),
        Good(rule: "generator.cpu_seconds < 12", metric: "generator.cpu_seconds", comparison: .less, limit: 12),
        Good(rule: "generator.cpu_seconds < 1500ms", metric: "generator.cpu_seconds", comparison: .less, limit: 1.5),
        Good(rule: "generator.rss_bytes < 6KiB", metric: "generator.rss_bytes", comparison: .less, limit: 6_144),
        Good(rule: "servers.rss_bytes < 200MB", metric: "servers.rss_bytes", comparison: .less, limit: 200e6),
        Good(rule: "errors.total == 0", metric: "errors.total", comparison: .equal, limit: 0),
    ])
    func reads(good: Good) throws {
        let threshold = try Threshold.parse(good.rule)
        #expect(threshold.metric.name == good.metric)
        #expect(threshold.comparison == good.comparison)
        #expect(threshold.limit == good.limit)
    }

    @Test(arguments: [
        ("", "the threshold is empty; write METRIC OP VALUE, as in \"deliver.p99 < 250ms\""),
        (
            "deliver.p99 250ms",
            """
            "deliver.p99 250ms" compares nothing; write METRIC OP VALUE, as in "deliver.p99 < 250ms", with one of \
            < <= > >= == !=
            """
        ),
        ("integrity.lost = 0", "\"=\" is no operator; write =="),
        ("ack.p99 =< 1ms", "\"=<\" is no operator; write <="),
        ("ack.p99 ≤ 1ms", "\"≤\" is no operator; write <="),
        ("ack.p99 ~~ 1ms", "\"~~\" is no operator; use one of < <= > >= == !="),
        ("< 1ms", "\"< 1ms\" names no metric; write METRIC OP VALUE, as in \"deliver.p99 < 250ms\""),
        ("ack.p99 <", "\"ack.p99 <\" has no value; write a number with a unit: ns, us, µs, ms or s, as in 250ms"),
        (
            "ack.p99 < 100",
            "\"100\" needs a unit for ack.p99; write a number with a unit: ns, us, µs, ms or s, as in 250ms"
        ),
        (
            "ack.p99 < 100m",
            "\"m\" is no unit for ack.p99; write a number with a unit: ns, us, µs, ms or s, as in 250ms"
        ),
        ("integrity.lost == 0ms", "\"ms\" is no unit for integrity.lost; write a whole number, as in 0"),
        ("integrity.lost < 0.5", "\"0.5\" is no value for integrity.lost; write a whole number, as in 0"),
        ("messages.sent > 10,000", "\"10,000\" is no value for messages.sent; write a whole number, as in 0"),
        ("clients.failed < -1", "\"-1\" is no value for clients.failed; write a whole number, as in 0"),
        ("clients.failed < nan", "\"nan\" is no value for clients.failed; write a whole number, as in 0"),
        (
            "messages.cross_instance_share < 0.5",
            "\"0.5\" needs a unit for messages.cross_instance_share; write a percentage, as in 50%"
        ),
        (
            "messages.send_rate > 5/m",
            "\"/m\" is no unit for messages.send_rate; write a number a second, as in 500 or 500/s"
        ),
        ("delivr.p99 < 1ms", "there is no metric \"delivr.p99\"; did you mean deliver.p99?"),
        ("Deliver.P99 < 1ms", "there is no metric \"Deliver.P99\"; did you mean deliver.p99?"),
        ("lost == 0", "there is no metric \"lost\"; did you mean integrity.lost?"),
        ("latency_ns.ack.p99 < 1ms", "there is no metric \"latency_ns.ack.p99\"; did you mean ack.p99?"),
        ("ack.p95 < 1ms", "there is no metric \"ack.p95\"; did you mean ack.p90 or ack.p99?"),
        (
            "weather == 0",
            """
            there is no metric "weather"; metrics are a latency series and a statistic, as in deliver.p99, or a \
            count, as in integrity.lost
            """
        ),
    ])
    func refuses(rule: String, message: String) {
        do throws(ThresholdError) {
            let threshold = try Threshold.parse(rule)
            Issue.record("read as \(threshold)")
        } catch {
            #expect("\(error)" == message)
        }
    }

    @Test func everySeriesHasEveryStatistic() {
        for series in Summary.Series.allCases {
            for statistic in ["min", "mean", "p50", "p90", "p99", "p999", "p9999", "max", "count", "p99.9", "p99.99"] {
                #expect(ThresholdMetric.named("\(series.rawValue).\(statistic)") != nil)
            }
        }
        #expect(Set(Threshold.metricNames).count == Threshold.metricNames.count)
    }
}

@Suite struct ThresholdEvaluationTests {
    @Test(arguments: [
        ("deliver.p99 < 250ms", 3_100_000.0, true),
        ("deliver.p99 < 3.1ms", 3_100_000, false),
        ("deliver.p99 <= 3.1ms", 3_100_000, true),
        ("deliver.p99 >= 3.1ms", 3_100_000, true),
        ("deliver.p99 > 3.1ms", 3_100_000, false),
        ("deliver.p99.9 == 6.2ms", 6_200_000, true),
        ("deliver.p9999 != 6.2ms", 9_300_000, true),
        ("deliver.count == 199999", 200_000, false),
        ("integrity.lost == 0", 4, false),
        ("integrity.out_of_order == 1", 1, true),
        ("messages.cross_instance_share == 50%", 0.5, true),
        ("messages.unsent < 4", 3, true),
        ("messages.send_rate >= 500/s", 500, true),
        ("clients.connected >= 998", 998, true),
        ("errors.total == 12", 12, true),
        ("generator.lag.p99 < 1ms", 180_000, true),
        ("generator.cpu_seconds < 3210ms", 3.21, false),
        ("servers.cpu_seconds < 8s", 7.4, true),
    ])
    func compares(rule: String, value: Double, pass: Bool) throws {
        let result = try Threshold.parse(rule).evaluate(SampleSummary.lossy)
        #expect(result == .init(rule: rule, value: value, pass: pass))
    }

    @Test(arguments: ["stage_send.p99 < 1s", "stage_send.p99 > 0ns", "generator.lag.max < 1s"])
    func nothingMeasuredFails(rule: String) throws {
        let result = try Threshold.parse(rule).evaluate(Summary())
        #expect(!result.pass)
        #expect(result.note?.hasSuffix("has no samples: nothing was measured") == true)
    }

    @Test func aCountOfNoSamplesIsAFigure() throws {
        #expect(try Threshold.parse("ack.count == 0").evaluate(Summary()).pass)
    }
}
