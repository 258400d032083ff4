import ArgumentParser
import Foundation

/// `PerfBench run`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure all figures beside their floors: a table, and a JSON file.",
        discussion: """
            Progress goes to stderr, the table to stdout, the result to bench-results/perf/<date>-<commit>.json. \
            A missed target is shown as missed, and what could not be measured as failed, with the reason. The \
            machine should have nothing else to do meanwhile.

              PerfBench run                            everything, 5 rounds: about a quarter of an hour
              PerfBench run --only fanout,idle         some of it
              PerfBench run --quick                    does everything work? No figures to quote
              PerfBench run --check                    status 1 if a target was missed

            Figures for --only:
            \(Experiments.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
            """)

    @Option(help: "How often each figure and its floor are taken, in turn; the table shows medians.")
    var rounds = 5

    @Option(help: "Names of figures, with commas.")
    var only: String?

    @Flag(help: "Two short rounds.")
    var quick = false

    @Flag(help: "End with status 1 if a target was missed or a figure could not be measured.")
    var check = false

    @Flag(help: "Measure nothing: list the names that --only takes, or those of them that it was given.")
    var list = false

    @Flag(help: "Print the JSON instead of the table.")
    var json = false

    @Option(help: "Where the JSON goes (bench-results/perf/<date>-<commit>.json).")
    var out: String?

    @Option(help: "The commit that --server and --generator were built from, for the JSON (the work tree's).")
    var commit: String?

    @OptionGroup var programs: Programs

    func validate() throws {
        guard (1...100).contains(rounds) else { throw ValidationError("--rounds is 1 to 100") }
        let names = Experiments.all.map { $0.name }
        for name in wanted ?? [] where !names.contains(name) {
            throw ValidationError("--only knows \(names.joined(separator: ", ")), and not \(name)")
        }
    }

    private var wanted: [String]? {
        only?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    func run() async throws {
        let chosen = Experiments.all.filter { wanted?.contains($0.name) ?? true }
        if list {
            for type in chosen { print(type.name) }
            return
        }
        FileLimit.raise()
        Interrupts.watch()
        let began = Date()
        let rounds = quick ? min(rounds, 2) : rounds
        let (chatServer, loadGen) = (try programs.chatServer, try programs.loadGen)
        let figures = try await Workspace.with { workspace in
            let bench = Bench(
                chatServer: chatServer, loadGen: loadGen, workspace: workspace, rounds: rounds, isQuick: quick)
            var figures: [FigureResult] = []
            for type in chosen {
                FileHandle.standardError.write(Data("\(type.name): \(type.summary)\n".utf8))
                figures += await Self.measure(type.init(), bench)
            }
            return figures
        }
        let report = PerfReport(
            revision: commit.map { Revision(commit: $0, isDirty: false) } ?? .current(), began: began, rounds: rounds,
            figures: figures)
        let file = try write(report, began)
        print(json ? String(decoding: try report.json(), as: UTF8.self) : figures.table)
        FileHandle.standardError.write(Data("Results in \(file.relativePath)\n".utf8))
        if check, !figures.allSatisfy(\.holds) { throw ExitCode(1) }
    }

    private static func measure(_ experiment: some Experiment, _ bench: Bench) async -> [FigureResult] {
        var experiment = experiment
        do {
            try await experiment.measure(bench)
        } catch {
            bench.tell("failed: \(error)")
            for index in experiment.figures.indices where experiment.figures[index].failed == nil {
                experiment.figures[index].failed = "\(error)"
            }
        }
        for index in experiment.figures.indices where experiment.figures[index].values.isEmpty {
            experiment.figures[index].failed = experiment.figures[index].failed ?? "nothing was measured"
        }
        return experiment.figures
    }

    private func write(_ report: PerfReport, _ began: Date) throws -> URL {
        let stamp = began.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let file = URL(fileURLWithPath: out ?? "bench-results/perf/\(stamp)-\(report.commit).json")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try report.json().write(to: file, options: .atomic)
        let plotted = report.figures.filter { !$0.series.isEmpty }
        if !plotted.isEmpty {
            let plot = file.deletingPathExtension().appendingPathExtension("svg")
            try Data(Plot.svg(plotted).utf8).write(to: plot, options: .atomic)
        }
        return file
    }
}
