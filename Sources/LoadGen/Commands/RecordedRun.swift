import AsyncHTTPClient
import Foundation

/// One run on a stage that is ready, with everything that it leaves in its folder.
struct RecordedRun: Sendable {
    let inputs: RunInputs
    let seed: UInt64
    let http: HTTPClient
    let interrupt: RunSession.Interrupt
    let progress: ProgressPrinter
    let metrics: LoadMetrics?

    /// It was measured, but not all of it could be written.
    struct Unwritten: Error, CustomStringConvertible {
        var summary: Summary
        var cause: any Error
        var description: String { "\(cause)" }
    }

    /// Plays it, and writes the folder: all but the logs of what was started for it.
    /// - Throws: ``Unwritten``, or what kept it from being measured.
    func play(on stage: Stage, in folder: RunFolder) async throws -> Summary {
        try folder.write(scenario: inputs.scenario.yaml(), setup: inputs.setupYAML)
        let timeline = try folder.timeline()
        let session = RunSession(
            scenario: inputs.scenario,
            setupName: inputs.setupName,
            seed: seed,
            stage: stage,
            http: http,
            interrupt: interrupt,
            timeline: timeline,
            progress: progress,
            metrics: metrics
        )
        defer { metrics?.finish() }
        let outcome = try await session.run()
        var summary = outcome.summary
        summary.thresholds = inputs.thresholds.map { $0.evaluate(summary) }
        do {
            // First: where there is no room for all the files there are still the figures.
            try folder.write(summary: summary)
            try timeline.close()
            try await write(outcome, in: folder)
            if let unwritten = outcome.unwritten { throw unwritten }
        } catch {
            throw Unwritten(summary: summary, cause: error)
        }
        writeReport(folder)
        return summary
    }

    private func write(_ outcome: RunSession.Outcome, in folder: RunFolder) async throws {
        var texts: [String: String] = [:]
        for (series, histogram) in outcome.histograms { texts[series.rawValue] = histogram.hgrm() }
        try folder.write(histograms: texts)
        for (instance, scrape) in await outcome.scraper.scrapes { try folder.write(scrape: scrape, instance: instance) }
        try folder.write(await outcome.scraper.csv, to: "metrics.csv")
    }

    /// The run is measured and written by now: without its page it is still a result.
    private func writeReport(_ folder: RunFolder) {
        do {
            try folder.writeReport()
        } catch {
            progress.note("no \(RunFolder.reportName): \(error)")
        }
    }
}
