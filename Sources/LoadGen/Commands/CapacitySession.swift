import AsyncHTTPClient
import Foundation

/// Plays the steps of a capacity search, each a whole run, and writes the search down after each.
struct CapacitySession: Sendable {
    let inputs: RunInputs
    let rule: Threshold
    let folder: RunFolder
    let http: HTTPClient
    let interrupt: RunSession.Interrupt
    let progress: ProgressPrinter
    let metrics: LoadMetrics?
    /// Whose certificate servers that run already may show.
    let trust: TLSTrust
    /// Of accounts on servers that run already.
    let accountsFile: URL?
    /// Told of each step as it ends.
    let onStep: @Sendable (CapacityStep) -> Void

    /// What a step is played on: a stack that this search has started, or servers that run already.
    private struct Ground {
        var stage: Stage
        var stack: ServiceStack?

        func leave() async { await stack?.stop() }
    }

    /// Goes on with a search until its end, or an interrupt.
    func run(_ start: CapacityReport) async throws -> CapacityReport {
        var report = start
        var ground: Ground?
        do {
            while case .run(let load) = report.search.next(), !interrupt.isSet {
                let scenario = try self.scenario(at: load, report.of)
                // Another number of clients needs other accounts.
                if report.of == .clients, let old = ground.take() { await old.leave() }
                let current: Ground
                if let ground {
                    current = ground
                } else {
                    do {
                        current = try await self.prepare(scenario, order: report.steps.count + 1)
                    } catch is RunSession.Interrupted {
                        break
                    }
                    ground = current
                }
                if interrupt.isSet { break }
                progress.note("step \(report.steps.count + 1): \(report.of.format(load))")
                let (step, isBroken) = try await play(
                    scenario, load, order: report.steps.count + 1, seed: report.seed, on: current.stage)
                if interrupt.isSet { break }
                // What this step has broken must not fail the next one.
                if isBroken, let old = ground.take() { await old.leave() }
                report.steps.append(step)
                onStep(step)
                try write(report)
            }
            await ground?.leave()
        } catch {
            await ground?.leave()
            throw error
        }
        if case .finish(let result) = report.search.next() { report.result = result }
        try write(report)
        return report
    }

    private func write(_ report: CapacityReport) throws {
        try folder.write(try report.json(), to: ReportSource.capacityName)
        try folder.writeReport()
    }

    private func scenario(at load: Double, _ of: CapacityReport.Dimension) throws -> Scenario {
        var scenario = inputs.scenario
        switch of {
        case .rate: try scenario.apply(ScenarioOverrides(clients: nil, rate: load, duration: nil))
        case .clients: try scenario.apply(ScenarioOverrides(clients: Int(load), rate: nil, duration: nil))
        }
        return scenario
    }

    private func prepare(_ scenario: Scenario, order: Int) async throws -> Ground {
        if let targets = inputs.targets {
            return Ground(
                stage: try await TargetStage.prepare(
                    scenario, targets: targets, accountsFile: accountsFile, trust: trust, http: http,
                    interrupt: interrupt, progress: progress.note))
        }
        let logs = folder.logs.appendingPathComponent(String(format: "%02d", order), isDirectory: true)
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        let stack = try await ServiceStack.start(inputs.setup, .run(scenario, logs: logs), progress: progress.note)
        return Ground(stage: stack.stage, stack: stack)
    }

    private func play(
        _ scenario: Scenario, _ load: Double, order: Int, seed: UInt64, on stage: Stage
    ) async throws -> (CapacityStep, isBroken: Bool) {
        let step = try RunFolder.create(
            in: folder.url.appendingPathComponent("steps").path,
            scenario: String(format: "%02d", order), setup: inputs.setupName, at: Date())
        var inputs = inputs
        inputs.scenario = scenario
        inputs.thresholds = [rule]
        let recorded = RecordedRun(
            inputs: inputs,
            seed: seed &+ UInt64(order) &* 1_000_003,
            http: http,
            interrupt: interrupt,
            progress: progress,
            metrics: metrics
        )
        let summary = try await recorded.play(on: stage, in: step)
        let judged = CapacityStep.judge(
            summary, rule: rule, order: order, load: load, folder: "steps/\(step.url.lastPathComponent)")
        return (judged, summary.failure != nil)
    }
}
