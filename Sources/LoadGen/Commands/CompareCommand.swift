import ArgumentParser
import Foundation

/// `LoadGen compare`
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Play one scenario on several setups in interleaved blocks, and say with statistics what differs.",
        discussion: """
            LoadGen compare small-rooms --setups nonsticky,sticky-cookie,sticky-room --blocks 5
            LoadGen compare quick --setups a=nonsticky,b=nonsticky          the same setup twice: what chance does
            LoadGen compare quick --setups old=http://10.0.0.7:8080,new=http://10.0.0.8:8080    servers that run already
            LoadGen compare RUN_DIR RUN_DIR … --against RUN_DIR RUN_DIR …   finished runs: before and after a change
            LoadGen compare FILE FILE … --against FILE FILE …               the same of files that make perf has written

            All setups are started and stay up; each block is a whole run with fresh clients. Blocks go forward and back \
            (ABC CBA …), so that what drifts falls on all alike. The first setup is what the others are compared with. \
            With fewer than 4 blocks a side no difference can be shown. Writes compare.json and report.html.
            """
    )

    @Argument(help: "A scenario's name or file; with --against the folders of finished runs, or files of make perf.")
    var subjects: [String]

    @Option(help: "Setups or URLs of servers, the baseline first: NAME or LABEL=NAME, separated by commas.")
    var setups: String?

    @Option(help: "Blocks for each setup.")
    var blocks = 5

    @Option(
        parsing: .upToNextOption,
        help: "Folders of finished runs, or files of make perf, that are compared with the others.")
    var against: [String] = []

    @OptionGroup var trustOptions: TrustOptions

    @OptionGroup var load: LoadOptions

    func validate() throws {
        guard (1...1000).contains(blocks) else { throw ValidationError("--blocks must be 1 to 1000, not \(blocks)") }
        if against.isEmpty, setups == nil {
            throw ValidationError("--setups is missing: name two or more, as in --setups nonsticky,sticky-cookie")
        }
        if !against.isEmpty, setups != nil {
            throw ValidationError("give --setups to run, or --against for finished runs")
        }
        if against.isEmpty, subjects.count != 1 { throw ValidationError("give one scenario") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            if against.isEmpty { try await play() } else { try compareFinished() }
        }
    }

    private func play() async throws {
        let compared = try ComparedSetup.list(setups ?? "", scenario: subjects[0], load: load)
        for setup in compared where setup.inputs.targets == nil { try Programs.standard().check(setup.inputs.setup) }
        HostFacts.raiseFileDescriptorLimit()
        let progress = ProgressPrinter(isQuiet: load.quiet, color: load.wantsColor)
        let folder = try RunFolder.create(
            in: load.out, scenario: compared[0].inputs.scenario.name, setup: "compare", at: Date(), subfolders: ["logs"]
        )
        let trust = try trustOptions.trust()
        let http = try RestClient.makeHTTPClient(trust: trust)
        let interrupt = RunSession.Interrupt()
        InterruptSignals.watch(interrupt)
        let session = ComparisonSession(
            setups: compared,
            blocks: blocks,
            seed: load.seed,
            folder: folder,
            http: http,
            interrupt: interrupt,
            progress: progress,
            metrics: try await load.offerMetrics(progress.note),
            trust: trust
        )
        do {
            let (comparison, failure) = try await session.run()
            progress.finish()
            try await http.shutdown()
            try finish(comparison, folder, failure: failure)
        } catch {
            progress.finish()
            try? await http.shutdown()
            folder.removeIfEmpty()
            throw error
        }
    }

    private func compareFinished() throws {
        let comparison = try FinishedRuns.comparison(of: subjects, with: against, seed: load.seed)
        let folder = try RunFolder.create(
            in: load.out, scenario: comparison.scenario, setup: "compare", at: Date(), subfolders: ["logs"])
        try finish(comparison, folder, failure: nil)
    }

    private func finish(_ comparison: Comparison, _ folder: RunFolder, failure: String?) throws {
        try folder.write(try comparison.json(), to: ReportSource.comparisonName)
        try folder.writeReport()
        let (color, width) = load.outputStyle
        if load.json {
            Console.write(try comparison.json())
        } else {
            print(
                TerminalComparison.render(comparison, folder: folder.path, color: color, width: width), terminator: "")
        }
        if let failure { Console.tell("LoadGen: \(failure)") }
        let status = Self.status(of: comparison, failure: failure)
        if status != 0 { throw ExitCode(status) }
    }

    /// A difference is no failure; a lost message is, and so is what ended the comparison before its time.
    static func status(of comparison: Comparison, failure: String?) -> Int32 {
        if failure == "interrupted" { return Summary.Verdict.interrupted.exitStatus }
        if comparison.runs.contains(where: { $0.verdict == .integrityFailed }) {
            return Summary.Verdict.integrityFailed.exitStatus
        }
        guard failure != nil else { return 0 }
        let isOfGenerator = comparison.runs.last?.verdict == .generatorBottleneck
        return (isOfGenerator ? Summary.Verdict.generatorBottleneck : .error).exitStatus
    }
}
