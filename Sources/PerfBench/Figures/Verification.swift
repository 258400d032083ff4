import Foundation

/// What the proof costs LoadGen: the same room with `verify: false` beside it.
struct Verification: Experiment {
    static let name = "verification"
    static let summary = "LoadGen's deliveries a CPU second with the proof, beside those without"

    var figures = [
        FigureResult(
            name: "verification.throughput",
            what:
                "LoadGen in a room of 500, 1,000 messages/s, each delivery checked for loss, repeats, order and place",
            unit: "deliveries/generator CPU s", better: .higher,
            floor: .init(what: "the same, timed and counted only (verify: false)"), target: .ratioAtLeast(0.9))
    ]

    init() {}

    mutating func measure(_ bench: Bench) async throws {
        for round in 0..<bench.rounds {
            // By turns the first and the second: what changes with time changes both.
            let order = round.isMultiple(of: 2) ? [true, false] : [false, true]
            var values: [Bool: Double] = [:]
            for isVerified in order { values[isVerified] = try await Self.play(bench, isVerified: isVerified) }
            guard let with = values[true], let without = values[false] else { continue }
            bench.tell("verification \(round + 1)/\(bench.rounds): \(with.compact), without \(without.compact)")
            figures[0].add(with, floor: without)
        }
    }

    private static func play(_ bench: Bench, isVerified: Bool) async throws -> Double {
        let scenario = Generator.scenario(rate: 1000, seconds: bench.seconds(4)) + "verify: \(isVerified)\n"
        let run = try LoadGenRun(bench, scenario, ["--setup", "embedded"])
        let summary = try await run.summary(takes: isVerified ? [] : [LoadGenRun.unverified])
        return Double(summary.messages.delivered) / max(summary.generator.cpuSeconds, 1e-9)
    }
}
