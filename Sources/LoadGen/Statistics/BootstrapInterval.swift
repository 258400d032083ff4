import Foundation

/// A 95 % interval of how b's median differs from a's, by the percentile bootstrap (Efron and Tibshirani, "An
/// Introduction to the Bootstrap", 1993, chapter 13).
///
/// Percentile, because BCa's acceleration comes from the jackknife, which is inconsistent for a median (ibid., section
/// 11.6). Ends are values that can occur (inverted distribution function), so they never lie outside what was measured.
/// How often such an interval holds the true difference is a test of its own: see `IntervalCoverageTests`.
struct BootstrapInterval: Sendable, Equatable {
    /// Ends of b - a, in the metric's unit.
    let low: Double
    let high: Double
    /// Ends of b / a - 1. Nil if a's median is not positive; an end is nil where a's median may be 0, and so has no
    /// bound.
    let relativeLow: Double?
    let relativeHigh: Double?

    /// Whether the interval shows a direction.
    var excludesZero: Bool { low > 0 || high < 0 }

    /// Values that are not finite are left out. Nil if a side has fewer than two left: one block has no spread, and an
    /// interval of no width would lie.
    init?(_ a: [Double], _ b: [Double], confidence: Double = 0.95, seed: UInt64) {
        let (a, b) = (a.filter(\.isFinite), b.filter(\.isFinite))
        guard a.count > 1, b.count > 1, let middle = Descriptive.median(a) else { return nil }
        let left = MedianBootstrap(a, seed: seed).atoms
        let right = MedianBootstrap(b, seed: seed &+ 1).atoms
        (low, high) = Self.ends(left, right, confidence) { $1 - $0 }
        guard middle > 0 else {
            (relativeLow, relativeHigh) = (nil, nil)
            return
        }
        let (low, high) = Self.ends(left, right, confidence) { a, b in
            // Nothing against nothing is no difference; something against nothing is beyond any.
            a > 0 ? b / a - 1 : b > 0 ? .infinity : 0
        }
        relativeLow = low.isFinite ? low : nil
        relativeHigh = high.isFinite ? high : nil
    }

    /// The interval of one side's median.
    static func median(_ values: [Double], confidence: Double = 0.95, seed: UInt64) -> ClosedRange<Double>? {
        let values = values.filter(\.isFinite)
        guard values.count > 1 else { return nil }
        let atoms = MedianBootstrap(values, seed: seed).atoms
        let (low, high) = ends(atoms.map { (value: $0.median, weight: $0.weight) }, confidence)
        return low...high
    }

    private static func ends(
        _ a: [MedianBootstrap.Atom], _ b: [MedianBootstrap.Atom], _ confidence: Double,
        _ difference: (Double, Double) -> Double
    ) -> (Double, Double) {
        var outcomes: [(value: Double, weight: Double)] = []
        outcomes.reserveCapacity(a.count * b.count)
        for left in a {
            for right in b {
                outcomes.append((difference(left.median, right.median), left.weight * right.weight))
            }
        }
        return ends(outcomes, confidence)
    }

    private static func ends(
        _ outcomes: [(value: Double, weight: Double)], _ confidence: Double
    ) -> (Double, Double) {
        let sorted = outcomes.sorted { $0.value < $1.value }
        let tail = (1 - confidence) / 2
        func inverted(_ probability: Double) -> Double {
            var sum = 0.0
            for outcome in sorted {
                sum += outcome.weight
                if sum >= probability - 1e-12 { return outcome.value }
            }
            return sorted.last?.value ?? .nan
        }
        return (inverted(tail), inverted(1 - tail))
    }
}
