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
            let claimed = MetricVerdict.claims(a, b, alpha: 0.05, seed: 1)
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
        print("A/A blocks \(blocks) common \(common): \(rate)")
        // 5 %, and three standard errors of the simulation.
        #expect(rate.any <= 0.05 + 3 * (0.05 * 0.95 / Double(comparisons)).squareRoot())
    }

    @Test(arguments: [(5, 0.03, 0.5), (5, 0.05, 0.5), (5, 0.1, 0.5), (6, 0.05, 0.5), (6, 0.1, 0.5)])
    func twentyPercentAreFound(blocks: Int, spread: Double, common: Double) {
        let rate = claims(
            comparisons: 200, blocks: blocks, spread: spread, common: common, shift: 0.2, shifted: 3, seed: 7)
        print("+20 % blocks \(blocks) spread \(spread): \(rate)")
    }
}
