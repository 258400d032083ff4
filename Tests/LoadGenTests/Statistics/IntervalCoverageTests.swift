import Foundation
import Testing

@testable import LoadGen

/// How often the 95 % interval holds the true difference.
@Suite struct IntervalCoverageTests {
    @Test(arguments: [4, 5, 6, 7, 8, 10])
    func holdsTheTruth(blocks: Int) {
        var simulation = SimulatedBlocks(seed: UInt64(blocks))
        let trials = 1_500
        var held = 0
        var width = 0.0
        for _ in 0..<trials {
            let a = simulation.values(blocks, spread: 0.1)
            let b = simulation.values(blocks, median: 120, spread: 0.1)
            guard let interval = BootstrapInterval(a, b, seed: 1), let low = interval.relativeLow,
                let high = interval.relativeHigh
            else { continue }
            if low <= 0.2, 0.2 <= high { held += 1 }
            width += high - low
        }
        print("coverage n \(blocks): \(Double(held) / Double(trials)), width \(width / Double(trials))")
    }
}
