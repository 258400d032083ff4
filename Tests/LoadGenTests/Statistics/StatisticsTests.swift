import Foundation
import Testing

@testable import LoadGen

/// The edges: what few, missing, equal and absurd values do.
@Suite struct StatisticsTests {
    @Test func emptySidesHaveNoFigures() {
        #expect(Descriptive.median([]) == nil)
        #expect(Descriptive.mean([]) == nil)
        #expect(Descriptive.standardDeviation([1]) == nil)
        #expect(Descriptive.hodgesLehmann([], [1]) == nil)
        #expect(Descriptive.relativeDifference([0, 0], [1, 1]) == nil)
        #expect(Descriptive.quantile([1], 1.5) == nil)
        #expect(MannWhitney([], [1]) == nil)
        #expect(MannWhitney([1], [.nan]) == nil)
        #expect(BootstrapInterval([1], [2, 3], seed: 1) == nil)
    }

    @Test(arguments: [(5, 5, 252.0), (4, 4, 70), (6, 4, 210), (1, 1, 2), (0, 3, 1)])
    func labelingsAreAllThereAre(a: Int, b: Int, ways: Double) {
        let labelings = Labelings(a, b, seed: 1)
        #expect(Labelings.ways(a, b) == ways)
        #expect(Double(labelings.count) == ways && labelings.isComplete)
        var seen: Set<[Int32]> = []
        for labeling in 0..<labelings.count {
            let members = Array(labelings.members(labeling))
            if labeling == 0 { #expect(members == (0..<a).map(Int32.init)) }
            #expect(members.sorted() == members)
            seen.insert(members)
        }
        #expect(seen.count == labelings.count)
    }

    @Test func exactFrequenciesAddUpToAllOrders() {
        for (m, n) in [(1, 1), (5, 5), (3, 7), (25, 25)] {
            #expect(MannWhitney.frequencies(m, n).reduce(0, +) == Labelings.ways(m, n))
        }
    }

    /// Its point: completely separated blocks reach 2/252 beside any number of other metrics; Holm's do not.
    @Test func theSmallestAdjustedPDoesNotGrowWithTheMetrics() {
        var simulation = SimulatedBlocks(seed: 3)
        var a = simulation.metrics(25, blocks: 5, spread: 0.05)
        let b = simulation.metrics(25, blocks: 5, spread: 0.05)
        a[0] = [10, 11, 10, 11, 10].map { $0 * 1_000 }
        let test = StepDown(a, b, seed: 1)
        #expect(test.tests[0]?.adjusted == 2.0 / 252)
        #expect((Holm.adjust(test.tests.map { $0?.p })[0] ?? 0) > 0.19)
    }

    @Test func threeBlocksCanShowNothing() {
        let test = StepDown([[1, 1.01, 1.02]], [[9, 9.01, 9.02]], seed: 1)
        #expect(test.tests[0]?.p == 0.1)
        #expect(test.criticalCorrelation == nil)
        #expect(DetectableDifference.relative([1, 1.01, 1.02], [9, 9.01, 9.02], criticalCorrelation: nil) == nil)
        #expect(BlockAnalysis.analyse([[1, 1.01, 1.02]], [[9, 9.01, 9.02]], seed: 1).map(\.isShown) == [false])
    }

    @Test func equalValuesAreNoDifference() {
        let same: [Double?] = [0.1, 0.1, 0.1, 0.1, 0.1]
        #expect(StepDown([same], [same], seed: 1).tests[0] == .init(p: 1, adjusted: 1))
        #expect(BootstrapInterval([0, 0, 0], [0, 0, 0], seed: 1)?.excludesZero == false)
    }

    /// A share that is exactly 0.5 on one side and 0 on the other has no spread, and is yet the plainest difference.
    @Test func aDifferenceWithoutSpreadIsShown() {
        let half: [Double?] = [0.5, 0.5, 0.5, 0.5, 0.5]
        let none: [Double?] = [0, 0, 0, 0, 0]
        #expect(BlockAnalysis.analyse([half], [none], seed: 1).map(\.isShown) == [true])
        #expect(BlockAnalysis.analyse([none], [half], seed: 1).map(\.isShown) == [true])
        let interval = BootstrapInterval([0, 0, 0, 0, 0], [0.5, 0.5, 0.5, 0.5, 0.5], seed: 1)
        #expect(interval?.low == 0.5 && interval?.relativeLow == nil)
    }

    @Test func missingAndAbsurdValuesAreNoValues() {
        let a: [Double?] = [1, 1.1, nil, 1.05, 1.02, .nan]
        let b: [Double?] = [2, nil, 2.1, 2.05, .infinity, 2.2]
        let test = StepDown([a, [nil, nil, nil, nil, nil, 1]], [b, [1, 2, 3, 4, 5, 6]], seed: 1)
        #expect(test.tests[0] != nil)
        #expect(test.tests[1] == nil)
        #expect(
            BootstrapInterval([.nan, 1, 2], [.infinity, 3, 4], seed: 1) == BootstrapInterval([1, 2], [3, 4], seed: 1))
    }

    /// Where a's median may be 0, the ratio has no upper end.
    @Test func anIntervalWithoutABoundSaysSo() {
        let interval = BootstrapInterval([0, 0, 1, 2, 3], [1, 1, 2, 2, 3], seed: 1)
        #expect(interval?.relativeLow != nil)
        #expect(interval?.relativeHigh == nil)
    }

    @Test func manyBlocksAreSampledAndComeOutAlike() throws {
        var simulation = SimulatedBlocks(seed: 5)
        let (a, b) = (simulation.values(24, spread: 0.1), simulation.values(24, median: 120, spread: 0.1))
        let first = try #require(BootstrapInterval(a, b, seed: 1))
        let second = try #require(BootstrapInterval(a, b, seed: 99))
        #expect((first.low - second.low).magnitude < 2 && (first.high - second.high).magnitude < 2)
        let weights = MedianBootstrap(Array(a.prefix(20)), seed: 1).atoms.map(\.weight).reduce(0, +)
        #expect((weights - 1).magnitude < 1e-9)
    }

    @Test func holmKeepsOrderAndGaps() {
        let adjusted = Holm.adjust([0.01, nil, 0.04, 0.03])
        #expect(adjusted[1] == nil)
        for (ours, expected) in zip(adjusted.compactMap(\.self), [0.03, 0.06, 0.06]) {
            #expect((ours - expected).magnitude < 1e-12)
        }
    }

    @Test(arguments: [
        (-1.0, MetricVerdict.Better.lower, MetricVerdict.faster), (1, .lower, .slower), (1, .higher, .faster),
        (-1, .higher, .slower), (1, .neutral, .higher), (-1, .neutral, .lower), (0, .lower, .none),
    ])
    func verdictsFollowWhatIsBetter(difference: Double, better: MetricVerdict.Better, verdict: MetricVerdict) {
        #expect(MetricVerdict(difference: difference, better: better) == verdict)
        #expect(MetricVerdict(difference: nil, better: better) == .none)
    }
}
