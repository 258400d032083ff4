import ArgumentParser
import AsyncHTTPClient
import ChatMetrics
import Foundation

/// `LoadGen run`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Play one scenario and measure it.",
        discussion: """
            Without --target it starts the setup's servers on this machine, and stops them afterwards. The result is \
            printed to stdout and written to a folder of its own: report.html, summary.json, timeline.csv, latency/*.hgrm, \
            metrics/.

            --set changes a single value of the scenario or the setup: --set rooms.count=10 --set phases.steady.rate=50/s
            """
    )

    @Argument(help: "A scenario's name (see LoadGen scenarios) or a file.")
    var scenario: String

    @Option(help: "A setup's name (see LoadGen setups) or a file (embedded).")
    var setup: String?

    @Option(help: "Servers that already run: URL[,URL…]. Only give servers that are yours.")
    var target: String?

    @Option(help: "File that keeps the accounts made on the target, for the next run.")
    var accounts: String?

    @Option(name: [.short, .long], help: "Clients; rooms grow with them.")
    var clients: Int?

    @Option(name: [.short, .long], help: "Messages a second in the measured phases: 500/s.")
    var rate: String?

    @Option(name: [.short, .long], help: "Length of the measured phases: 20s, 2m.")
    var duration: String?

    @Option(help: "Seed of everything random: the same seed plays the same run.")
    var seed: UInt64 = 1

    @Option(help: "Folder for the run's folder.")
    var out = "bench-results"

    @Option(name: .customLong("set"), help: "key=value, again and again.")
    var settings: [String] = []

    @Flag(help: "Print summary.json instead of the table.")
    var json = false

    @Flag(help: "No progress.")
    var quiet = false

    @Flag(name: .customLong("no-color"), help: "No colour (also: NO_COLOR).")
    var noColor = false

    func run() async throws {
        try await ExitStatus.reporting { try await execute() }
    }

    private func execute() async throws {
        let inputs = try RunInputs(self)
        if inputs.targets == nil { try Programs.standard().check(inputs.setup) }
        HostFacts.raiseFileDescriptorLimit()
        let wantsColor = !noColor && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        let progress = ProgressPrinter(isQuiet: quiet, color: wantsColor)
        let folder = try RunFolder.create(
            in: out,
            scenario: inputs.scenario.name,
            setup: inputs.setupName,
            at: Date()
        )
        try folder.write(scenario: inputs.scenario.yaml(), setup: inputs.setup.yaml())
        let http = RestClient.makeHTTPClient()
        let interrupt = RunSession.Interrupt()
        InterruptSignals.watch(interrupt)
        let summary: Summary
        do {
            summary = try await play(inputs, folder, http, interrupt, progress)
        } catch {
            progress.finish()
            try? await http.shutdown()
            throw error
        }
        progress.finish()
        try await http.shutdown()
        try folder.write(summary: summary)
        writeReport(folder, progress)
        try show(summary, folder, color: wantsColor)
        if summary.exitStatus != 0 { throw ExitCode(summary.exitStatus) }
    }

    /// The run is measured and written by now: without its page it is still a result.
    private func writeReport(_ folder: RunFolder, _ progress: ProgressPrinter) {
        do {
            try folder.writeReport()
        } catch {
            progress.note("no \(RunFolder.reportName): \(error)")
        }
    }

    private func play(
        _ inputs: RunInputs,
        _ folder: RunFolder,
        _ http: HTTPClient,
        _ interrupt: RunSession.Interrupt,
        _ progress: ProgressPrinter
    ) async throws -> Summary {
        guard let targets = inputs.targets else {
            let purpose = ServiceStack.Purpose.run(inputs.scenario, logs: folder.logs)
            let stack = try await ServiceStack.start(inputs.setup, purpose) { progress.note($0) }
            do {
                let summary = try await measure(stack.stage, inputs, folder, http, interrupt, progress)
                await stack.stop()
                return summary
            } catch {
                await stack.stop()
                throw error
            }
        }
        let stage = try await TargetStage.prepare(
            inputs.scenario,
            targets: targets,
            accountsFile: accounts.map { URL(fileURLWithPath: $0) },
            http: http
        ) { progress.note($0) }
        return try await measure(stage, inputs, folder, http, interrupt, progress)
    }

    private func measure(
        _ stage: Stage,
        _ inputs: RunInputs,
        _ folder: RunFolder,
        _ http: HTTPClient,
        _ interrupt: RunSession.Interrupt,
        _ progress: ProgressPrinter
    ) async throws -> Summary {
        let timeline = try folder.timeline()
        let session = RunSession(
            scenario: inputs.scenario,
            setupName: inputs.setupName,
            seed: seed,
            stage: stage,
            http: http,
            interrupt: interrupt,
            timeline: timeline,
            progress: progress
        )
        let outcome = try await session.run()
        try timeline.close()
        var summary = outcome.summary
        summary.thresholds = inputs.thresholds.map { $0.evaluate(summary) }
        var texts: [String: String] = [:]
        for (series, histogram) in outcome.histograms { texts[series.rawValue] = histogram.hgrm() }
        try folder.write(histograms: texts)
        for (instance, scrape) in await outcome.scraper.scrapes { try folder.write(scrape: scrape, instance: instance) }
        try folder.write(await outcome.scraper.csv, to: "metrics.csv")
        return summary
    }

    private func show(_ summary: Summary, _ folder: RunFolder, color: Bool) throws {
        if json {
            FileHandle.standardOutput.write(try summary.json())
            print()
            return
        }
        let isTerminal = isatty(STDOUT_FILENO) == 1
        print(
            TerminalReport.render(
                summary,
                folder: folder.path,
                color: color && isTerminal,
                width: isTerminal ? ProgressPrinter.terminalWidth(STDOUT_FILENO) : 100
            )
        )
    }
}
