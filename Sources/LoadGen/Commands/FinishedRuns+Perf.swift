import Foundation

extension FinishedRuns {
    /// A comparison of files that `make perf` has written; each is a block.
    static func perfComparison(of before: [String], with after: [String], seed: UInt64) throws -> Comparison {
        let sides = try [("before", before), ("after", after)].map { label, paths in
            (label: label, blocks: try paths.map { (path: $0, file: try PerfFile.load($0)) })
        }
        let files = sides.flatMap(\.blocks).map(\.file)
        var comparison = Comparison()
        comparison.scenario = "perf"
        comparison.seed = seed
        comparison.startedAt = Format.timestamp(Date())
        comparison.baseline = "before"
        comparison.setups = sides.map(\.label)
        comparison.blocks = max(before.count, after.count)
        if let machine = files.first?.machine {
            comparison.environment.cpu = machine.cpu
            comparison.environment.cores = machine.cores
            comparison.environment.kernel = machine.kernel
        }
        let all = sides.flatMap { side in
            side.blocks.enumerated().map { place, block in
                Comparison.Run(
                    setup: side.label, block: place + 1, folder: block.path, startedAt: block.file.beganAt,
                    metrics: block.file.metrics)
            }
        }
        for (place, run) in all.sorted(by: { $0.startedAt < $1.startedAt }).enumerated() {
            comparison.runs.append(run)
            comparison.runs[place].order = place + 1
        }
        comparison.notes = sides.map { side in
            let revisions = Set(side.blocks.map(\.file.revision)).sorted()
            return "\(side.label): \(revisions.joined(separator: ", "))"
        }
        comparison.notes += order(comparison) + machines(files.map { ($0.machine.cpu, $0.machine.cores) })
        let rounds = Set(files.map(\.rounds))
        if rounds.count > 1 {
            let list = rounds.sorted().map(String.init).joined(separator: ", ")
            comparison.notes.append(
                "the blocks have different numbers of rounds (\(list)): some spread more than others")
        }
        comparison.notes += sides.flatMap { missing($0.label, $0.blocks.map(\.file), of: figures(files)) }
        comparison.analyse(of: try definitions(files))
        return comparison
    }

    /// Every figure that any block has or should have had, in the files' order.
    private static func figures(_ files: [PerfFile]) -> [String] {
        files.flatMap(\.figures).map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func definitions(_ files: [PerfFile]) throws -> [MetricDefinition] {
        var known: [String: PerfFile.Figure] = [:]
        var found: [MetricDefinition] = []
        for figure in files.flatMap(\.figures) {
            if let first = known[figure.name], first.unit != figure.unit || first.better != figure.better {
                throw UsageError(
                    description: "\(figure.name) is not the same figure in all files: \(first.unit), "
                        + "\(first.better.rawValue) is better, and \(figure.unit), \(figure.better.rawValue) is better")
            }
            known[figure.name] = known[figure.name] ?? figure
            for definition in figure.definitions where !found.contains(where: { $0.name == definition.name }) {
                found.append(definition)
            }
        }
        return found
    }

    /// What a side lacks, with the reason where there is one.
    private static func missing(_ label: String, _ files: [PerfFile], of names: [String]) -> [String] {
        names.compactMap { name in
            let lacking = files.filter { $0.metrics[name] == nil }
            guard !lacking.isEmpty else { return nil }
            let reasons = lacking.compactMap { $0.figures.first { $0.name == name }?.failed }
            let reason = reasons.first ?? "it was not measured"
            if lacking.count < files.count {
                return "\(name) failed in \(lacking.count) of \(label)'s \(files.count) blocks: \(reason)"
            }
            return "\(name) is left out, since \(label) has none: \(reason)"
        }
    }
}
