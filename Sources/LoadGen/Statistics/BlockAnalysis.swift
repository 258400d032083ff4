/// What the blocks of two setups say of one metric.
struct BlockAnalysis: Sendable {
    let test: StepDown.Test?
    let holm: Double?
    let mannWhitney: Double?
    let interval: BootstrapInterval?
    let detectable: Double?
    /// A difference is claimed: the adjusted p is at most the level, and the interval has one sign. The second can only
    /// take a claim away, so the error rate stays the test's; it spares the reader an interval that contradicts the
    /// verdict.
    let isShown: Bool

    /// One for each metric. The metrics are one family: they are corrected for each other, and for nothing else.
    /// - Parameters:
    ///   - a: for each metric the values of side a, one a block; nil where a block has none.
    ///   - b: the same for side b.
    static func analyse(
        _ a: [[Double?]], _ b: [[Double?]], confidence: Double = 0.95, seed: UInt64
    ) -> [BlockAnalysis] {
        // 1 - 0.95 is a hair above 0.05.
        let alpha = ((1 - confidence) * 1e9).rounded() / 1e9
        let stepDown = StepDown(a, b, alpha: alpha, seed: seed)
        let holm = Holm.adjust(stepDown.tests.map { $0?.p })
        return stepDown.tests.indices.map { place in
            let left = a[place].compactMap(\.self)
            let right = b[place].compactMap(\.self)
            let test = stepDown.tests[place]
            let interval = BootstrapInterval(left, right, confidence: confidence, seed: seed)
            return BlockAnalysis(
                test: test, holm: holm[place], mannWhitney: MannWhitney(left, right)?.p, interval: interval,
                detectable: DetectableDifference.relative(
                    a[place], b[place], criticalCorrelation: stepDown.criticalCorrelation),
                isShown: (test?.adjusted ?? 1) <= alpha && interval?.excludesZero == true)
        }
    }
}
