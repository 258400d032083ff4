extension Comparison {
    /// Fills ``comparisons`` from ``runs``, and ``notes`` with what the figures do not say. Each setup against the
    /// baseline is a family of its own for the correction.
    mutating func analyse() {
        comparisons = setups.filter { $0 != baseline }.flatMap { pairs(with: $0) }
        notes += caveats()
    }

    /// The blocks of a setup that count.
    func usable(_ setup: String) -> [Run] {
        runs.filter { $0.setup == setup && !$0.void }
    }

    private func pairs(with setup: String) -> [Pair] {
        let left = usable(baseline).map(\.metrics)
        let right = usable(setup).map(\.metrics)
        // What one side never has can't be compared.
        let metrics = MetricDefinition.present(in: left).filter { metric in right.contains { $0[metric.name] != nil } }
        let a = metrics.map { metric in left.map { Self.finite($0[metric.name]) } }
        let b = metrics.map { metric in right.map { Self.finite($0[metric.name]) } }
        let analysis = BlockAnalysis.analyse(a, b, confidence: confidence, seed: seed)
        return metrics.indices.map { place in
            var pair = Pair(
                metric: metrics[place].name, unit: metrics[place].unit, better: metrics[place].better, a: baseline,
                b: setup)
            pair.aValues = a[place].compactMap(\.self)
            pair.bValues = b[place].compactMap(\.self)
            pair.fill(analysis[place])
            return pair
        }
    }

    private static func finite(_ value: Double?) -> Double? {
        value.flatMap { $0.isFinite ? $0 : nil }
    }

    private func caveats() -> [String] {
        var caveats: [String] = []
        let short = setups.filter { usable($0).count < blocks }
        for setup in short {
            caveats.append("\(setup) has \(usable(setup).count) of \(blocks) blocks: the others were void")
        }
        if setups.contains(where: { usable($0).count < 4 }) {
            caveats.append("with fewer than 4 blocks a side no difference can be shown, however large it is")
        }
        let void = runs.count { $0.void }
        if void > 0 {
            caveats.append(
                "\(void) of \(runs.count) runs were void (the generator was the bottleneck) and count for nothing")
        }
        for setup in setups {
            let broken = usable(setup).count { $0.verdict == .integrityFailed }
            if broken > 0 {
                caveats.append(
                    "\(setup) broke the promise of delivery in \(broken) of its blocks: what is fast there is not right"
                )
            }
        }
        return caveats
    }
}

extension Comparison.Pair {
    /// Everything that follows from the values.
    fileprivate mutating func fill(_ analysis: BlockAnalysis) {
        nA = aValues.count
        nB = bValues.count
        aMedian = Descriptive.median(aValues)
        bMedian = Descriptive.median(bValues)
        difference = Descriptive.relativeDifference(aValues, bValues)
        ciLow = analysis.interval?.relativeLow
        ciHigh = analysis.interval?.relativeHigh
        p = analysis.test?.p
        pAdjusted = analysis.test?.adjusted
        pHolm = analysis.holm
        pMannWhitney = analysis.mannWhitney
        detectable = analysis.detectable
        guard let aMedian, let bMedian else { return }
        shift = bMedian - aMedian
        shiftLow = analysis.interval?.low
        shiftHigh = analysis.interval?.high
        verdict = MetricVerdict(difference: analysis.isShown ? shift : nil, better: better)
    }
}
