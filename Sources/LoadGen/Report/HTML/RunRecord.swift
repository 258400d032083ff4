import ChatMetrics
import Foundation

/// Everything that a finished run's folder holds and a report shows.
struct RunRecord: Sendable {
    /// The folder's own name, without where it lies.
    var folder = ""
    var summary = Summary()
    var timeline: [TimelinePoint] = []
    var curves: [Summary.Series: PercentileCurve] = [:]
    var readings: [ServerReading] = []
    /// The text of `scenario.yaml` and `setup.yaml`.
    var scenario: String?
    var setup: String?
    /// Files that the folder might have and has not, by their names in it.
    var missing: [String] = []
}

extension RunRecord {
    var flows: [Summary.Flow] { summary.flows }
    var faults: [Summary.InjectedFault] { summary.injectedFaults }
    var parts: [Summary.Part] { summary.parts }

    /// How long clients that lost their connection were away; nil if none did.
    var reconnect: LatencySummary? {
        let series = summary.latency[.reconnect]
        return series.count > 0 ? series : nil
    }
}

extension RunFolder {
    /// Reads a finished run. `summary.json` must be there; any other file may be missing, and is then named in
    /// `missing`. A file that is there and does not read is an error: half a report would pass for a whole one.
    func record() throws -> RunRecord {
        var record = RunRecord(folder: url.standardizedFileURL.lastPathComponent)
        record.summary = try summary()
        record.timeline = try read(Self.timelineName, &record.missing, TimelinePoint.read) ?? []
        record.readings = try read("metrics.csv", &record.missing, ServerReading.read) ?? []
        record.scenario = try read("scenario.yaml", &record.missing) { $0 }
        record.setup = try read("setup.yaml", &record.missing) { $0 }
        for series in Summary.Series.allCases where record.summary.latency[series].count > 0 {
            let name = "latency/\(Self.fileName(series.rawValue)).hgrm"
            record.curves[series] = try read(name, &record.missing, PercentileCurve.read)
        }
        return record
    }

    /// Nil if the file is missing.
    private func read<T>(_ name: String, _ missing: inout [String], _ parse: (String) throws -> T) throws -> T? {
        let file = url.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else {
            missing.append(name)
            return nil
        }
        let text: String
        do {
            text = try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw ReportError(.unreadable, "cannot read \(file.path)", cause: error)
        }
        do {
            return try parse(text)
        } catch {
            throw ReportError(.unreadable, "\(file.path) is broken: \(error)")
        }
    }
}
