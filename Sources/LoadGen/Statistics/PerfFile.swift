import Foundation

/// A file that `make perf` has written, as one block of a comparison: each figure is a metric, and so is its ratio to the
/// floor that was taken in the same block. What disturbs a block disturbs the floor as well, so the ratio tells a change
/// from a disturbance.
struct PerfFile: Decodable, Sendable {
    /// The version of the shape that this program reads.
    static let schema = 1

    struct Machine: Decodable, Sendable {
        var cpu = ""
        var cores = 0
        var kernel = ""
    }

    struct Figure: Decodable, Sendable {
        struct Floor: Decodable, Sendable {
            var median: Double?
        }

        var name: String
        var unit: String
        var better: MetricVerdict.Better
        var median: Double?
        var floor: Floor?
        /// The median of the rounds' ratios.
        var ratio: Double?
        var failed: String?
    }

    /// Of what was measured.
    var commit: String
    var dirty: Bool
    var beganAt: String
    var machine: Machine
    var rounds: Int
    var figures: [Figure]

    private enum CodingKeys: String, CodingKey {
        case commit, dirty
        case beganAt = "began_at"
        case machine, rounds, figures
    }

    /// `59d2543c63a8`, or `59d2543c63a8 with changes`.
    var revision: String { commit + (dirty ? " with changes" : "") }

    /// Each figure that was measured, by the name and in the unit of its definition.
    var metrics: [String: Double] {
        var metrics: [String: Double] = [:]
        for figure in figures where figure.failed == nil {
            metrics[figure.name] = figure.median.map { $0 * figure.scale.factor }
            metrics[figure.ratioName] = figure.ratio
        }
        return metrics
    }

    var definitions: [MetricDefinition] { figures.flatMap(\.definitions) }
}

extension PerfFile.Figure {
    /// At the end of the name of a ratio to the floor.
    static let ratioSuffix = " / floor"

    var ratioName: String { name + Self.ratioSuffix }

    /// The unit of a comparison that this figure's is read as.
    var scale: (unit: MetricDefinition.Unit, factor: Double) {
        switch unit {
        case "s": (.seconds, 1)
        case "ms": (.nanoseconds, 1e6)
        case _ where unit.hasPrefix("KB"): (.bytes, 1e3)
        // `deliveries/s`; a second of somebody's CPU is one as well: `deliveries/server CPU s`.
        case _ where unit.hasSuffix("/s") || unit.hasSuffix(" s"): (.perSecond, 1)
        default: (.count, 1)
        }
    }

    var definitions: [MetricDefinition] {
        let own = MetricDefinition.unlisted(name, unit: scale.unit, better: better)
        return floor == nil ? [own] : [own, .unlisted(ratioName, unit: .ratio, better: better)]
    }
}

extension PerfFile {
    private struct Header: Decodable {
        let schema: Int
        let kind: String?
    }

    /// Whether a path is such a file, and not a run's folder or its summary.
    /// - Throws: ``ReportError`` for what cannot be read, and for a file that is neither.
    static func isOne(_ path: String) throws -> Bool {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return false }
        return try header(path, try bytes(path)).kind == "perf"
    }

    static func load(_ path: String) throws -> PerfFile {
        let data = try bytes(path)
        let schema = try header(path, data).schema
        guard schema == Self.schema else {
            throw ReportError(.unreadable, "\(path) has schema \(schema); this LoadGen reads schema \(Self.schema)")
        }
        do {
            return try JSONDecoder().decode(PerfFile.self, from: data)
        } catch {
            throw ReportError(.unreadable, "\(path) is not a file of make perf", cause: error)
        }
    }

    private static func header(_ path: String, _ data: Data) throws(ReportError) -> Header {
        do {
            return try JSONDecoder().decode(Header.self, from: data)
        } catch {
            throw ReportError(.unreadable, "\(path) is neither of a run nor of make perf", cause: error)
        }
    }

    private static func bytes(_ path: String) throws(ReportError) -> Data {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw ReportError(.unreadable, "cannot read \(path)", cause: error)
        }
    }
}
