import Foundation

/// The search for the highest load that keeps a rule: what to try next, and when it is enough.
///
/// A pure function of the steps so far, so that a search goes on from its file where it was stopped. First the load
/// doubles until a step fails (or halves until one passes). Then loads are drawn at random from where the knee may lie,
/// by ``CapacityKnee``, so that they repeat around it in no order that a drift could follow, until its 95 % interval is
/// narrow enough. The result is that interval: one number would claim more than a yes or no a step can give.
///
/// Simulated with 30 steps at most: two searches of the same server overlap in 99 of 100 cases or more; the interval
/// holds the true knee in 92 % (a knee as wide as a fifth of the load) to 100 % (a sharp one) of them, after about 20
/// steps for a sharp knee. A wide one uses up its steps.
struct CapacitySearch: Sendable, Equatable {
    struct Limits: Codable, Sendable, Equatable {
        /// The first load.
        var first: Double
        /// How far the interval's high end may lie above its low one: 0.2 for 20 %.
        var resolution = 0.2
        /// Steps around the knee before the search may end.
        var minimumNear = 8
        /// Steps in all, void ones too.
        var maximumSteps = 30
        /// Loads below this are not worth a search.
        var least = 1.0
        /// The load that the scenario can't exceed; nil for none.
        var most: Double?

        enum CodingKeys: String, CodingKey {
            case first, resolution
            case minimumNear = "minimum_near"
            case maximumSteps = "maximum_steps"
            case least, most
        }
    }

    enum Action: Sendable, Equatable {
        case run(load: Double)
        case finish(CapacityResult)
    }

    /// A load at which the generator was the bottleneck this often is beyond it.
    static let voidLimit = 2

    let limits: Limits
    let seed: UInt64
    var steps: [CapacityStep] = []

    private var judged: [(load: Double, passed: Bool)] {
        steps.filter { $0.outcome != .void }.map { ($0.load, $0.outcome == .passed) }
    }

    private var highestPass: Double? { judged.filter(\.passed).map(\.load).max() }

    private var lowestFailure: Double? { judged.filter { !$0.passed }.map(\.load).min() }

    /// The lowest load that the generator has shown it can't offer.
    private var ceiling: Double? {
        let voids = steps.filter { $0.outcome == .void }.map(\.load)
        return Set(voids).filter { load in voids.count { $0 <= load } >= Self.voidLimit }.min()
    }

    func next() -> Action {
        guard steps.count < limits.maximumSteps else { return .finish(result(.stepLimit)) }
        // Once more, before the generator is blamed for good.
        if let last = steps.last, last.outcome == .void, ceiling.map({ last.load < $0 }) ?? true {
            return .run(load: last.load)
        }
        guard let failure = lowestFailure else { return climb() }
        guard highestPass != nil else {
            return failure / 2 < limits.least
                ? .finish(result(.nonePassed)) : .run(load: Self.rounded(failure / 2))
        }
        return narrow()
    }

    /// Nothing has failed yet.
    private func climb() -> Action {
        guard let pass = highestPass else {
            guard let ceiling else { return .run(load: Self.rounded(limits.first)) }
            return ceiling / 2 < limits.least
                ? .finish(result(.generatorLimit)) : .run(load: Self.rounded(ceiling / 2))
        }
        if let most = limits.most, pass >= most { return .finish(result(.scenarioLimit)) }
        let higher = min(pass * 2, limits.most ?? .infinity)
        guard let ceiling, ceiling <= higher else { return .run(load: Self.rounded(higher)) }
        let between = Self.rounded((pass * ceiling).squareRoot())
        guard ceiling / pass > 1 + limits.resolution, between > pass, between < ceiling else {
            return .finish(result(.generatorLimit))
        }
        return .run(load: between)
    }

    /// Around the knee.
    private func narrow() -> Action {
        guard let knee = CapacityKnee(judged) else { return climb() }
        let (low, high) = knee.interval
        let near = judged.count { $0.load >= low / 2 && $0.load <= high * 2 }
        if near >= limits.minimumNear, high / low <= 1 + limits.resolution { return .finish(result(.found)) }
        if let ceiling, ceiling <= low { return .finish(result(.generatorLimit)) }
        // Another number for each step, and the same one when a search goes on.
        var random = SeededGenerator(seed: seed &+ UInt64(steps.count) &* 0x9E37_79B9)
        var load = Self.rounded(knee.quantile(Double.random(in: 0.03..<0.97, using: &random)))
        if let most = limits.most { load = min(load, most) }
        if let ceiling, load >= ceiling { load = Self.rounded((low * ceiling).squareRoot()) }
        return .run(load: max(limits.least, load))
    }

    private func result(_ outcome: CapacityResult.Outcome) -> CapacityResult {
        var result = CapacityResult(outcome: outcome)
        let failures = judged.filter { !$0.passed }.map(\.load)
        let passes = judged.filter(\.passed).map(\.load)
        result.allPassedTo = passes.filter { load in !failures.contains { $0 <= load } }.max()
        result.allFailedFrom = failures.filter { load in !passes.contains { $0 >= load } }.min()
        switch outcome {
        case .found, .stepLimit, .generatorLimit, .scenarioLimit:
            if let knee = CapacityKnee(judged) {
                (result.low, result.high) = knee.interval
                result.knee = knee.quantile(0.5)
                // What was never offered can't bound the knee from above.
                if outcome == .generatorLimit { result.high = nil }
            } else {
                result.low = passes.max()
                result.high = passes.isEmpty ? failures.min() : nil
            }
        case .nonePassed:
            result.high = failures.min()
        }
        return result
    }

    /// Three significant digits, and a whole number from 1 up: loads that people can type.
    static func rounded(_ load: Double) -> Double {
        guard load.isFinite, load > 0 else { return 0 }
        let unit = pow(10, (log10(load) - 2).rounded(.down))
        return load < 100 ? max(load.rounded(), min(load, 1)) : (load / unit).rounded() * unit
    }
}
