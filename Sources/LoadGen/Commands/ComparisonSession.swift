import AsyncHTTPClient
import Foundation

/// Plays the blocks of a comparison: all setups are up the whole time, and one after the other gets a block of load from fresh clients.
///
/// The comparison is written after each block, so that whatever ends it, what was measured is there.
struct ComparisonSession: Sendable {
    let setups: [ComparedSetup]
    let blocks: Int
    let seed: UInt64
    let folder: RunFolder
    let http: HTTPClient
    let interrupt: RunSession.Interrupt
    let progress: ProgressPrinter
    let metrics: LoadMetrics?
    /// Whose certificate a side that runs already may show.
    let trust: TLSTrust

    /// - Returns: the comparison, analysed, and what ended it before its time.
    func run() async throws -> (comparison: Comparison, failure: String?) {
        var stages: [Stage] = []
        var stacks: [ServiceStack] = []
        do {
            for setup in setups {
                try interrupt.check()
                if let targets = setup.inputs.targets {
                    stages.append(
                        try await TargetStage.prepare(
                            setup.inputs.scenario, targets: targets, accountsFile: nil, trust: trust, http: http,
                            interrupt: interrupt, progress: progress.note))
                    continue
                }
                progress.note("\(setup.label): starting \(setup.inputs.setup.name)")
                let logs = folder.logs.appendingPathComponent(RunFolder.fileName(setup.label), isDirectory: true)
                try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
                let purpose = ServiceStack.Purpose.run(setup.inputs.scenario, logs: logs)
                let stack = try await ServiceStack.start(setup.inputs.setup, purpose, progress: progress.note)
                stacks.append(stack)
                stages.append(stack.stage)
            }
            try interrupt.check()
            let result = try await play(on: stages)
            for stack in stacks { await stack.stop() }
            return result
        } catch {
            for stack in stacks { await stack.stop() }
            throw error
        }
    }

    private func play(on stages: [Stage]) async throws -> (Comparison, String?) {
        let schedule = BlockSchedule(setups: setups.map(\.label), blocks: blocks)
        var comparison = Comparison()
        comparison.scenario = setups.first?.inputs.scenario.name ?? ""
        comparison.seed = seed
        comparison.startedAt = Format.timestamp(Date())
        comparison.setups = setups.map(\.label)
        comparison.baseline = comparison.setups.first ?? ""
        comparison.blocks = blocks
        comparison.environment = HostFacts.environment(store: "", broker: "", balancer: "")
        comparison.environment.store = stages.first?.store ?? ""
        comparison.environment.broker = stages.first?.broker ?? ""
        var results: [(slot: BlockSchedule.Slot, void: Bool)] = []
        while true {
            switch schedule.next(after: results) {
            case .finished: return (finished(comparison), nil)
            case .exhausted(let setup):
                return (
                    finished(comparison),
                    "the generator was the bottleneck too often on \(setup): lower the rate (--rate), or leave the "
                        + "machine to it"
                )
            case .run(let slot):
                guard let place = setups.firstIndex(where: { $0.label == slot.setup }) else { continue }
                let (run, summary) = try await playBlock(slot, order: results.count + 1, stages[place], setups[place])
                comparison.runs.append(run)
                results.append((slot, run.void))
                try folder.write(try finished(comparison).json(), to: ReportSource.comparisonName)
                if summary.interrupted { return (finished(comparison), "interrupted") }
                if let failure = summary.failure { return (finished(comparison), "\(slot.setup): \(failure)") }
            }
        }
    }

    private func playBlock(
        _ slot: BlockSchedule.Slot, order: Int, _ stage: Stage, _ setup: ComparedSetup
    ) async throws -> (Comparison.Run, Summary) {
        let total = setups.count * blocks
        progress.note("block \(slot.block) of \(blocks) on \(slot.setup), run \(order) of \(total)")
        let block = try RunFolder.create(
            in: folder.url.appendingPathComponent("blocks").path,
            scenario: String(format: "%02d", order), setup: slot.setup, at: Date())
        var inputs = setup.inputs
        inputs.setupName = slot.setup
        let recorded = RecordedRun(
            inputs: inputs,
            // Every setup meets the same clients in a block, and each block others.
            seed: seed &+ UInt64(slot.block) &* 1_000_003,
            http: http,
            interrupt: interrupt,
            progress: progress,
            metrics: metrics
        )
        let summary = try await recorded.play(on: stage, in: block)
        return (Comparison.Run(summary, slot, order: order, folder: "blocks/\(block.url.lastPathComponent)"), summary)
    }

    /// With the statistics and the model of what is there so far.
    private func finished(_ comparison: Comparison) -> Comparison {
        var finished = comparison
        // How servers that run already place their clients, nobody has said.
        finished.model = setups.filter { $0.inputs.targets == nil }.flatMap { setup in
            Comparison.model(of: setup.label, setup.inputs.scenario, setup.inputs.setup, finished.usable(setup.label))
        }
        finished.analyse(oneStart: true)
        return finished
    }
}

extension Comparison.Run {
    init(_ summary: Summary, _ slot: BlockSchedule.Slot, order: Int, folder: String) {
        self.init(
            setup: slot.setup,
            block: slot.block,
            order: order,
            folder: folder,
            startedAt: summary.startedAt,
            void: summary.generator.void || summary.interrupted || summary.failure != nil,
            verdict: summary.verdict,
            metrics: MetricDefinition.values(summary)
        )
    }
}
