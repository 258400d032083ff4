import Foundation

/// The test behind the verdicts: a permutation test of all metrics at once, stepped down like Holm's.
///
/// Westfall and Young, "Resampling-Based Multiple Testing" (1993), section 2.6: step-down maxT. Under the hypothesis
/// that two setups do not differ, a block could as well have been the other setup's. So every labeling of the blocks is
/// as likely as the true one, and the adjusted p of a metric is the share of labelings in which *any* of the metrics
/// that are not yet claimed differs by at least as much. The chance of even one false claim in a comparison is at most
/// the level, whatever the metrics' distributions, and however they hang together.
///
/// Why not Mann–Whitney with Holm's correction: with 5 blocks a side there are 252 labelings, so the smallest p is
/// 2/252, and 25 times that is 0.2. No difference, however large, could be shown; even 8 blocks a side need every block
/// to be apart. The joint distribution costs nothing for metrics that say the same twice (p50, p99 and p99.9 of one
/// path), and its smallest adjusted p is 2/252 for any number of metrics. Four blocks a side (2/70 = 0.029) are the
/// fewest that can show anything at the level of 0.05.
///
/// The statistic is the correlation of the value with the label, without its sign: for one metric it orders the
/// labelings as the t statistic and the difference of the means do, and it is free of the metric's scale, which makes
/// the largest of many meaningful. Values that are all positive are compared by their logarithms: latencies are skewed,
/// and a difference is meant as a ratio.
struct StepDown: Sendable {
    struct Test: Sendable, Equatable {
        /// Two-sided, of this metric alone.
        let p: Double
        /// For the number of metrics.
        let adjusted: Double
    }

    let alpha: Double
    /// One for each metric; nil where a side has fewer than two values.
    let tests: [Test?]
    /// What the correlation of a metric must be, so that it would have been claimed beside the ones that were. Nil if
    /// nothing could be.
    let criticalCorrelation: Double?
    /// Labelings that were counted, and whether these are all.
    let labelings: Int
    let isExact: Bool

    /// - Parameters:
    ///   - a: for each metric the values of side a, one a block; nil where a block has none.
    ///   - b: the same for side b.
    init(_ a: [[Double?]], _ b: [[Double?]], alpha: Double = 0.05, seed: UInt64, limit: Int = Labelings.limit) {
        self.alpha = alpha
        let labelings = Labelings(a.first?.count ?? 0, b.first?.count ?? 0, seed: seed, limit: limit)
        let columns = zip(a, b).map { BlockColumn($0, $1) }
        let observed = columns.map { column in column.map { $0.correlation(labelings, 0) } }
        let order = observed.indices.filter { observed[$0] != nil }
            .sorted { (observed[$0] ?? 0) > (observed[$1] ?? 0) }
        let ranked = order.compactMap { columns[$0] }
        let found = order.compactMap { observed[$0].map { $0 * (1 - Self.tolerance) } }

        // By labeling, then by rank.
        var table = [Double]()
        table.reserveCapacity(labelings.count * ranked.count)
        for labeling in 0..<labelings.count {
            for column in ranked { table.append(column.correlation(labelings, labeling)) }
        }

        var alone = [Int](repeating: 0, count: ranked.count)
        var jointly = alone
        for labeling in 0..<labelings.count {
            var largest = 0.0
            for place in ranked.indices.reversed() {
                let value = table[labeling * ranked.count + place]
                largest = max(largest, value)
                if value >= found[place] { alone[place] += 1 }
                if largest >= found[place] { jointly[place] += 1 }
            }
        }

        var tests: [Test?] = Array(repeating: nil, count: columns.count)
        var least = 0.0
        var claimed = 0
        for place in ranked.indices {
            least = max(least, Double(jointly[place]) / Double(labelings.count))
            tests[order[place]] = Test(p: Double(alone[place]) / Double(labelings.count), adjusted: least)
            if least <= alpha { claimed = place + 1 }
        }
        self.tests = tests
        self.labelings = labelings.count
        isExact = labelings.isComplete
        // With all claimed, the last step's is still what one more such metric would have met.
        let first = min(claimed, max(0, ranked.count - 1))
        let largest = (0..<labelings.count).map { labeling in
            table[labeling * ranked.count..<(labeling + 1) * ranked.count].dropFirst(first).max() ?? 0
        }
        criticalCorrelation = ranked.isEmpty ? nil : Self.critical(largest, alpha: alpha)
    }

    /// Two labelings that differ by no more than rounding count as equal.
    private static let tolerance = 1e-10

    /// The smallest largest-of-all that few enough labelings reach.
    /// - Parameter largest: by labeling.
    private static func critical(_ largest: [Double], alpha: Double) -> Double? {
        let largest = largest.sorted(by: >)
        let allowed = Int((alpha * Double(largest.count)).rounded(.down))
        guard allowed > 0 else { return nil }
        guard allowed < largest.count else { return largest.last }
        // Labelings come in mirrored pairs with the same value: a pair counts as a whole or not at all.
        return largest[..<allowed].last { $0 > largest[allowed] * (1 + tolerance) }
    }
}
