import Foundation

/// The smallest true difference that so many blocks with this spread would have shown with a power of 80 %.
///
/// Assumes blocks that are independent and about normal on their scale (logarithms for positive values), and a spread
/// that is the same on both sides. The limit that had to be passed is the one of ``StepDown``, so it already counts all
/// metrics. The difference follows from the noncentral t distribution: at which true difference does t pass that limit
/// four times in five?
enum DetectableDifference {
    static let power = 0.8

    /// Relative to a's median, as a share: 0.12 for 12 %. Nil if nothing could have been shown: with fewer than four
    /// blocks a side, where a's median is 0, or where no block differs from another, so that there is no spread to judge by.
    static func relative(_ a: [Double?], _ b: [Double?], criticalCorrelation: Double?) -> Double? {
        guard let scale = BlockScale(a, b), let critical = criticalCorrelation, critical < 1 else { return nil }
        let left = scale.a.compactMap(\.self)
        let right = scale.b.compactMap(\.self)
        guard let spreadA = Descriptive.standardDeviation(left), let spreadB = Descriptive.standardDeviation(right)
        else { return nil }
        let (m, n) = (Double(left.count), Double(right.count))
        let degrees = m + n - 2
        let pooled = ((spreadA * spreadA * (m - 1) + spreadB * spreadB * (n - 1)) / degrees).squareRoot()
        guard pooled > 0 else { return nil }
        let t = critical * (degrees / (1 - critical * critical)).squareRoot()
        let noncentrality = NormalDistribution.noncentrality(critical: t, degrees: degrees, power: power)
        let difference = noncentrality * pooled * (1 / m + 1 / n).squareRoot()
        if scale.isLogarithmic { return exp(difference) - 1 }
        guard let middle = Descriptive.median(left), middle > 0 else { return nil }
        return difference / middle
    }
}
