import Foundation
import Testing

@testable import LoadGen

@Suite struct ComparisonTests {
    private let comparison = SampleComparison.comparison

    private func pair(_ metric: String) throws -> Comparison.Pair {
        try #require(comparison.comparisons.first { $0.metric == metric })
    }

    @Test func verdicts() throws {
        #expect(try pair("deliver.p50").verdict == .faster)
        #expect(try pair("deliver.p99").verdict == .none)
        #expect(try pair("messages.delivery_rate").verdict == .none)
        #expect(try pair("messages.cross_instance_share").verdict == .lower)
        #expect(try pair("connections.max_over_mean").verdict == .slower)
        #expect(try pair("servers.cpu_seconds").verdict == .faster)
    }

    @Test func figures() throws {
        let pair = try pair("deliver.p50")
        #expect(pair.unit == .nanoseconds && pair.better == .lower)
        #expect(pair.a == "nonsticky" && pair.b == "sticky-room")
        #expect(pair.nA == 5 && pair.nB == 5)
        #expect(pair.aMedian == 1.21e6 && pair.bMedian == 1.0e6)
        #expect(pair.shift == -0.21e6 && (pair.shiftLow ?? 0) < -0.21e6 && (pair.shiftHigh ?? 0) > -0.21e6)
        #expect(pair.p == 2.0 / 252 && pair.pAdjusted == 2.0 / 252)
        #expect((pair.pHolm ?? 0) > 0.05)
        #expect(try self.pair("deliver.p99").detectable != nil)
    }

    @Test func voidRunsAreKeptAndCountForNothing() {
        #expect(comparison.runs.count == 11)
        #expect(comparison.runs.count { $0.void } == 1)
        #expect(comparison.usable("nonsticky").count == 5 && comparison.usable("sticky-room").count == 5)
        #expect(
            comparison.notes == [
                "1 of 11 runs were void (the generator was the bottleneck) and count for nothing"
            ])
    }

    /// Of finished runs there may be more on one side.
    @Test(arguments: [false, true])
    func aSideThatIsShortSaysWhy(isVoid: Bool) throws {
        var short = comparison
        short.notes = []
        let last = try #require(short.runs.lastIndex { $0.setup == "sticky-room" && !$0.void })
        if isVoid { short.runs[last].void = true } else { short.runs.remove(at: last) }
        short.runs.removeAll { $0.void && !isVoid }
        short.analyse()
        let reason = isVoid ? "the others were void" : "there were no more of it"
        #expect(short.notes.contains("sticky-room has 4 of 5 blocks: \(reason)"), "\(short.notes)")
    }

    @Test func whoStoppedItIsNotTheGenerator() throws {
        var stopped = comparison
        stopped.notes = []
        let last = try #require(stopped.runs.lastIndex { $0.setup == "sticky-room" && !$0.void })
        (stopped.runs[last].void, stopped.runs[last].verdict) = (true, .interrupted)
        stopped.analyse()
        #expect(stopped.notes.contains("sticky-room has 4 of 5 blocks: the comparison was stopped"))
        #expect(stopped.notes.contains("1 of 11 runs were stopped before their end and count for nothing"))
    }

    @Test func theFileKeepsItsOrderAndItsNulls() throws {
        let data = try comparison.json()
        #expect(try Comparison.read(data) == comparison)
        let text = String(decoding: data, as: UTF8.self)
        let keys = [
            "schema", "scenario", "seed", "started_at", "baseline", "setups", "blocks", "confidence", "environment",
            "runs", "comparisons", "model", "notes",
        ]
        let found = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }
            .compactMap { $0.split(separator: "\"").dropFirst().first.map(String.init) }
        #expect(found == keys)
        #expect(text.contains("\"verdict\": \"no difference detected\""))
        #expect(text.contains("\"measured\": null"))
        let pair = try pair("servers.cpu_seconds")
        let json = try OrderedJSON(encoding: pair).text()
        let order = json.matches(of: /"([a-z_]+)":/).map { String($0.output.1) }
        #expect(order == Comparison.Pair.CodingKeys.order)
    }

    /// Memory of the one start that a setup had for all its blocks is no repeated measurement: nothing is claimed of it,
    /// and the other metrics are not corrected for it.
    @Test func whatBelongsToOneStartIsNotTested() throws {
        var apart = comparison
        apart.runs = apart.runs.map { run in
            var run = run
            run.metrics["parts.redis.rss_bytes"] = run.setup == "nonsticky" ? 9e6 : 10e6 + Double(run.block)
            return run
        }
        var started = apart
        started.notes = []
        started.analyse(oneStart: true)
        let memory = try #require(started.comparisons.first { $0.metric == "parts.redis.rss_bytes" })
        #expect(memory.verdict == .untested && memory.p == nil && memory.pAdjusted == nil)
        #expect(memory.difference.map { $0 > 0.1 } == true, "it is shown")
        #expect(started.notes.contains { $0.contains("each setup had one") })
        let cpu = try #require(started.comparisons.first { $0.metric == "servers.cpu_seconds" })
        #expect(cpu.verdict == .faster)
        // Runs that were each started for themselves are repetitions.
        apart.analyse()
        #expect(apart.comparisons.first { $0.metric == "parts.redis.rss_bytes" }?.verdict == .slower)
        #expect(!TerminalComparison.render(started, folder: "x", color: false, width: 100).contains("redis memory: "))
    }

    @Test func otherBaselinesAndNoBlocksAreNoCrash() {
        var empty = Comparison(scenario: "x", baseline: "a", setups: ["a", "b"], blocks: 5)
        empty.analyse()
        #expect(empty.comparisons.isEmpty && empty.notes.count == 3)
    }
}

