import ArgumentParser
import Foundation

/// `LoadGen capacity`
struct CapacityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capacity",
        abstract: "The highest rate, or number of clients, that keeps a rule: an interval, not one number.",
        discussion: """
            LoadGen capacity steady-rooms --slo 'deliver.p99 < 250ms'
            LoadGen capacity idle --of clients --slo 'connect.p99 < 1s' --setup nonsticky
            LoadGen capacity steady-rooms --slo 'deliver.p99 < 250ms' --target http://10.0.0.7:8080    a server that runs

            Each step is a run. A step passes only if the rule holds, nothing was lost and the generator kept up. The load \
            doubles until a step fails; then loads are drawn from where the knee may lie, until its 95 % interval is \
            narrow enough. Each step is printed as it ends. A search that was stopped goes on with --resume DIR.
            """
    )

    @Argument(help: "A scenario's name (see LoadGen scenarios) or a file.")
    var scenario: String

    @Option(help: "The rule to keep: 'deliver.p99 < 250ms'.")
    var slo: String

    @Option(help: "Servers that already run: URL[,URL…], or again and again. Only give servers that are yours.")
    var target: [String] = []

    @Option(help: "File that keeps the accounts made on the target, for the next step and the next search.")
    var accounts: String?

    @Option(help: "What is raised: rate or clients.")
    var of = CapacityReport.Dimension.rate

    @Option(help: "A setup's name (see LoadGen setups) or a file (embedded).")
    var setup: String?

    @Option(help: "Where to begin: 500/s, or a number of clients (the scenario's own).")
    var from: String?

    @Option(help: "How far the interval's ends may lie apart: 20%.")
    var resolution = "20%"

    @Option(name: .customLong("max-steps"), help: "Steps at most.")
    var maxSteps = 30

    @Option(help: "Folder of a search that was stopped: go on with it.")
    var resume: String?

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
        if of == .rate { try RunInputs.requireOpenLoop(inputs.scenario, for: "--of rate") }
        let rule: Threshold
        do throws(ThresholdError) {
            rule = try Threshold.parse(slo)
        } catch {
            throw UsageError(description: "--slo '\(slo)': \(error)")
        }
        guard rule.comparison.isUpperBound || rule.metric.unit != .latency else {
            throw UsageError(
                description: "--slo '\(slo)': more load keeps this rule rather than breaks it; write the most that a "
                    + "latency may be, as in '\(rule.metric.name) < 250ms'")
        }
        if inputs.targets == nil { try Programs.standard().check(inputs.setup) }
        let trust = try trustOptions.trust()
        _ = try trust.configuration()
        HostFacts.raiseFileDescriptorLimit()
        let (report, folder) = try begin(inputs)
        let progress = ProgressPrinter(isQuiet: load.quiet, color: load.wantsColor)
        let http = try RestClient.makeHTTPClient(trust: trust)
        let interrupt = RunSession.Interrupt()
        InterruptSignals.watch(interrupt)
        let terminal = TerminalCapacity(report, color: load.outputStyle.color)
        if !load.json { print(terminal.heading() + report.steps.map { "\n" + terminal.line($0) }.joined()) }
        let isJSON = load.json
        let session = CapacitySession(
            inputs: inputs, rule: rule, folder: folder, http: http, interrupt: interrupt, progress: progress,
            metrics: try await load.offerMetrics(progress.note), trust: trust,
            accountsFile: accounts.map { URL(fileURLWithPath: $0) }
        ) { step in
            progress.finish()
            if !isJSON {
                print(terminal.line(step))
                fflush(nil)
            }
        }
        let finished: CapacityReport
        do {
            finished = try await session.run(report)
        } catch {
            progress.finish()
            try? await http.shutdown()
            folder.removeIfEmpty()
            throw error
        }
        progress.finish()
        try await http.shutdown()
        try show(finished, folder)
        if interrupt.isSet {
            Console.tell("LoadGen: go on with: LoadGen capacity … --resume \(folder.path)")
            throw ExitCode(Summary.Verdict.interrupted.exitStatus)
        }
        // The rule was broken by whatever was tried.
        if !finished.steps.contains(where: { $0.outcome == .passed }),
            finished.steps.contains(where: { $0.outcome == .failed })
        {
            throw ExitCode(Summary.Verdict.thresholdFailed.exitStatus)
        }
    }

    private func show(_ report: CapacityReport, _ folder: RunFolder) throws {
        if load.json {
            Console.write(try report.json())
            return
        }
        let (color, width) = load.outputStyle
        print("\n" + TerminalCapacity(report, color: color).conclusion(width: width) + "  Results in \(folder.path)\n")
    }

    /// A new search, or the one that is to go on.
    private func begin(_ inputs: RunInputs) throws -> (CapacityReport, RunFolder) {
        let share = try Self.share(resolution)
        guard (1...500).contains(maxSteps) else {
            throw UsageError(description: "--max-steps must be 1 to 500, not \(maxSteps)")
        }
        if let resume {
            let folder = RunFolder(existing: URL(fileURLWithPath: resume, isDirectory: true))
            var report = try Self.read(folder)
            guard report.scenario == inputs.scenario.name, report.setup == inputs.setupName, report.of == of,
                report.rule == slo
            else {
                throw UsageError(
                    description: "\(resume) is a search of \(report.scenario) on \(report.setup) for the highest "
                        + "\(report.of.rawValue) with '\(report.rule)': say the same again, or leave --resume out")
            }
            let (scenario, setup) = (folder.text(of: "scenario.yaml"), folder.text(of: "setup.yaml"))
            guard scenario == inputs.scenario.yaml(), setup == inputs.setupYAML else {
                throw UsageError(
                    description:
                        "\(resume) is a search with other settings: give the -c, -d, -r and --set of its first "
                        + "call (its scenario.yaml and setup.yaml have them)")
            }
            report.result = nil
            report.limits.maximumSteps = max(report.limits.maximumSteps, maxSteps)
            report.limits.resolution = share
            return (report, folder)
        }
        let own = of == .rate ? inputs.scenario.measuredPhases.map(\.rate).max() ?? 0 : Double(inputs.scenario.clients)
        let first = try from.map { try Self.load($0, of: of) } ?? own
        guard first > 0 else {
            if from != nil { throw UsageError(description: "--from must be more than 0") }
            throw UsageError(
                description: "the scenario '\(inputs.scenario.name)' sends nothing: give --from, or --of clients")
        }
        var limits = CapacitySearch.Limits(first: first)
        limits.resolution = share
        limits.maximumSteps = maxSteps
        if of == .clients { limits.most = Double(Scenario.maximumClients) }
        var report = CapacityReport(limits: limits)
        report.scenario = inputs.scenario.name
        report.setup = inputs.setupName
        report.seed = load.seed
        report.startedAt = Format.timestamp(Date())
        report.of = of
        report.rule = slo
        report.environment = HostFacts.environment(
            store: inputs.targets == nil ? inputs.setup.store.rawValue : "unknown",
            broker: inputs.targets == nil ? inputs.setup.broker.kind.rawValue : "unknown",
            balancer: inputs.targets == nil ? inputs.setup.balancer.kind.rawValue : "unknown")
        let folder = try RunFolder.create(
            in: load.out, scenario: inputs.scenario.name, setup: "\(inputs.setupName)-capacity", at: Date(),
            subfolders: ["logs"])
        try folder.write(scenario: inputs.scenario.yaml(), setup: inputs.setupYAML)
        return (report, folder)
    }

    /// - Parameter text: of `--from`.
    private static func load(_ text: String, of dimension: CapacityReport.Dimension) throws -> Double {
        switch dimension {
        case .clients:
            guard let clients = Int(text), clients >= 0 else {
                throw UsageError(description: "--from '\(text)' is no number of clients: write 500")
            }
            return Double(clients)
        case .rate:
            do {
                return try Quantity.rate(text)
            } catch {
                throw UsageError(description: "--from: \(error.message); \(error.hint)")
            }
        }
    }

    private static func share(_ text: String) throws -> Double {
        do {
            let share = try Quantity.share(text)
            guard share >= 0.02 else { throw UsageError(description: "--resolution must be 2% or more, not \(text)") }
            return share
        } catch let error as QuantityError {
            throw UsageError(description: "--resolution \(text): \(error.message); \(error.hint)")
        }
    }

    private static func read(_ folder: RunFolder) throws -> CapacityReport {
        let file = folder.url.appendingPathComponent(ReportSource.capacityName)
        do {
            return try CapacityReport.read(try Data(contentsOf: file))
        } catch {
            throw ReportError(.unreadable, "cannot read \(file.path)", cause: error)
        }
    }
}

extension CapacityReport.Dimension: ExpressibleByArgument, CaseIterable {
    static let allCases: [CapacityReport.Dimension] = [.rate, .clients]
}
