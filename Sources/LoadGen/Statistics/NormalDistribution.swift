import Foundation

/// The standard normal distribution, and what is near it.
enum NormalDistribution {
    /// P(Z ≤ z).
    static func cumulative(_ z: Double) -> Double {
        0.5 * erfc(-z / 2.0.squareRoot())
    }

    /// P(Z ≥ z), exact in the tail, too, where 1 minus the other would be 0.
    static func upperTail(_ z: Double) -> Double {
        0.5 * erfc(z / 2.0.squareRoot())
    }

    /// The z with P(Z ≤ z) = probability, to 1e-12, by Newton's method on the logarithm of the tail. That is concave, so
    /// after the first step it comes from one side; -37 is where the tail leaves the range of a Double.
    static func quantile(_ probability: Double) -> Double {
        guard probability > 0 else { return -.infinity }
        guard probability < 1 else { return .infinity }
        if probability > 0.5 { return -quantile(1 - probability) }
        var z = 0.0
        for _ in 0..<60 {
            let tail = cumulative(z)
            let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
            let step = (log(tail) - log(probability)) * tail / density
            z = max(z - step, -37)
            if step.magnitude < 1e-13 { break }
        }
        return z
    }

    /// The noncentrality at which a noncentral t exceeds `critical` with this probability (Abramowitz and Stegun,
    /// 26.7.10; within 2 % of the exact one from 6 degrees of freedom on).
    static func noncentrality(critical: Double, degrees: Double, power: Double) -> Double {
        critical * (1 - 1 / (4 * degrees)) + quantile(power) * (1 + critical * critical / (2 * degrees)).squareRoot()
    }
}
