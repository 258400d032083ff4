import Foundation

@testable import LoadGen

/// Blocks whose true distribution is known.
struct SimulatedBlocks {
    var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// Box and Muller.
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
    }

    /// For each metric the values of so many blocks: log-normal about `median`.
    /// - Parameters:
    ///   - spread: standard deviation of the logarithm; 0.05 is about 5 %.
    ///   - common: the share of a block's variance that all metrics have in common, as in a noisy minute.
    mutating func metrics(
        _ count: Int, blocks: Int, median: Double = 100, spread: Double, common: Double = 0
    ) -> [[Double?]] {
        let shared = (0..<blocks).map { _ in normal() }
        return (0..<count).map { _ in
            shared.map { shared in
                let deviation = common.squareRoot() * shared + (1 - common).squareRoot() * normal()
                return median * exp(spread * deviation)
            }
        }
    }

    mutating func values(_ blocks: Int, median: Double = 100, spread: Double) -> [Double] {
        (0..<blocks).map { _ in median * exp(spread * normal()) }
    }
}
