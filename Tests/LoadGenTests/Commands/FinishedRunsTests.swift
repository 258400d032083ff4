import Foundation
import Testing

@testable import LoadGen

@Suite struct FinishedRunsTests {
    /// A figure as `make perf` writes it.
    private struct Figure {
        var name = "fanout.rate_1000"
        var unit = "deliveries/server CPU s"
        var better = "higher"
        var value: Double?
        var floor: Double?
        var failed: String?

        var json: String {
            let failure = failed.map { "\"failed\": \"\($0)\"," } ?? ""
            let values = value.map { "\"values\": [\($0)], \"median\": \($0)," } ?? "\"values\": [],"
            let bare = floor.map { "\"floor\": {\"what\": \"bare\", \"values\": [\($0)], \"median\": \($0)}," } ?? ""
            let ratio = zip([value].compactMap(\.self), [floor].compactMap(\.self)).map { $0 / $1 }.first
            return """
                {"name": "\(name)", "what": "…", "unit": "\(unit)", "better": "\(better)", \(values) \(bare) \(failure)
                 \(ratio.map { "\"ratio\": \($0)," } ?? "") "target": {"at_least": 1}, "holds": true}
                """
        }
    }

    private static func text(_ figures: [Figure], commit: String = "aaaaaaaaaaaa", minute: Int = 0) -> String {
        """
        {"schema": 1, "kind": "perf", "commit": "\(commit)", "dirty": \(commit.hasPrefix("b")), "rounds": 1,
         "began_at": "2026-11-27T15:\(minute < 10 ? "0" : "")\(minute):00Z",
         "machine": {"cpu": "A CPU", "cores": 2, "kernel": "6.1"},
         "figures": [\(figures.map(\.json).joined(separator: ","))]}
        """
    }

    private static func write(_ text: String, _ name: String, in folder: URL) throws -> String {
        let file = folder.appendingPathComponent(name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    /// One file for each block of each side, in turn (ABBA …).
    private static func compare(_ before: [[Figure]], _ after: [[Figure]]) throws -> Comparison {
        var comparison = Comparison()
        try withTemporaryFolder { folder in
            let paths = try [("a", before), ("b", after)].enumerated().map { side, blocks in
                try blocks.1.enumerated().map { place, figures in
                    let minute = place * 2 + (place + side) % 2
                    let commit = String(repeating: blocks.0, count: 12)
                    return try write(text(figures, commit: commit, minute: minute), "\(commit)-\(place)", in: folder)
                }
            }
            comparison = try FinishedRuns.comparison(of: paths[0], with: paths[1], seed: 1)
        }
        return comparison
    }

    /// 4 against 4: the floor wanders, and carries the figure with it; after is a fifth better.
    private static let before = zip([400.0, 440, 380, 420], [800.0, 881, 762, 838])
        .map { [Figure(value: $0, floor: $1)] }
    private static let after = zip([500.0, 460, 530, 480], [833.0, 768, 881, 802])
        .map { [Figure(value: $0, floor: $1)] }

    @Test func verdictsOnFixedNumbers() throws {
        let comparison = try Self.compare(Self.before, Self.after)
        #expect(comparison.scenario == "perf" && comparison.setups == ["before", "after"] && comparison.blocks == 4)
        #expect(
            comparison.runs.map(\.setup) == ["before", "after", "after", "before"] + [
                "before", "after", "after", "before",
            ])
        #expect(comparison.environment.cpu == "A CPU" && comparison.environment.cores == 2)
        #expect(comparison.comparisons.map(\.metric) == ["fanout.rate_1000", "fanout.rate_1000 / floor"])
        let (value, ratio) = (comparison.comparisons[0], comparison.comparisons[1])
        #expect(value.unit == .perSecond && value.better == .higher && value.verdict == .faster)
        #expect(value.aMedian == 410 && value.bMedian == 490 && value.nA == 4 && value.nB == 4)
        #expect(value.pAdjusted == 2.0 / 70, "each block of one side is above each of the other")
        #expect(ratio.unit == .ratio && ratio.better == .higher && ratio.verdict == .faster)
        #expect(abs((ratio.difference ?? 0) - 0.2) < 0.01)
        // The floor takes its own wandering with it.
        #expect(try #require(ratio.detectable) < #require(value.detectable) / 5)
        #expect(comparison.notes == ["before: aaaaaaaaaaaa", "after: bbbbbbbbbbbb with changes"])
    }

    @Test func theSameTwiceDiffersInNothing() throws {
        let comparison = try Self.compare(Self.before, Self.before.reversed())
        #expect(comparison.comparisons.map(\.verdict) == [.none, .none])
    }

    @Test func unitsAreThoseOfComparisons() throws {
        let units = [("ms", 2e6), ("s", 2), ("KB/connection", 2e3), ("connections/s", 2), ("% below the best", 2)]
        let block = units.map { Figure(name: $0.0, unit: $0.0, better: "lower", value: 2) }
        let comparison = try Self.compare([block, block], [block, block])
        #expect(comparison.comparisons.map(\.aMedian) == units.map(\.1))
        #expect(comparison.comparisons.map(\.unit) == [.nanoseconds, .seconds, .bytes, .perSecond, .count])
        #expect(comparison.notes.contains { $0.contains("fewer than 4 blocks") })
    }

    @Test func whatASideLacksIsLeftOutWithTheReason() throws {
        let lost = Figure(name: "idle.server", unit: "KB/connection", better: "lower", failed: "no such option")
        let measured = Figure(name: "idle.server", unit: "KB/connection", better: "lower", value: 6)
        let comparison = try Self.compare(Self.before.map { $0 + [lost] }, Self.after.map { $0 + [measured] })
        #expect(comparison.comparisons.map(\.metric) == ["fanout.rate_1000", "fanout.rate_1000 / floor"])
        #expect(comparison.notes.contains("idle.server is left out, since before has none: no such option"))
        // What has failed counts for nothing, also where it has values.
        var half = Self.after
        half[1][0].failed = "a message was lost"
        let short = try Self.compare(Self.before, half)
        #expect(short.comparisons.map(\.nB) == [3, 3])
        #expect(short.notes.contains("fanout.rate_1000 failed in 1 of after's 4 blocks: a message was lost"))
        // A file may not have it at all.
        let none = try Self.compare(Self.before, Self.after.map { _ in [measured] })
        #expect(none.comparisons.isEmpty)
        #expect(none.notes.contains("fanout.rate_1000 is left out, since after has none: it was not measured"))
    }

    @Test func aFigureThatMeansSomethingElseIsNotCompared() throws {
        let other = Self.after.map { _ in [Figure(unit: "ms", better: "lower", value: 3)] }
        #expect { try Self.compare(Self.before, other) } throws: {
            $0 is UsageError && "\($0)".contains("fanout.rate_1000 is not the same figure")
        }
    }

