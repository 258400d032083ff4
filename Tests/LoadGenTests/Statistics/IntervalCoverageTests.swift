import Foundation
import Testing

@testable import LoadGen

/// How often the 95 % interval holds the true difference.
@Suite struct IntervalCoverageTests {
    /// Measured with 10 % of spread and a true +20 %: 93 % with 4 blocks a side, 96 to 97 % from 5 on.
    @Test(arguments: [(4, 0.91...0.96), (5, 0.94...0.99), (6, 0.94...0.99), (8, 0.94...0.99), (10, 0.94...0.99)])
    func holdsTheTruth(blocks: Int, expected: ClosedRange<Double>) {
        var simulation = SimulatedBlocks(seed: UInt64(blocks))
        let trials = 1_500
        var held = 0
        for _ in 0..<trials {
            let a = simulation.values(blocks, spread: 0.1)
            let b = simulation.values(blocks, median: 120, spread: 0.1)
            guard let interval = BootstrapInterval(a, b, seed: 1), let low = interval.relativeLow,
                let high = interval.relativeHigh
            else { continue }
            if low <= 0.2, 0.2 <= high { held += 1 }
        }
        let coverage = Double(held) / Double(trials)
        #expect(expected.contains(coverage), "\(coverage)")
    }
}