extension Comparison.Pair.CodingKeys {
    fileprivate static let order = [
        "metric", "unit", "better", "a", "b", "n_a", "n_b", "a_median", "b_median", "a_values", "b_values",
        "difference", "ci_low", "ci_high", "shift", "shift_low", "shift_high", "p", "p_adjusted", "p_holm",
        "p_mann_whitney", "verdict", "detectable",
    ]
}

@Suite struct MetricDefinitionTests {
    @Test func namesAreUniqueAndMostlyTheThresholds() {
        let names = MetricDefinition.table.map(\.name)
        #expect(Set(names).count == names.count)
        let own = ["connections.max_over_mean", "rooms.per_instance", "broker.messages_per_publish"]
        for metric in MetricDefinition.table where !own.contains(metric.name) && !metric.name.hasPrefix("reconnect.") {
            #expect(ThresholdMetric.named(metric.name) != nil, "\(metric.name)")
        }
    }

    @Test func aSummaryAndItsExtras() {
        var summary = SampleSummary.passing
        var values = MetricDefinition.values(summary, extras: ["parts.redis.cpu_seconds": 0.5, "nobody.knows": 1])
        #expect(values["deliver.p99"] == 3_100_000)
        #expect(values["messages.delivery_rate"] == 10_000)
        #expect(values["servers.cpu_seconds"] == 7.4)
        #expect(values["parts.redis.cpu_seconds"] == 0.5)
        #expect(values["nobody.knows"] == nil)
        #expect(values["connections.max_over_mean"] == nil)
        #expect(values["broker.messages_per_publish"] == nil)
        summary.servers.append(.init(instance: "b", connectionsMax: 500))
        summary.latency[.deliver] = .init()
        values = MetricDefinition.values(summary, extras: ["broker.messages_per_publish": 1.9])
        #expect(values["connections.max_over_mean"] == 1_000.0 / 750)
        #expect(values["deliver.p99"] == nil)
        #expect(values["broker.messages_per_publish"] == 1.9)
    }
}

@Suite struct BlockScheduleTests {
    private func play(_ schedule: BlockSchedule, void: (Int) -> Bool) -> (order: String, end: BlockSchedule.Step) {
        var results: [(slot: BlockSchedule.Slot, void: Bool)] = []
        while true {
            let step = schedule.next(after: results)
            guard case .run(let slot) = step else {
                return (results.map { $0.void ? $0.slot.setup.lowercased() : $0.slot.setup }.joined(), step)
            }
            results.append((slot, void(results.count)))
        }
    }

    @Test(arguments: [
        (["A", "B"], 4, "ABBAABBA"), (["A", "B", "C"], 3, "ABCCBAABC"), (["A"], 2, "AA"), (["A", "B"], 0, ""),
    ])
    func forwardAndBack(setups: [String], blocks: Int, order: String) {
        let (played, end) = play(BlockSchedule(setups: setups, blocks: blocks)) { _ in false }
        #expect(played == order && end == .finished)
    }

    @Test func aVoidBlockRunsAgainAtOnce() {
        let (order, end) = play(BlockSchedule(setups: ["A", "B"], blocks: 2)) { $0 == 1 || $0 == 2 }
        #expect(order == "AbbBBA" && end == .finished)
    }

    @Test func replacementsAreBounded() {
        let (order, end) = play(BlockSchedule(setups: ["A", "B"], blocks: 3, replacements: 2)) { $0 > 0 }
        #expect(order == "Abbb" && end == .exhausted(setup: "B"))
    }
}
