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

    /// Both scrapes of an instance in one file, each under a comment that says when it was taken. A parser that takes
    /// the last value of each sample thereby gets the end of the run.
    func write(scrape: Scrape, instance: String) throws(ReportError) {
        let text =
            "# scrape first \(Format.timestamp(scrape.firstAt))\n" + Self.terminated(scrape.first)
            + "# scrape last \(Format.timestamp(scrape.lastAt))\n" + Self.terminated(scrape.last)
        try write(text, to: "metrics/\(Self.fileName(instance)).prom")
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
