import Foundation
import Testing

@testable import LoadGen

@Suite struct TerminalComparisonTests {
    private func render(_ comparison: Comparison, folder: String? = nil, color: Bool = false, width: Int) -> String {
        TerminalComparison.render(comparison, folder: folder, color: color, width: width)
    }

    @Test func wide() {
        let text = render(SampleComparison.comparison, folder: "bench-results/compare", width: 118)
        #expect(text == ComparisonGolden.wide)
    }

    @Test func narrow() {
        #expect(render(SampleComparison.comparison, width: 80) == ComparisonGolden.narrow)
    }

    @Test(arguments: [80, 88, 100, 114, 140])
    func fitsTheWidth(width: Int) {
        let longest = render(SampleComparison.comparison, width: width).split(separator: "\n").map(\.count).max() ?? 0
        #expect(longest <= width)
    }

    @Test(arguments: [80, 118])
    func colorIsTheOnlyDifference(width: Int) {
        let plain = render(SampleComparison.comparison, width: width)
        let stripped = render(SampleComparison.comparison, color: true, width: width)
            .replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(stripped == plain)
        #expect(!plain.contains("\u{1B}"))
    }

    @Test func nothingToCompareSaysSo() {
        var empty = Comparison(scenario: "x", baseline: "a", setups: ["a", "b"], blocks: 5)
        empty.analyse()
        let text = render(empty, width: 80)
        #expect(text.contains("Nothing to compare"))
        #expect(text.contains("fewer than 4 blocks"))
    }

    /// The same setup under two names.
    @Test func noDifferenceIsAProperVerdict() {
        var same = SampleComparison.comparison
        same.notes = []
        for place in same.runs.indices {
            same.runs[place].metrics = ["deliver.p50": 1e6 + Double((place * 7) % 5) * 1e4]
        }
        same.analyse()
        #expect(render(same, width: 118).contains("No difference detected in any of 1 metrics."))
    }

    @Test func aDifferenceFromNothingHasNoRatio() {
        var comparison = SampleComparison.comparison
        for place in comparison.runs.indices {
            comparison.runs[place].metrics = [
                "messages.cross_instance_share": comparison.runs[place].setup == "nonsticky" ? 0 : 0.5
            ]
        }
        comparison.analyse()
        #expect(comparison.comparisons.first?.difference == nil)
        #expect(render(comparison, width: 118).contains("+50% from 0% higher"))
    }

    @Test func widthIsNeverTakenFromTheBlankBetweenTwoSides() {
        var comparison = SampleComparison.comparison
        for place in comparison.runs.indices {
            comparison.runs[place].metrics = ["messages.delivery_rate": 3_117_190 + Double((place * 7) % 5) * 900_000]
        }
        comparison.analyse()
        let row = render(comparison, width: 118).split(separator: "\n").first { $0.contains("/s ±") }
        #expect(row?.matches(of: /\s[0-9,]+\/s ± *[0-9]+%/).count == 2, "\(row ?? "")")
    }

    @Test(arguments: [
        (0.123, "+12.3%"), (-0.04, "-4.0%"), (0.0001, "0%"), (15, "×16"), (9.5, "+950.0%"), (Double.infinity, "–"),
    ])
    func signedShares(share: Double, text: String) {
        #expect(TerminalComparison.signed(share) == text)
    }
}

@Suite struct TerminalPlanTests {
    private let scenario = Scenario(
        name: "steady-rooms", clients: 1_000, rooms: RoomsSpec(count: 50, members: .fixed(20)), phases: [])

    @Test func plan() {
        let policies = TerminalPlan.policies(scenario, instances: [2, 4, 8, 16])
        #expect(TerminalPlan.render(scenario, policies: policies, color: false, width: 88) == ComparisonGolden.plan)
    }

    @Test func theSameSeedGivesTheSamePlan() {
        let zipf = Scenario(
            name: "zipf", clients: 300, rooms: RoomsSpec(count: 60, members: .zipf(exponent: 1.1, max: 200)), phases: []
        )
        let texts = (0..<2).map { _ in
            TerminalPlan.render(
                zipf, policies: TerminalPlan.policies(zipf, instances: [2, 16], seed: 5), color: true, width: 80)
        }
        #expect(texts[0] == texts[1])
    }
}
