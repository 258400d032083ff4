import Foundation

/// Figures that describe one side of a comparison: a value a block, 4 to 20 of them.
///
/// Everything takes the values in any order. What is not finite has to be taken out before: it has no rank.
enum Descriptive {
    static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// With n - 1 below the line; nil for fewer than two values.
    static func standardDeviation(_ values: [Double]) -> Double? {
        guard values.count > 1, let mean = mean(values) else { return nil }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }

    /// The middle value, or the mean of the two in the middle.
    static func median(_ values: [Double]) -> Double? {
        quantile(values, 0.5)
    }

    /// Type 7 of Hyndman and Fan (1996): linear between order statistics, what R, NumPy and spreadsheets do unless told
    /// otherwise.
    /// - Parameter probability: 0 for the smallest value, 1 for the largest.
    static func quantile(_ values: [Double], _ probability: Double) -> Double? {
        guard !values.isEmpty, (0...1).contains(probability) else { return nil }
        let sorted = values.sorted()
        let position = probability * Double(sorted.count - 1)
        let below = Int(position.rounded(.down))
        let above = min(below + 1, sorted.count - 1)
        let part = position - Double(below)
        return part == 0 ? sorted[below] : sorted[below] + (sorted[above] - sorted[below]) * part
    }

    /// The shift from `a` to `b` as the median of all differences b - a (Hodges and Lehmann, 1963): the estimate that
    /// belongs to the Mann–Whitney test. Steadier than the difference of the medians when blocks are few.
    static func hodgesLehmann(_ a: [Double], _ b: [Double]) -> Double? {
        median(b.flatMap { right in a.map { right - $0 } })
    }

    /// b's median relative to a's: 0.2 for 20 % more. Nil where a's median is 0, or negative.
    static func relativeDifference(_ a: [Double], _ b: [Double]) -> Double? {
        guard let a = median(a), let b = median(b), a > 0 else { return nil }
        return b / a - 1
    }
}
