import Foundation

/// One run of a capacity search, and what came of it.
struct CapacityStep: Codable, Sendable, Equatable {
    enum Outcome: String, Codable, Sendable {
        case passed, failed
        /// The generator was the bottleneck, or the run was cut short: it says nothing of the server.
        case void
    }

    /// From 1.
    var order = 0
    /// Messages a second, or clients.
    var load: Double
    var outcome: Outcome
    /// Of the rule's metric, in its base unit; null if the run has none.
    var value: Double?
    /// Why it did not pass.
    var reason: String?
    var folder = ""
    var startedAt = ""

    enum CodingKeys: String, CodingKey {
        case order, load, outcome, value, reason, folder
        case startedAt = "started_at"
    }

    /// Passed is a run whose rule holds, in which nothing was lost, and whose generator kept up.
    static func judge(_ summary: Summary, rule: Threshold, order: Int, load: Double, folder: String) -> CapacityStep {
        let result = rule.evaluate(summary)
        var step = CapacityStep(
            order: order, load: load, outcome: .passed, value: result.note == nil ? result.value : nil,
            folder: folder, startedAt: summary.startedAt)
        if summary.interrupted || summary.generator.void {
            step.outcome = .void
            step.reason = summary.interrupted ? "interrupted" : summary.generator.voidReason ?? "generator"
        } else if let failure = summary.failure {
            step.outcome = .failed
            step.reason = failure
        } else if !summary.integrity.isIntact {
            step.outcome = .failed
            step.reason = summary.integrity.figures.filter { $0.value != 0 }
                .map { "\(Format.count($0.value)) \($0.name.replacing("_", with: " "))" }.joined(separator: ", ")
        } else if !result.pass {
            step.outcome = .failed
            step.reason = result.note
        }
        return step
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(order, forKey: .order)
        try container.encode(load, forKey: .load)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(value, forKey: .value)
        try container.encode(reason, forKey: .reason)
        try container.encode(folder, forKey: .folder)
        try container.encode(startedAt, forKey: .startedAt)
    }
}

/// How a capacity search ended. Loads are null where the search can't say.
struct CapacityResult: Codable, Sendable, Equatable {
    enum Outcome: String, Codable, Sendable {
        /// The interval is as narrow as was asked for.
        case found
        /// The steps ran out first: the interval holds, but it is wide.
        case stepLimit = "step_limit"
        /// The generator can't offer more: the knee is above `low`.
        case generatorLimit = "generator_limit"
        /// The highest load that makes sense passed.
        case scenarioLimit = "scenario_limit"
        /// The knee is below `high`, and not worth a search.
        case nonePassed = "none_passed"
    }

    var outcome: Outcome
    /// Ends of the knee's 95 % interval.
    var low: Double?
    var high: Double?
    /// Its median.
    var knee: Double?
    /// Every step up to this load passed.
    var allPassedTo: Double?
    /// Every step from this load on failed.
    var allFailedFrom: Double?

    enum CodingKeys: String, CodingKey {
        case outcome, low, high, knee
        case allPassedTo = "all_passed_to"
        case allFailedFrom = "all_failed_from"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(low, forKey: .low)
        try container.encode(high, forKey: .high)
        try container.encode(knee, forKey: .knee)
        try container.encode(allPassedTo, forKey: .allPassedTo)
        try container.encode(allFailedFrom, forKey: .allFailedFrom)
    }
}

/// What `capacity.json` holds. Written after every step, it is what a stopped search goes on from.
struct CapacityReport: Codable, Sendable, Equatable {
    /// What is raised from step to step.
    enum Dimension: String, Codable, Sendable {
        case rate, clients

        func format(_ load: Double) -> String {
            switch self {
            case .rate: Format.rate(load)
            case .clients: load.magnitude < 9e18 ? "\(Format.count(Int(load.rounded()))) clients" : Format.none
            }
        }
    }

    static let currentSchema = 1

    var schema = CapacityReport.currentSchema
    var scenario = ""
    var setup = ""
    var seed: UInt64 = 0
    /// RFC 3339 with microseconds.
    var startedAt = ""
    var of = Dimension.rate
    /// As it was written.
    var rule = ""
    var limits: CapacitySearch.Limits
    var environment = Summary.Environment()
    var steps: [CapacityStep] = []
    /// Null while the search runs.
    var result: CapacityResult?
    var notes: [String] = []

    enum CodingKeys: String, CodingKey {
        case schema, scenario, setup, seed
        case startedAt = "started_at"
        case of, rule, limits, environment, steps, result, notes
    }

    var search: CapacitySearch { CapacitySearch(limits: limits, seed: seed, steps: steps) }

    func json() throws -> Data {
        Data(try OrderedJSON(encoding: self).text().utf8)
    }

    static func read(_ data: Data) throws -> CapacityReport {
        try JSONDecoder().decode(CapacityReport.self, from: data)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(scenario, forKey: .scenario)
        try container.encode(setup, forKey: .setup)
        try container.encode(seed, forKey: .seed)
        try container.encode(startedAt, forKey: .startedAt)
        try container.encode(of, forKey: .of)
        try container.encode(rule, forKey: .rule)
        try container.encode(limits, forKey: .limits)
        try container.encode(environment, forKey: .environment)
        try container.encode(steps, forKey: .steps)
        try container.encode(result, forKey: .result)
        try container.encode(notes, forKey: .notes)
    }
}
