import ArgumentParser
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

    @Option(help: "Servers that already run: URL[,URL…], or again and again. Only give servers that are yours.")
    var target: [String] = []

    @Option(help: "File that keeps the accounts made on the target, for the next run.")
    var accounts: String?

    @OptionGroup var trustOptions: TrustOptions
    @OptionGroup var load: LoadOptions

    func run() async throws {
        try await ExitStatus.reporting { try await execute() }
    }

    private func execute() async throws {
        let inputs = try RunInputs(
            scenario: scenario, setup: setup, load: load,
            target: target.isEmpty ? nil : target.joined(separator: ","))
        if accounts != nil, inputs.targets == nil { throw RunInputs.accountsWithoutTarget }
        let trust = try trustOptions.trust()
        // What cannot be read is told before a folder is made.
        _ = try trust.configuration()
        if inputs.targets == nil { try Programs.standard().check(inputs.setup) }
        HostFacts.raiseFileDescriptorLimit()
        let progress = ProgressPrinter(isQuiet: load.quiet, color: load.wantsColor)
        let folder = try RunFolder.create(
            in: load.out,
            scenario: inputs.scenario.name,
            setup: inputs.setupName,
            at: Date()
        )
        let http = try RestClient.makeHTTPClient(trust: trust)
        let interrupt = RunSession.Interrupt()
        InterruptSignals.watch(interrupt)
        let run = RecordedRun(
            inputs: inputs,
            seed: load.seed,
            http: http,
            interrupt: interrupt,
            progress: progress,
            metrics: try await load.offerMetrics(progress.note)
        )
        let summary: Summary
        do {
            summary = try await play(run, inputs, trust, folder)
        } catch let error as RecordedRun.Unwritten {
            progress.finish()
            try? await http.shutdown()
            try show(error.summary, folder)
            throw error.cause
        } catch {
            progress.finish()
            try? await http.shutdown()
            folder.removeIfEmpty()
            throw error
        }
        progress.finish()
        try await http.shutdown()
        try show(summary, folder)
        if summary.exitStatus != 0 { throw ExitCode(summary.exitStatus) }
    }

    private func play(
        _ run: RecordedRun,
        _ inputs: RunInputs,
        _ trust: TLSTrust,
        _ folder: RunFolder
    ) async throws -> Summary {
        let progress = run.progress
        guard let targets = inputs.targets else {
            let purpose = ServiceStack.Purpose.run(inputs.scenario, logs: folder.logs)
            let stack = try await ServiceStack.start(inputs.setup, purpose) { progress.note($0) }
            do {
                try run.interrupt.check()
                let summary = try await run.play(on: stack.stage, in: folder)
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
            trust: trust,
            http: run.http,
            interrupt: run.interrupt
        ) { progress.note($0) }
        try run.interrupt.check()
        return try await run.play(on: stage, in: folder)
    }

    private func show(_ summary: Summary, _ folder: RunFolder) throws {
        if load.json {
            Console.write(try summary.json())
            print()
            return
        }
        let (color, width) = load.outputStyle
        print(TerminalReport.render(summary, folder: folder.path, color: color, width: width))
    }
}
