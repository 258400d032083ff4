import AsyncHTTPClient
import Foundation

/// One run on a stage that is ready, with everything that it leaves in its folder.
struct RecordedRun: Sendable {
    let scenario: Scenario
    let setup: Setup
    /// Of the summary: the setup's, or `target`.
    let setupName: String
    let thresholds: [Threshold]
    let seed: UInt64
    let http: HTTPClient
    let interrupt: RunSession.Interrupt
    let progress: ProgressPrinter
    let metrics: LoadMetrics?

    /// Plays it, and writes the folder: all but the logs of what was started for it.
    func play(on stage: Stage, in folder: RunFolder) async throws -> Summary {
        try folder.write(scenario: scenario.yaml(), setup: setup.yaml())
        let timeline = try folder.timeline()
        let session = RunSession(
            scenario: scenario,
            setupName: setupName,
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
        try timeline.close()
        var summary = outcome.summary
        summary.thresholds = thresholds.map { $0.evaluate(summary) }
        var texts: [String: String] = [:]
        for (series, histogram) in outcome.histograms { texts[series.rawValue] = histogram.hgrm() }
        try folder.write(histograms: texts)
        for (instance, scrape) in await outcome.scraper.scrapes { try folder.write(scrape: scrape, instance: instance) }
        try folder.write(await outcome.scraper.csv, to: "metrics.csv")
        try folder.write(summary: summary)
        writeReport(folder)
        return summary
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
