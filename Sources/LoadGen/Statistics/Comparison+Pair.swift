extension Comparison {
    /// One metric of one setup against the baseline. Values are in the unit, differences relative: 0.2 for 20 % more.
    struct Pair: Codable, Sendable, Equatable {
        var metric = ""
        var unit = MetricDefinition.Unit.count
        var better = MetricVerdict.Better.neutral
        /// The baseline.
        var a = ""
        var b = ""
        /// Blocks that have a value.
        var nA = 0
        var nB = 0
        var aMedian: Double?
        var bMedian: Double?
        var aValues: [Double] = []
        var bValues: [Double] = []
        /// b / a - 1 of the medians. Null where a's median is 0.
        var difference: Double?
        /// The ends of its interval; an end that has no bound is null.
        var ciLow: Double?
        var ciHigh: Double?
        /// b - a of the medians, in the unit, and the ends of its interval.
        var shift: Double?
        var shiftLow: Double?
        var shiftHigh: Double?
        /// Two-sided, of the permutation test of this metric alone.
        var p: Double?
        /// For the number of metrics, by Westfall and Young's step-down: the verdict's.
        var pAdjusted: Double?
        /// The same p by Holm's correction, which takes the metrics for unrelated.
        var pHolm: Double?
        var pMannWhitney: Double?
        var verdict = MetricVerdict.none
        /// The smallest relative difference that these blocks would have shown four times in five.
        var detectable: Double?

        enum CodingKeys: String, CodingKey {
            case metric, unit, better, a, b
            case nA = "n_a"
            case nB = "n_b"
            case aMedian = "a_median"
            case bMedian = "b_median"
            case aValues = "a_values"
            case bValues = "b_values"
            case difference
            case ciLow = "ci_low"
            case ciHigh = "ci_high"
            case shift
            case shiftLow = "shift_low"
            case shiftHigh = "shift_high"
            case p
            case pAdjusted = "p_adjusted"
            case pHolm = "p_holm"
            case pMannWhitney = "p_mann_whitney"
            case verdict, detectable
        }

        /// Written by hand for one reason: what there is not is there as null.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(metric, forKey: .metric)
            try container.encode(unit, forKey: .unit)
            try container.encode(better, forKey: .better)
            try container.encode(a, forKey: .a)
            try container.encode(b, forKey: .b)
            try container.encode(nA, forKey: .nA)
            try container.encode(nB, forKey: .nB)
            try container.encode(aMedian, forKey: .aMedian)
            try container.encode(bMedian, forKey: .bMedian)
            try container.encode(aValues, forKey: .aValues)
            try container.encode(bValues, forKey: .bValues)
            try container.encode(difference, forKey: .difference)
            try container.encode(ciLow, forKey: .ciLow)
            try container.encode(ciHigh, forKey: .ciHigh)
            try container.encode(shift, forKey: .shift)
            try container.encode(shiftLow, forKey: .shiftLow)
            try container.encode(shiftHigh, forKey: .shiftHigh)
            try container.encode(p, forKey: .p)
            try container.encode(pAdjusted, forKey: .pAdjusted)
            try container.encode(pHolm, forKey: .pHolm)
            try container.encode(pMannWhitney, forKey: .pMannWhitney)
            try container.encode(verdict, forKey: .verdict)
            try container.encode(detectable, forKey: .detectable)
        }
    }
}

extension Comparison.Pair {
    var definition: MetricDefinition {
        if let known = MetricDefinition.named(metric) { return known }
        // It stands below its figure.
        let label = metric.hasSuffix(PerfFile.Figure.ratioSuffix) ? " " + PerfFile.Figure.ratioSuffix : metric
        return .unlisted(metric, label: label, unit: unit, better: better)
    }
}
