import Foundation

@testable import LoadGen

/// Two setups, five blocks each, one of them void; every kind of verdict.
enum SampleComparison {
    private static let rows: [(name: String, a: [Double], b: [Double])] = [
        ("deliver.p50", [1.20e6, 1.23e6, 1.19e6, 1.25e6, 1.21e6], [0.98e6, 1.01e6, 0.97e6, 1.03e6, 1.00e6]),
        ("deliver.p99", [4.1e6, 4.9e6, 4.4e6, 3.9e6, 4.6e6], [4.4e6, 4.0e6, 4.7e6, 4.2e6, 4.5e6]),
        (
            "messages.delivery_rate", [10_000, 10_000, 10_000, 10_000, 10_000],
            [10_000, 10_000, 10_000, 10_000, 10_000]
        ),
        ("messages.cross_instance_share", [0.5, 0.5, 0.5, 0.5, 0.5], [0, 0, 0, 0, 0]),
        ("connections.max_over_mean", [1, 1, 1, 1, 1], [1.12, 1.14, 1.13, 1.12, 1.15]),
        ("servers.cpu_seconds", [7.4, 7.6, 7.5, 7.3, 7.7], [5.1, 5.2, 5.0, 5.3, 5.1]),
        ("parts.redis.rss_bytes", [9.1e6, 9.2e6, 9.0e6, 9.3e6, 9.1e6], [9.0e6, 9.1e6, 9.2e6, 9.1e6, 9.0e6]),
    ]

    static var comparison: Comparison {
        var comparison = Comparison(
            scenario: "small-rooms", seed: 1, startedAt: "2026-11-23T23:30:00.000000Z", baseline: "nonsticky",
            setups: ["nonsticky", "sticky-room"], blocks: 5)
        let schedule = BlockSchedule(setups: comparison.setups, blocks: 5)
        var results: [(slot: BlockSchedule.Slot, void: Bool)] = []
        while case .run(let slot) = schedule.next(after: results) {
            // The third to run was too much for the generator.
            let isVoid = results.count == 2
            results.append((slot, isVoid))
            let metrics = rows.map { ($0.name, (slot.setup == "nonsticky" ? $0.a : $0.b)[slot.block - 1]) }
            comparison.runs.append(
                .init(
                    setup: slot.setup, block: slot.block, order: results.count, folder: "blocks/\(results.count)",
                    startedAt: "2026-11-23T23:30:00.000000Z", void: isVoid,
                    verdict: isVoid ? .generatorBottleneck : .pass,
                    metrics: Dictionary(uniqueKeysWithValues: metrics)))
        }
        comparison.model = [
            .init(setup: "nonsticky", name: "messages.cross_instance_share", expected: 0.5, measured: 0.5),
            .init(setup: "sticky-room", name: "messages.cross_instance_share", expected: 0, measured: nil),
        ]
        comparison.analyse()
        return comparison
    }
}
