/// `capacity.json` as a report reads it: the search for the highest load that keeps a rule.
struct CapacityDocument: Decodable, Sendable, Equatable {
    struct Interval: Decodable, Sendable, Equatable {
        /// Nil where the search found no end: no load passed, or none failed.
        var low: Double?
        var high: Double?
    }

    struct Step: Decodable, Sendable, Equatable {
        var order = 0
        var load: Double = 0
        var passed = false
        var void = false
        /// Of the rule's metric, in its base unit.
        var value: Double?
        /// Why it did not pass.
        var reason: String?
        var folder: String?
    }

    var scenario = ""
    var setup = ""
    /// `rate` or `clients`.
    var of = ""
    var rule = ""
    var seed: UInt64 = 0
    var startedAt = ""
    /// Empty while the search runs.
    var interval = Interval()
    var steps: [Step] = []
    var environment: Summary.Environment?
    var notes: [String] = []

    private enum CodingKeys: String, CodingKey {
        case scenario, setup, of, rule, seed
        case startedAt = "started_at"
        case interval = "result"
        case steps, environment, notes
    }
}

extension CapacityDocument {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        scenario = try container.decode(String.self, forKey: .scenario)
        setup = try container.decode(String.self, forKey: .setup)
        of = try container.decode(String.self, forKey: .of)
        rule = try container.decode(String.self, forKey: .rule)
        seed = try container.decodeIfPresent(UInt64.self, forKey: .seed) ?? 0
        startedAt = try container.decodeIfPresent(String.self, forKey: .startedAt) ?? ""
        interval = try container.decodeIfPresent(Interval.self, forKey: .interval) ?? Interval()
        steps = try container.decode([Step].self, forKey: .steps)
        environment = try container.decodeIfPresent(Summary.Environment.self, forKey: .environment)
        notes = try container.decodeIfPresent([String].self, forKey: .notes) ?? []
    }

    /// How a load reads: `500/s`, `1,000 clients`.
    var loadUnit: FigureUnit { of == "clients" ? .count("clients") : .perSecond("messages") }

    /// The unit of the rule's metric; a number where the rule is not understood.
    var valueUnit: FigureUnit {
        switch (try? Threshold.parse(rule))?.metric.unit {
        case .latency: .nanoseconds
        case .rate: .perSecond("")
        case .share: .share
        case .seconds: .seconds
        case .bytes: .bytes
        case .count, nil: .count("")
        }
    }

    var limit: Double? { (try? Threshold.parse(rule))?.limit }
}

extension CapacityDocument.Step {
    private enum CodingKeys: String, CodingKey {
        case order, load, outcome, value, reason, folder
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let outcome = try container.decode(String.self, forKey: .outcome)
        self.init(
            order: try container.decodeIfPresent(Int.self, forKey: .order) ?? 0,
            load: try container.decode(Double.self, forKey: .load), passed: outcome == "passed",
            void: outcome == "void", value: try container.decodeIfPresent(Double.self, forKey: .value),
            reason: try container.decodeIfPresent(String.self, forKey: .reason),
            folder: try container.decodeIfPresent(String.self, forKey: .folder))
    }
}
