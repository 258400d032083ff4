import Foundation

/// A comparison of what is finished, runs' folders or files of `make perf`: `before` and `after`.
enum FinishedRuns {
    /// - Throws: ``ReportError`` for what cannot be read; ``UsageError`` where scenarios differ, or a run stands beside
    ///   a file of `make perf`.
    static func comparison(of before: [String], with after: [String], seed: UInt64) throws -> Comparison {
        let kinds = try (before + after).map { (path: $0, isPerf: try PerfFile.isOne($0)) }
        guard let perf = kinds.first(where: \.isPerf) else {
            return try runComparison(of: before, with: after, seed: seed)
        }
        if let run = kinds.first(where: { !$0.isPerf }) {
            throw UsageError(
                description:
                    "\(perf.path) is a file of make perf, and \(run.path) is not: one says nothing of the other")
        }
        return try perfComparison(of: before, with: after, seed: seed)
    }

    private static func runComparison(
        of before: [String], with after: [String], seed: UInt64
    ) throws -> Comparison {
        let sides = try [("before", before), ("after", after)].map { label, folders in
            (label: label, runs: try folders.map { (folder: $0, summary: try load($0)) })
        }
        let scenarios = Set(sides.flatMap(\.runs).map(\.summary.scenario))
        guard scenarios.count == 1, let scenario = scenarios.first else {
            throw UsageError(
                description: "the runs are of different scenarios (\(scenarios.sorted().joined(separator: ", "))): "
                    + "their figures say nothing of each other")
        }
        var comparison = Comparison()
        comparison.scenario = scenario
        comparison.seed = seed
        comparison.startedAt = Format.timestamp(Date())
        comparison.baseline = "before"
        comparison.setups = sides.map(\.label)
        comparison.blocks = max(before.count, after.count)
        comparison.environment = sides[0].runs.first?.summary.environment ?? Summary.Environment()
        let all = sides.flatMap { side in
            side.runs.enumerated().map { (label: side.label, block: $0.offset + 1, run: $0.element) }
        }
        // In the order in which they ran, which shows whether they were interleaved.
        for (place, entry) in all.sorted(by: { $0.run.summary.startedAt < $1.run.summary.startedAt }).enumerated() {
            let slot = BlockSchedule.Slot(setup: entry.label, block: entry.block)
            comparison.runs.append(
                Comparison.Run(entry.run.summary, slot, order: place + 1, folder: entry.run.folder))
        }
        comparison.notes = notes(on: comparison, sides.flatMap { side in side.runs.map(\.summary) })
        comparison.analyse()
        return comparison
    }

    private static func load(_ folder: String) throws -> Summary {
        try Summary.load(from: URL(fileURLWithPath: folder))
    }

    private static func notes(on comparison: Comparison, _ summaries: [Summary]) -> [String] {
        var notes = order(comparison) + machines(summaries.map { ($0.environment.cpu, $0.environment.cores) })
        let setups = Set(summaries.map(\.setup))
        if setups.count > 1 { notes.append("the runs are of the setups \(setups.sorted().joined(separator: ", "))") }
        return notes
    }

    /// A note if the sides did not take turns.
    static func order(_ comparison: Comparison) -> [String] {
        let order = comparison.runs.map(\.setup)
        let changes = zip(order, order.dropFirst()).count { $0 != $1 }
        guard changes < 3, order.count > 3 else { return [] }
        return [
            "the runs were not interleaved: whatever changed on the machine between the two sides looks like a "
                + "difference"
        ]
    }

    /// A note if there was more than one.
    static func machines(_ all: [(cpu: String, cores: Int)]) -> [String] {
        let machines = Set(all.map { "\($0.cpu), \($0.cores) cores" })
        guard machines.count > 1 else { return [] }
        return ["the runs are of different machines: \(machines.sorted().joined(separator: "; "))"]
    }
}
