import Foundation

/// The bootstrap distribution of a median: which medians a side would show, had its blocks been drawn again from
/// themselves with replacement.
///
/// For the few blocks of a comparison it is computed and not drawn (the "ideal bootstrap" of Efron, 1979; the weights
/// are those of Maritz and Jarrett, 1978): an interval does not depend on a seed. Above ``exactLimit`` values it is a
/// sample.
struct MedianBootstrap: Sendable {
    struct Atom: Sendable, Equatable {
        let median: Double
        let weight: Double
    }

    static let exactLimit = 20
    static let samples = 600

    /// Weights add up to 1.
    let atoms: [Atom]

    /// - Parameter values: at least one, finite.
    init(_ values: [Double], seed: UInt64) {
        let sorted = values.sorted()
        if sorted.count > Self.exactLimit {
            var random = SeededGenerator(seed: seed)
            atoms = (0..<Self.samples).map { _ in
                let again = sorted.map { _ in sorted[Int.random(in: sorted.indices, using: &random)] }
                return Atom(median: Descriptive.median(again) ?? 0, weight: 1 / Double(Self.samples))
            }
        } else {
            atoms = sorted.count.isMultiple(of: 2) ? Self.even(sorted) : Self.odd(sorted)
        }
    }

    /// Of n = 2k + 1 draws the (k + 1)-th smallest is the median: it is at most the i-th value if k + 1 draws are.
    private static func odd(_ sorted: [Double]) -> [Atom] {
        let n = sorted.count
        let below = (0...n).map { atLeast(n / 2 + 1, of: n, probability: Double($0) / Double(n)) }
        return sorted.indices.map { Atom(median: sorted[$0], weight: below[$0 + 1] - below[$0]) }
    }

    /// Of n = 2k draws the median is the mean of the k-th smallest and the next. Both are known together: the i-th and
    /// a later j-th value if k draws are at most the i-th, one of them equal, and k at least the j-th, one equal.
    private static func even(_ sorted: [Double]) -> [Atom] {
        let n = sorted.count
        let k = n / 2
        func power(_ i: Int) -> Double { pow(Double(i) / Double(n), Double(k)) }
        let ways = Labelings.ways(k, k)
        let below = (0...n).map { atLeast(k, of: n, probability: Double($0) / Double(n)) }
        var atoms: [Atom] = []
        for i in sorted.indices {
            var rest = below[i + 1] - below[i]
            for j in sorted.indices.dropFirst(i + 1) {
                let weight = ways * (power(i + 1) - power(i)) * (power(n - j) - power(n - j - 1))
                atoms.append(Atom(median: (sorted[i] + sorted[j]) / 2, weight: weight))
                rest -= weight
            }
            atoms.append(Atom(median: sorted[i], weight: max(0, rest)))
        }
        return atoms
    }

    /// P(X ≥ k) for a binomial X.
    private static func atLeast(_ k: Int, of n: Int, probability p: Double) -> Double {
        (k...n).reduce(0) { sum, hits in
            sum + Labelings.ways(hits, n - hits) * pow(p, Double(hits)) * pow(1 - p, Double(n - hits))
        }
    }
}
