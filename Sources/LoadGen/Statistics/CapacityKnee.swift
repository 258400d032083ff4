import Foundation

/// Where the knee lies, after some steps have passed and others failed.
///
/// The knee is the load at which a step passes every other time. A step at load x passes with probability
/// λ + (1 - 2λ) / (1 + (x / knee)^(1 / width)): a logistic curve in the logarithm of the load, whose width says how
/// sharp the knee is; λ is the chance of a stray result on either side (a neighbour's burst). Knee and width lie on a
/// grid, all equally likely on a logarithmic scale before the first step, and every step weighs the grid by its
/// likelihood: the psychometric method of Kontsevich and Tyler (1999). Unlike a fit by maximum likelihood this has an
/// answer when all passes lie below all failures, and unlike a bisection it survives a stray step.
///
/// Assumes that steps are independent, and that the machine stays what it is while the search runs.
struct CapacityKnee: Sendable {
    static let stray = 0.02
    /// Width of the curve in the logarithm of the load: from a wall to a slope over half a decade.
    static let widths = [0.01, 0.02, 0.04, 0.08, 0.15, 0.3]
    static let gridSize = 200

    private let loads: [Double]
    /// P(knee), by load; adds up to 1.
    private let probabilities: [Double]

    /// Nil before there is a pass and a failure.
    init?(_ steps: [(load: Double, passed: Bool)]) {
        let passes = steps.filter(\.passed).map(\.load)
        let failures = steps.filter { !$0.passed }.map(\.load)
        guard let highestPass = passes.max(), let lowestFailure = failures.min(), highestPass > 0, lowestFailure > 0
        else { return nil }
        let low = log(min(highestPass, lowestFailure) / 2)
        let high = log(max(highestPass, lowestFailure) * 2)
        let loads = (0..<Self.gridSize).map { low + (high - low) * Double($0) / Double(Self.gridSize - 1) }
        let steps = steps.map { (at: log($0.load), passed: $0.passed) }
        let weights = loads.map { knee in
            Self.widths.reduce(0.0) { $0 + Self.likelihood(steps, knee: knee, width: $1) }
        }
        let sum = weights.reduce(0, +)
        self.loads = loads.map { exp($0) }
        probabilities = weights.map { $0 / sum }
    }

    /// At worst 0.02 a step: that stays a number for more steps than any search has.
    private static func likelihood(_ steps: [(at: Double, passed: Bool)], knee: Double, width: Double) -> Double {
        var likelihood = 1.0
        for step in steps {
            let curve = 1 / (1 + exp((step.at - knee) / width))
            let pass = stray + (1 - 2 * stray) * curve
            likelihood *= step.passed ? pass : 1 - pass
        }
        return likelihood
    }

    /// The load below which the knee lies with this probability.
    func quantile(_ probability: Double) -> Double {
        var sum = 0.0
        for (load, weight) in zip(loads, probabilities) {
            sum += weight
            if sum >= probability { return load }
        }
        return loads.last ?? 0
    }

    /// The middle 95 %.
    var interval: (low: Double, high: Double) { (quantile(0.025), quantile(0.975)) }
}
