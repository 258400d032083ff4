import Foundation

/// One metric over the blocks of both sides, made ready to be correlated with many labelings.
struct BlockColumn: Sendable {
    /// Of both sides, in the numbering of ``Labelings``; less their mean, 0 where a block has no value.
    private let centred: [Double]
    /// 1 where a block has a value.
    private let weights: [Double]
    private let count: Double
    /// Whether every block has a value.
    private let isComplete: Bool
    /// Sum of squares about the mean; 0 if all values are the same.
    private let total: Double

    /// Nil if a side has fewer than two values.
    init?(_ a: [Double?], _ b: [Double?]) {
        guard let scaled = BlockScale(a, b) else { return nil }
        let values = scaled.a + scaled.b
        weights = values.map { $0 == nil ? 0 : 1 }
        let count = weights.reduce(0, +)
        let mean = values.compactMap(\.self).reduce(0, +) / count
        centred = values.map { ($0 ?? mean) - mean }
        let total = centred.reduce(0) { $0 + $1 * $1 }
        // Equal values may differ from their mean by its rounding.
        let noise = 1e-13 * (mean.magnitude + 1e-300)
        self.total = total > noise * noise * count ? total : 0
        self.count = count
        isComplete = count == Double(values.count)
    }

    /// The correlation of value and label, 0 to 1. Its square is the share of the spread that the labels explain.
    func correlation(_ labelings: Labelings, _ labeling: Int) -> Double {
        guard total > 0 else { return 0 }
        let sum = labelings.sum(of: centred, labeling)
        let size = isComplete ? Double(labelings.a) : labelings.sum(of: weights, labeling)
        let other = count - size
        // Blocks without a value may leave a side of a labeling with too few. To count it is the safe way.
        guard size > 1, other > 1 else { return 1 }
        return min(1, sum.magnitude * (count / (size * other * total)).squareRoot())
    }
}

/// The scale on which two sides are compared: logarithms where all values are positive, else the values themselves.
struct BlockScale: Sendable {
    let a: [Double?]
    let b: [Double?]
    let isLogarithmic: Bool

    /// Nil if a side has fewer than two values. What is not finite is no value.
    init?(_ a: [Double?], _ b: [Double?]) {
        let a = a.map { $0.flatMap { $0.isFinite ? $0 : nil } }
        let b = b.map { $0.flatMap { $0.isFinite ? $0 : nil } }
        guard a.compactMap(\.self).count > 1, b.compactMap(\.self).count > 1 else { return nil }
        isLogarithmic = (a + b).allSatisfy { $0.map { $0 > 0 } ?? true }
        self.a = isLogarithmic ? a.map { $0.map { log($0) } } : a
        self.b = isLogarithmic ? b.map { $0.map { log($0) } } : b
    }
}
