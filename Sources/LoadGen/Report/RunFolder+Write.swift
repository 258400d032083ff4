import Foundation

extension RunFolder {
    /// One instance's metrics as scraped before and after the run.
    struct Scrape: Sendable, Equatable {
        var first = ""
        var firstAt = Date(timeIntervalSince1970: 0)
        var last = ""
        var lastAt = Date(timeIntervalSince1970: 0)
    }

    func write(summary: Summary) throws {
        try write(try summary.json(), to: Self.summaryName)
    }

    /// HdrHistogram percentile texts, by series.
    func write(histograms: [String: String]) throws(ReportError) {
        for (series, text) in histograms {
            try write(text, to: "latency/\(Self.fileName(series)).hgrm")
        }
    }

    /// Both scrapes of an instance, each a valid exposition in a file of its own: `<instance>.prom` is the last one,
    /// `<instance>.first.prom` the first. A comment says when it was taken.
    func write(scrape: Scrape, instance: String) throws(ReportError) {
        let name = Self.fileName(instance)
        try write(Self.exposition(scrape.first, "first", scrape.firstAt), to: "metrics/\(name).first.prom")
        try write(Self.exposition(scrape.last, "last", scrape.lastAt), to: "metrics/\(name).prom")
    }

    private static func exposition(_ text: String, _ which: String, _ date: Date) -> String {
        "# scrape \(which) \(Format.timestamp(date))\n" + terminated(text)
    }

    func write(scenario: String, setup: String) throws(ReportError) {
        try write(Self.terminated(scenario), to: "scenario.yaml")
        try write(Self.terminated(setup), to: "setup.yaml")
    }

    func timeline() throws(ReportError) -> TimelineWriter {
        try TimelineWriter(creating: url.appendingPathComponent(Self.timelineName))
    }

    /// Any other file of the run, as `report.html` or `metrics.csv`; `name` is a path inside the folder.
    func write(_ text: String, to name: String) throws(ReportError) {
        try write(Data(text.utf8), to: name)
    }

    func write(_ data: Data, to name: String) throws(ReportError) {
        let file = url.appendingPathComponent(name)
        do {
            try data.write(to: file, options: .atomic)
        } catch {
            throw ReportError(.unwritable, "cannot write \(file.path)", cause: error)
        }
    }

    func summary() throws -> Summary {
        try Summary.load(from: url.appendingPathComponent(Self.summaryName))
    }

    private static func terminated(_ text: String) -> String {
        text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
    }
}