    @Test func runsAndPerfFilesDoNotMix() throws {
        try withTemporaryFolder { folder in
            let perf = try Self.write(Self.text([Figure(value: 1)]), "perf.json", in: folder)
            let run = try Self.write(
                String(decoding: SampleSummary.passing.json(), as: UTF8.self), "summary.json", in: folder)
            for (before, after) in [([perf], [run]), ([run], [perf]), ([perf, folder.path], [perf])] {
                #expect { try FinishedRuns.comparison(of: before, with: after, seed: 1) } throws: {
                    $0 is UsageError && "\($0)".contains("is a file of make perf, and")
                }
            }
            #expect(try FinishedRuns.comparison(of: [run], with: [folder.path], seed: 1).runs.count == 2)
            #expect { try FinishedRuns.comparison(of: [perf], with: ["/nowhere"], seed: 1) } throws: {
                $0 is ReportError && "\($0)".contains("cannot read /nowhere")
            }
        }
    }

    @Test(arguments: [
        ("{", "malformed JSON"), ("[]", "neither of a run nor of make perf"),
        ("{\"schema\": 2, \"kind\": \"perf\"}", "this LoadGen reads schema 1"),
        ("{\"schema\": 1, \"kind\": \"perf\"}", "commit is missing"),
        ("{\"schema\": 1, \"kind\": \"other\"}", "is not a run's summary"),
    ])
    func brokenFilesAreTold(text: String, hint: String) throws {
        try withTemporaryFolder { folder in
            let good = try Self.write(text.contains("other") ? text : Self.text([Figure(value: 1)]), "good", in: folder)
            let broken = try Self.write(text, "broken", in: folder)
            #expect { try FinishedRuns.comparison(of: [good], with: [broken], seed: 1) } throws: {
                $0 is ReportError && "\($0)".contains(hint)
            }
        }
    }

    /// The terminal's table, and the page, from what was written.
    @Test func isShownLikeAComparisonOfRuns() throws {
        let comparison = try Self.compare(Self.before, Self.after)
        let text = TerminalComparison.render(comparison, color: false, width: 100)
        #expect(text.contains("Better: fanout.rate_1000, fanout.rate_1000 / floor."))
        #expect(text.contains(#/\n  fanout\.rate_1000 +410\/s ± /#))
        #expect(text.contains(#/\n    \/ floor +0\.50 ± /#))
        try withTemporaryFolder { out in
            let folder = RunFolder(existing: out)
            try folder.write(comparison.json(), to: ReportSource.comparisonName)
            let source = try ReportSource.read(folder)
            #expect(try source.text(color: false, width: 100).hasPrefix(text.dropLast(2)))
            guard case .comparison(_, let document) = source else {
                Issue.record("a comparison's folder is read as something else")
                return
            }
            #expect(document.comparisons.map(\.word) == ["better", "better"])
            let page = source.html
            #expect(page.contains("fanout.rate_1000 / floor") && page.contains("aaaaaaaaaaaa-3 --against "))
            #expect(!page.contains("open files") && !page.contains("--setups"))
            #expect(xmlError(try bodyAsXML(page)) == nil)
        }
    }
}
