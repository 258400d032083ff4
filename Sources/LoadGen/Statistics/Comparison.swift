import Foundation

/// What `compare.json` holds: every run, and what they say of each metric and pair of setups.
///
/// Keys are in this order. A figure that there is not is null, never 0.
struct Comparison: Codable, Sendable, Equatable {
    /// The version of the shape that this program writes.
    static let currentSchema = 1

    var schema = Comparison.currentSchema
    var scenario = ""
    /// Of the runs' randomness, and of what little there is in the statistics.
    var seed: UInt64 = 0
    /// RFC 3339 with microseconds.
    var startedAt = ""
    /// The setup that the others are compared with.
    var baseline = ""
    /// The baseline first.
    var setups: [String] = []
    /// Per setup, as planned.
    var blocks = 0
    var confidence = 0.95
    var environment = Summary.Environment()
    /// In the order in which they ran, the void ones too.
    var runs: [Run] = []
    var comparisons: [Pair] = []
    var model: [ModelRow] = []
    /// What the reader must know beside the figures.
    var notes: [String] = []

    enum CodingKeys: String, CodingKey {
        case schema, scenario, seed
        case startedAt = "started_at"
        case baseline, setups, blocks, confidence, environment, runs, comparisons, model, notes
    }

    /// True of runs that were there before: nobody has chosen their order for this.
    var comparesFinished: Bool { runs.contains { !$0.folder.hasPrefix("blocks/") } }

    /// One block on one setup.
    struct Run: Codable, Sendable, Equatable {
        var setup = ""
        /// From 1.
        var block = 0
        /// From 1, over all setups.
        var order = 0
        var folder = ""
        var startedAt = ""
        /// It measured the generator, not the server, and counts for nothing.
        var void = false
        var verdict = Summary.Verdict.pass
        /// By ``MetricDefinition/name``, in the metric's unit.
        var metrics: [String: Double] = [:]

        enum CodingKeys: String, CodingKey {
            case setup, block, order, folder
            case startedAt = "started_at"
            case void, verdict, metrics
        }
    }

    /// What the model of placement expects of a setup, beside what was measured; units as the name's metric has them.
    struct ModelRow: Codable, Sendable, Equatable {
        var setup = ""
        var name = ""
        var expected: Double = 0
        /// The median over the blocks; null if it was not measured.
        var measured: Double?

        enum CodingKeys: String, CodingKey {
            case setup, name, expected, measured
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(setup, forKey: .setup)
            try container.encode(name, forKey: .name)
            try container.encode(expected, forKey: .expected)
            try container.encode(measured, forKey: .measured)
        }
    }
}

extension Comparison {
    func json() throws -> Data {
        Data(try OrderedJSON(encoding: self).text().utf8)
    }

    static func read(_ data: Data) throws -> Comparison {
        try JSONDecoder().decode(Comparison.self, from: data)
    }
}
