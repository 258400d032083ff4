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
    /// Told of each step as it ends.
    let onStep: @Sendable (CapacityStep) -> Void

    /// Goes on with a search until its end, or an interrupt.
    func run(_ start: CapacityReport) async throws -> CapacityReport {
        var report = start
        var stack: ServiceStack?
        do {
            while case .run(let load) = report.search.next(), !interrupt.isSet {
                let scenario = try self.scenario(at: load, report.of)
                // Another number of clients needs other accounts.
                if report.of == .clients, let old = stack.take() { await old.stop() }
                let current: ServiceStack
                if let stack {
                    current = stack
                } else {
                    current = try await self.start(scenario, order: report.steps.count + 1)
                    stack = current
                }
                progress.note("step \(report.steps.count + 1): \(report.of.format(load))")
                let (step, isBroken) = try await play(
                    scenario, load, order: report.steps.count + 1, seed: report.seed, on: current)
                if interrupt.isSet { break }
                // What this step has broken must not fail the next one.
                if isBroken, let old = stack.take() { await old.stop() }
                report.steps.append(step)
                onStep(step)
                try write(report)
            }
            if let stack { await stack.stop() }
        } catch {
            if let stack { await stack.stop() }
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

    private func start(_ scenario: Scenario, order: Int) async throws -> ServiceStack {
        let logs = folder.logs.appendingPathComponent(String(format: "%02d", order), isDirectory: true)
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        return try await ServiceStack.start(inputs.setup, .run(scenario, logs: logs), progress: progress.note)
    }

    private func play(
        _ scenario: Scenario, _ load: Double, order: Int, seed: UInt64, on stack: ServiceStack
    ) async throws -> (CapacityStep, isBroken: Bool) {
        let step = try RunFolder.create(
            in: folder.url.appendingPathComponent("steps").path,
            scenario: String(format: "%02d", order), setup: inputs.setupName, at: Date())
        let recorded = RecordedRun(
            scenario: scenario,
            setup: inputs.setup,
            setupName: inputs.setupName,
            thresholds: [rule],
            seed: seed &+ UInt64(order) &* 1_000_003,
            http: http,
            interrupt: interrupt,
            progress: progress,
            metrics: metrics
        )
        let summary = try await recorded.play(on: stack.stage, in: step)
        let judged = CapacityStep.judge(
            summary, rule: rule, order: order, load: load, folder: "steps/\(step.url.lastPathComponent)")
        return (judged, summary.failure != nil)
    }
}
