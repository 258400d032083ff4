/// `compare.json` as a report reads it: the same scenario played in interleaved blocks on several setups.
struct ComparisonDocument: Decodable, Sendable, Equatable {
    /// A block.
    struct Run: Decodable, Sendable, Equatable {
        var setup = ""
        var block = 0
        /// Its place in the order in which the blocks ran.
        var order = 0
        var folder = ""
        var startedAt = ""
        /// The generator was the bottleneck, so the block counts for nothing.
        var void = false
        var verdict = ""
        var metrics: [String: Double] = [:]
    }

    /// One metric of one pair of setups; relative figures are of `b` against `a`, 0.1 for ten per cent more.
    struct Comparison: Decodable, Sendable, Equatable {
        var metric = ""
        /// `ns`, `per_second`, `seconds`, `bytes`, `ratio` or `count`.
        var unit = ""
        /// `lower`, `higher` or `neutral`.
        var better = ""
        var a = ""
        var b = ""
        var countA = 0
        var countB = 0
        var medianA: Double?
        var medianB: Double?
        var valuesA: [Double] = []
        var valuesB: [Double] = []
        var difference: Double?
        var low: Double?
        var high: Double?
        var p: Double?
        var adjustedP: Double?
        var verdict = ""
        /// The smallest relative difference that this many blocks could have shown.
        var detectable: Double?
    }

    struct Model: Decodable, Sendable, Equatable {
        var setup = ""
        var name = ""
        var expected: Double?
        var measured: Double?
    }

    var scenario = ""
    var seed: UInt64 = 0
    var startedAt = ""
    /// The setup that the others are compared with.
    var baseline = ""
    var setups: [String] = []
    /// For each setup.
    var blocks = 0
    /// Of the intervals, 0 to 1.
    var confidence = 0.95
    var environment: Summary.Environment?
    var runs: [Run] = []
    var comparisons: [Comparison] = []
    var model: [Model] = []
    var notes: [String] = []
}

extension ComparisonDocument {
    private enum CodingKeys: String, CodingKey {
        case scenario, seed
        case startedAt = "started_at"
        case baseline, setups, blocks, confidence, environment, runs, comparisons, model, notes
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        scenario = try container.decode(String.self, forKey: .scenario)
        seed = try container.decodeIfPresent(UInt64.self, forKey: .seed) ?? 0
        startedAt = try container.decodeIfPresent(String.self, forKey: .startedAt) ?? ""
        setups = try container.decode([String].self, forKey: .setups)
        baseline = try container.decodeIfPresent(String.self, forKey: .baseline) ?? setups.first ?? ""
        blocks = try container.decodeIfPresent(Int.self, forKey: .blocks) ?? 0
        confidence = try container.decodeIfPresent(Double.self, forKey: .confidence) ?? 0.95
        environment = try container.decodeIfPresent(Summary.Environment.self, forKey: .environment)
        runs = try container.decodeIfPresent([Run].self, forKey: .runs) ?? []
        comparisons = try container.decode([Comparison].self, forKey: .comparisons)
        model = try container.decodeIfPresent([Model].self, forKey: .model) ?? []
        notes = try container.decodeIfPresent([String].self, forKey: .notes) ?? []
    }
}

extension ComparisonDocument.Run {
    private enum CodingKeys: String, CodingKey {
        case setup, block, order, folder
        case startedAt = "started_at"
        case void, verdict, metrics
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        setup = try container.decode(String.self, forKey: .setup)
        block = try container.decodeIfPresent(Int.self, forKey: .block) ?? 0
        order = try container.decodeIfPresent(Int.self, forKey: .order) ?? 0
        folder = try container.decodeIfPresent(String.self, forKey: .folder) ?? ""
        startedAt = try container.decodeIfPresent(String.self, forKey: .startedAt) ?? ""
        void = try container.decodeIfPresent(Bool.self, forKey: .void) ?? false
        verdict = try container.decodeIfPresent(String.self, forKey: .verdict) ?? ""
        let figures = try container.decodeIfPresent([String: Double?].self, forKey: .metrics) ?? [:]
        metrics = figures.compactMapValues { $0 }
    }
}

extension ComparisonDocument.Comparison {
    private enum CodingKeys: String, CodingKey {
        case metric, unit, better, a, b
        case countA = "n_a"
        case countB = "n_b"
        case medianA = "a_median"
        case medianB = "b_median"
        case valuesA = "a_values"
        case valuesB = "b_values"
        case difference
        case low = "ci_low"
        case high = "ci_high"
        case p
        case adjustedP = "p_adjusted"
        case verdict, detectable
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double? { try container.decodeIfPresent(Double.self, forKey: key) }
        metric = try container.decode(String.self, forKey: .metric)
        unit = try container.decodeIfPresent(String.self, forKey: .unit) ?? ""
        better = try container.decodeIfPresent(String.self, forKey: .better) ?? "neutral"
        a = try container.decode(String.self, forKey: .a)
        b = try container.decode(String.self, forKey: .b)
        valuesA = try container.decodeIfPresent([Double].self, forKey: .valuesA) ?? []
        valuesB = try container.decodeIfPresent([Double].self, forKey: .valuesB) ?? []
        countA = try container.decodeIfPresent(Int.self, forKey: .countA) ?? valuesA.count
        countB = try container.decodeIfPresent(Int.self, forKey: .countB) ?? valuesB.count
        medianA = try number(.medianA)
        medianB = try number(.medianB)
        difference = try number(.difference)
        low = try number(.low)
        high = try number(.high)
        p = try number(.p)
        adjustedP = try number(.adjustedP)
        verdict = try container.decode(String.self, forKey: .verdict)
        detectable = try number(.detectable)
    }
}
