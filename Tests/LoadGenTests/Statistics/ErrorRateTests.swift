import Foundation
import Testing

@testable import LoadGen

/// What the method claims where the truth is known.
@Suite struct ErrorRateTests {
    private static let metrics = 25

    /// The share of comparisons in which anything was claimed, and in which the first metric was.
    private func claims(
        comparisons: Int, blocks: Int, spread: Double, common: Double, shift: Double, shifted: Int = metrics,
        seed: UInt64
    ) -> (any: Double, first: Double) {
        var simulation = SimulatedBlocks(seed: seed)
        var (any, first) = (0, 0)
        for _ in 0..<comparisons {
            let a = simulation.metrics(Self.metrics, blocks: blocks, spread: spread, common: common)
            var b = simulation.metrics(Self.metrics, blocks: blocks, spread: spread, common: common)
            for metric in 0..<shifted { b[metric] = b[metric].map { $0.map { $0 * (1 + shift) } } }
            let claimed = BlockAnalysis.analyse(a, b, seed: 1).map(\.isShown)
            if claimed.contains(true) { any += 1 }
            if claimed[0] { first += 1 }
        }
        return (Double(any) / Double(comparisons), Double(first) / Double(comparisons))
    }

    @Test(arguments: [(4, 0.0), (5, 0.0), (5, 0.7), (6, 0.5), (8, 0.5)])
    func withoutADifferenceHardlyAnythingIsClaimed(blocks: Int, common: Double) {
        let comparisons = blocks > 6 ? 100 : 1_000
        let rate = claims(
            comparisons: comparisons, blocks: blocks, spread: 0.1, common: common, shift: 0, seed: UInt64(blocks))
        // 5 %, and three standard errors of the simulation.
        let bound = 0.05 + 3 * (0.05 * 0.95 / Double(comparisons)).squareRoot()
        #expect(rate.any <= bound, "\(rate.any) of \(comparisons)")
    }

    /// A machine that slows by half over the session slows both setups alike, because the blocks are interleaved.
    @Test func driftIsNoDifference() {
        let schedule = BlockSchedule(setups: ["a", "b"], blocks: 6)
        var simulation = SimulatedBlocks(seed: 21)
        var claimed = 0
        let comparisons = 400
        for _ in 0..<comparisons {
            var sides: [String: [[Double?]]] = [:]
            for (order, slot) in schedule.slots.enumerated() {
                let drift = 1 + 0.5 * Double(order) / Double(schedule.slots.count)
                let block = simulation.metrics(Self.metrics, blocks: 1, median: 100 * drift, spread: 0.05, common: 0.5)
                sides[slot.setup, default: Array(repeating: [], count: Self.metrics)] = zip(
                    sides[slot.setup] ?? Array(repeating: [], count: Self.metrics), block
                ).map { $0 + $1 }
            }
            if BlockAnalysis.analyse(sides["a"] ?? [], sides["b"] ?? [], seed: 1).contains(where: \.isShown) {
                claimed += 1
            }
        }
        #expect(Double(claimed) / Double(comparisons) <= 0.05, "\(claimed) of \(comparisons)")
    }

    /// Three metrics of 25 differ by 20 %; the others do not. The spread is that of a metric from block to block.
    @Test(arguments: [(5, 0.03, 0.98), (5, 0.05, 0.7), (6, 0.05, 0.9)])
    func twentyPercentAreFound(blocks: Int, spread: Double, power: Double) {
        let rate = claims(
            comparisons: 200, blocks: blocks, spread: spread, common: 0.5, shift: 0.2, shifted: 3, seed: 7)
        #expect(rate.first >= power, "\(rate.first)")
    }

    /// What the test says it could have shown, it shows about four times in five.
    @Test(arguments: [5, 6])
    func theDetectableDifferenceIsDetectable(blocks: Int) throws {
        var simulation = SimulatedBlocks(seed: 12)
        var found = 0
        var promised: [Double] = []
        let comparisons = 300
        // What is promised varies with the spread that a few blocks happen to show; its median is the figure to try.
        for _ in 0..<100 {
            let a = simulation.metrics(10, blocks: blocks, spread: 0.05)
            let b = simulation.metrics(10, blocks: blocks, spread: 0.05)
            let critical = StepDown(a, b, seed: 1).criticalCorrelation
            if let share = DetectableDifference.relative(a[0], b[0], criticalCorrelation: critical) {
                promised.append(share)
            }
        }
        let difference = try #require(Descriptive.median(promised))
        for _ in 0..<comparisons {
            let a = simulation.metrics(10, blocks: blocks, spread: 0.05)
            var b = simulation.metrics(10, blocks: blocks, spread: 0.05)
            b[0] = b[0].map { $0.map { $0 * (1 + difference) } }
            if BlockAnalysis.analyse(a, b, seed: 1).map(\.isShown)[0] { found += 1 }
        }
        let power = Double(found) / Double(comparisons)
        #expect((0.68...0.9).contains(power), "\(difference) was found in \(power)")
    }
}
