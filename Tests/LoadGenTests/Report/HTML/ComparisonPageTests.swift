import Foundation
import Testing

@testable import LoadGen

@Suite struct ComparisonPageTests {
    private static let json = """
        {"schema": 1, "scenario": "small-rooms", "seed": 7, "started_at": "2026-11-23T23:30:00.000000Z",
         "baseline": "nonsticky", "setups": ["nonsticky", "sticky-room"], "blocks": 2, "confidence": 0.95,
         "runs": [{"setup": "sticky-room", "block": 1, "order": 1, "folder": "b", "started_at": "", "void": true,
                   "verdict": "generator_bottleneck", "metrics": {"deliver.p99": null}},
                  {"setup": "nonsticky", "block": 1, "order": 0, "folder": "a", "started_at": "", "void": false,
                   "verdict": "pass", "metrics": {"deliver.p99": 7e6}}],
         "comparisons": [
           {"metric": "ack.p99", "unit": "ns", "better": "lower", "a": "nonsticky", "b": "sticky-room", "n_a": 5,
            "n_b": 5, "a_median": 4e6, "b_median": 4.1e6, "a_values": [4e6], "b_values": [4.1e6], "difference": 0.025,
            "ci_low": -0.02, "ci_high": 0.06, "p": 0.4, "p_adjusted": 1, "verdict": "no difference detected",
            "detectable": 0.058},
           {"metric": "deliver.p99", "unit": "ns", "better": "lower", "a": "nonsticky", "b": "sticky-room", "n_a": 5,
            "n_b": 5, "a_median": 7e6, "b_median": 5e6, "a_values": [7e6, 7.1e6], "b_values": [5e6],
            "difference": -0.286, "ci_low": -0.32, "ci_high": -0.25, "p": 0.008, "p_adjusted": 0.016, "verdict": "faster",
            "detectable": 0.05},
           {"metric": "servers.cross_instance_share", "unit": "ratio", "better": "neutral", "a": "nonsticky",
            "b": "sticky-room", "difference": null, "verdict": "lower"}],
         "model": [{"setup": "nonsticky", "name": "messages.cross_instance_share", "expected": 0.5, "measured": 0.49}],
         "notes": ["two cores"]}
        """

    private func document() throws -> ComparisonDocument {
        try JSONDecoder().decode(ComparisonDocument.self, from: Data(Self.json.utf8))
    }

    @Test func answersInASentence() throws {
        let report = ComparisonPage(document: try document())
        #expect(report.answer == "In deliver.p99, sticky-room is faster than nonsticky: −28.6% (−32.0% … −25.0%).")
        var undecided = try document()
        undecided.comparisons.remove(at: 1)
        #expect(
            ComparisonPage(document: undecided).answer
                == "In ack.p99, no difference between sticky-room and nonsticky was detected (5.8% would have shown).")
        #expect(ComparisonPage(document: ComparisonDocument()).answer == "Nothing was compared.")
    }

    @Test func findsFollowWhatIsBetter() throws {
        #expect(try document().comparisons.map(\.finding) == [.none, .better, .different])
        var rate = ComparisonDocument.Comparison(metric: "r", better: "higher", a: "a", b: "b", verdict: "lower")
        #expect(rate.finding == .worse)
        rate.verdict = "higher"
        #expect(rate.finding == .better)
        rate.difference = 0.5
        #expect(rate.interval == "+50.0%")
        rate.low = 0.25
        #expect(rate.interval == "+50.0% (+25.0% … +∞)", "an end without a bound")
    }

    @Test func showsBlocksModelAndTable() throws {
        let document = try document()
        #expect(document.runs[0].metrics.isEmpty && document.comparisons[2].medianA == nil)
        let page = ComparisonPage(document: document).render()
        for text in [
            "1. nonsticky", "2. sticky-room", "✗ void", "across instances", "−2.0%", "two cores", "0.016",
            "no difference detected (detectable: ±5.8%)",
            "LoadGen compare small-rooms --setups nonsticky,sticky-room --blocks 2 --seed 7",
        ] {
            #expect(page.contains(text), "\(text)")
        }
    }

    @Test func capacityEndsWithAnInterval() throws {
        let json = """
            {"schema": 1, "scenario": "steady-rooms", "setup": "nonsticky", "of": "clients",
             "rule": "deliver.p99 < 250ms", "seed": 1, "started_at": "", "result": {"outcome": "found", "low": 900, "high": 1100}, "notes": [],
             "steps": [{"order": 1, "load": 1000, "outcome": "passed", "value": 1e8, "reason": null,
                        "folder": "x"}]}
            """
        var document = try JSONDecoder().decode(CapacityDocument.self, from: Data(json.utf8))
        #expect(
            CapacityPage(document: document).answer
                == "nonsticky keeps deliver.p99 < 250ms up to between 900 and 1,100 clients.")
        document.interval.high = nil
        #expect(
            CapacityPage(document: document).answer.hasSuffix("at 900 clients, and no load that was tried broke it."))
        #expect(CapacityPage(document: document).render().contains("✓ passed"))
    }

    /// What `LoadGen compare` writes is what the page reads.
    @Test func readsAComparisonAsItIsWritten() throws {
        try withTemporaryFolder { out in
            let folder = RunFolder(existing: out)
            try folder.write(SampleComparison.comparison.json(), to: "compare.json")
            let source = try ReportSource.read(folder)
            guard case .comparison(_, let document) = source else {
                Issue.record("a comparison's folder is read as something else")
                return
            }
            #expect(document.comparisons.map(\.metric) == SampleComparison.comparison.comparisons.map(\.metric))
            #expect(document.comparisons.first { $0.metric == "servers.cpu_seconds" }?.word == "cheaper")
            #expect(xmlError(try bodyAsXML(source.html)) == nil)
            #expect(try source.text(color: false, width: 100).contains("deliver p50"))
        }
    }

    @Test func foldersAreKnownByWhatIsInThem() throws {
        try withTemporaryFolder { out in
            let folder = RunFolder(existing: out)
            try folder.write(Self.json, to: "compare.json")
            let source = try ReportSource.read(folder)
            #expect(try source.json() == Data(Self.json.utf8))
            guard case .comparison = source else {
                Issue.record("a comparison's folder is read as something else")
                return
            }
            try folder.write(Self.json.replacing("\"schema\": 1", with: "\"schema\": 2"), to: "compare.json")
            #expect(throws: ReportError.self) { try ReportSource.read(folder) }
            try folder.write("{", to: "compare.json")
            #expect { try ReportSource.read(folder) } throws: { "\($0)".contains("malformed JSON") }
        }
    }
}
