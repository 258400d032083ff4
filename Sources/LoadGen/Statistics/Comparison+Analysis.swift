extension Comparison {
    /// Fills ``comparisons`` from ``runs``, and ``notes`` with what the figures do not say. Each setup against the
    /// baseline is a family of its own for the correction.
    ///
    /// - Parameters:
    ///   - definitions: the metrics; nil: those that are known of runs.
    ///   - oneStart: each setup was started once for all its blocks, which then are no repetitions of what belongs to
    ///     a start: that is shown, and not tested.
    mutating func analyse(of definitions: [MetricDefinition]? = nil, oneStart: Bool = false) {
        comparisons = setups.filter { $0 != baseline }.flatMap { pairs(with: $0, definitions, oneStart: oneStart) }
        notes += caveats()
        if comparisons.contains(where: { $0.verdict == .untested }) {
            notes.append(
                "memory belongs to a process's start, and each setup had one: it is shown, and not tested")
        }
    }

    /// The blocks of a setup that count.
    func usable(_ setup: String) -> [Run] {
        runs.filter { $0.setup == setup && !$0.void }
    }

    private func pairs(with setup: String, _ definitions: [MetricDefinition]?, oneStart: Bool) -> [Pair] {
        let left = usable(baseline).map(\.metrics)
        let right = usable(setup).map(\.metrics)
        // What one side never has can't be compared.
        let metrics = (definitions ?? MetricDefinition.present(in: left)).filter { metric in
            [left, right].allSatisfy { side in side.contains { $0[metric.name] != nil } }
        }
        let tested = metrics.filter { !(oneStart && $0.belongsToStart) }
        func values(_ runs: [[String: Double]], _ metric: MetricDefinition) -> [Double?] {
            runs.map { Self.finite($0[metric.name]) }
        }
        let analysis = BlockAnalysis.analyse(
            tested.map { values(left, $0) }, tested.map { values(right, $0) }, confidence: confidence, seed: seed)
        return metrics.map { metric in
            var pair = Pair(metric: metric.name, unit: metric.unit, better: metric.better, a: baseline, b: setup)
            pair.aValues = values(left, metric).compactMap(\.self)
            pair.bValues = values(right, metric).compactMap(\.self)
            pair.fill(tested.firstIndex { $0.name == metric.name }.map { analysis[$0] })
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
            let own = runs.filter { $0.setup == setup }
            let reason =
                if !comparesFinished, runs.contains(where: { $0.void && $0.verdict == .interrupted }) {
                    "the comparison was stopped"
                } else {
                    own.contains(where: \.void) ? "the others were void" : "there were no more of it"
                }
            caveats.append("\(setup) has \(usable(setup).count) of \(blocks) blocks: \(reason)")
        }
        if setups.contains(where: { usable($0).count < 4 }) {
            caveats.append("with fewer than 4 blocks a side no difference can be shown, however large it is")
        }
        for (reason, void) in Dictionary(grouping: runs.filter(\.void), by: \.voidReason).sorted(by: { $0.key < $1.key }
        ) {
            caveats.append("\(void.count) of \(runs.count) runs were \(reason) and count for nothing")
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

extension Comparison.Run {
    /// Why it is ``void``.
    fileprivate var voidReason: String {
        switch verdict {
        case .generatorBottleneck: "void (the generator was the bottleneck)"
        case .interrupted: "stopped before their end"
        default: "not carried through"
        }
    }
}

extension Comparison.Pair {
    /// Everything that follows from the values.
    ///
    /// - Parameter analysis: nil if the metric was not tested.
    fileprivate mutating func fill(_ analysis: BlockAnalysis?) {
        nA = aValues.count
        nB = bValues.count
        aMedian = Descriptive.median(aValues)
        bMedian = Descriptive.median(bValues)
        difference = Descriptive.relativeDifference(aValues, bValues)
        if let aMedian, let bMedian { shift = bMedian - aMedian }
        guard let analysis else {
            verdict = .untested
            return
        }
        ciLow = analysis.interval?.relativeLow
        ciHigh = analysis.interval?.relativeHigh
        p = analysis.test?.p
        pAdjusted = analysis.test?.adjusted
        pHolm = analysis.holm
        pMannWhitney = analysis.mannWhitney
        detectable = analysis.detectable
        guard let shift else { return }
        shiftLow = analysis.interval?.low
        shiftHigh = analysis.interval?.high
        verdict = MetricVerdict(difference: analysis.isShown ? shift : nil, better: better)
    }
}
