import Foundation
import Testing

@testable import LoadGen

/// A server whose knee is known: a step at load x passes with a logistic chance in log x.
private struct SimulatedServer {
    var knee: Double
    var width: Double
    var generatorLimit = Double.infinity
    var random: SeededGenerator

    mutating func step(_ load: Double) -> CapacityStep.Outcome {
        if load >= generatorLimit { return .void }
        let chance = 1 / (1 + exp((log(load) - log(knee)) / width))
        return Double.random(in: 0..<1, using: &random) < chance ? .passed : .failed
    }

    mutating func search(
        _ limits: CapacitySearch.Limits, seed: UInt64, from steps: [CapacityStep] = []
    ) -> (CapacityResult, [CapacityStep]) {
        var search = CapacitySearch(limits: limits, seed: seed, steps: steps)
        while true {
            switch search.next() {
            case .finish(let result): return (result, search.steps)
            case .run(let load):
                search.steps.append(.init(order: search.steps.count + 1, load: load, outcome: step(load)))
            }
        }
    }
}

@Suite struct CapacitySearchTests {
    private let limits = CapacitySearch.Limits(first: 100)

    private func server(
        _ knee: Double, width: Double = 0.05, generatorLimit: Double = .infinity, seed: UInt64 = 1
    ) -> SimulatedServer {
        SimulatedServer(
            knee: knee, width: width, generatorLimit: generatorLimit, random: SeededGenerator(seed: seed))
    }

    @Test func doublesUntilAStepFails() {
        var server = server(1_000, width: 0.001)
        let (result, steps) = server.search(limits, seed: 1)
        #expect(steps.prefix(5).map(\.load) == [100, 200, 400, 800, 1_600])
        #expect(steps.dropFirst(5).allSatisfy { $0.load > 700 && $0.load < 1_700 })
        #expect(result.outcome == .found)
        #expect((result.low ?? 0) <= 1_000 && (result.high ?? 0) >= 1_000)
        #expect((result.high ?? .infinity) / (result.low ?? 1) <= 1.2)
    }

    /// The promise: two searches of one server give intervals that overlap, and they hold the truth.
    @Test(arguments: [0.005, 0.02, 0.05, 0.1, 0.2])
    func twoSearchesOverlap(width: Double) {
        let pairs = 40
        var (overlaps, held) = (0, 0)
        for pair in 0..<pairs {
            let ends = (0..<2).map { side in
                let seed = UInt64(pair * 2 + side + 1)
                var server = server(3_300, width: width, seed: seed &* 7919)
                let (result, _) = server.search(limits, seed: seed)
                if (result.low ?? .infinity) <= 3_300, (result.high ?? 0) >= 3_300 { held += 1 }
                return (low: result.low ?? .nan, high: result.high ?? .nan)
            }
            if ends[0].low <= ends[1].high, ends[1].low <= ends[0].high { overlaps += 1 }
        }
        #expect(overlaps >= pairs - 1)
        #expect(Double(held) / Double(2 * pairs) >= 0.88)
    }

    @Test func aStoppedSearchGoesOnWhereItWas() throws {
        var whole = server(1_000)
        let (_, steps) = whole.search(limits, seed: 3)
        let report = CapacityReport(seed: 3, limits: limits, steps: Array(steps.prefix(7)))
        let again = try CapacityReport.read(report.json())
        #expect(again == report)
        #expect(again.search.next() == .run(load: steps[7].load))
    }

    @Test func stepsAreBounded() {
        var narrow = limits
        narrow.resolution = 0.0001
        var server = server(1_000, width: 0.2)
        let (result, steps) = server.search(narrow, seed: 1)
        #expect(result.outcome == .stepLimit && steps.count == 30)
        #expect(result.low != nil && result.high != nil)
    }

    @Test func theGeneratorMayBeTheLimit() {
        var server = server(100_000, generatorLimit: 1_500)
        let (result, steps) = server.search(limits, seed: 1)
        #expect(result.outcome == .generatorLimit)
        #expect(result.high == nil)
        #expect((result.low ?? 0) > 1_200 && (result.low ?? 0) < 1_500)
        #expect(steps.count < 20)
    }

    @Test func aVoidStepIsTriedOnceMore() {
        let search = CapacitySearch(
            limits: limits, seed: 1,
            steps: [.init(order: 1, load: 100, outcome: .passed), .init(order: 2, load: 200, outcome: .void)])
        #expect(search.next() == .run(load: 200))
    }

    @Test func nothingPasses() {
        var server = server(0.001, width: 0.01)
        let (result, steps) = server.search(limits, seed: 1)
        #expect(result.outcome == .nonePassed && result.low == nil)
        #expect(steps.count < 10)
    }

    @Test func theScenarioMayBeTheLimit() {
        var limits = limits
        limits.most = 1_000
        var server = server(50_000)
        let (result, _) = server.search(limits, seed: 1)
        #expect(result.outcome == .scenarioLimit && result.low == 1_000)
    }

    @Test func aStrayFailureOnTheWayUpIsOutweighed() {
        var server = server(5_000, width: 0.01)
        let stray = CapacityStep(order: 2, load: 200, outcome: .failed)
        let (result, _) = server.search(
            limits, seed: 2, from: [.init(order: 1, load: 100, outcome: .passed), stray])
        // It can't have been seen to be stray yet, but the search climbs on.
        #expect((result.high ?? 0) > 400, "\(result)")
    }

    @Test(arguments: [(1_234.5, 1_230.0), (99.6, 100), (12.4, 12), (0.4, 0.4), (1_000_000, 1_000_000)])
    func loadsAreRound(load: Double, rounded: Double) {
        #expect((CapacitySearch.rounded(load) - rounded).magnitude < 1e-9)
    }

    @Test func aStepPassesOnlyIfAllIsWell() throws {
        let rule = try Threshold.parse("deliver.p99 < 250ms")
        func judge(_ change: (inout Summary) -> Void) -> CapacityStep {
            var summary = SampleSummary.passing
            change(&summary)
            return .judge(summary, rule: rule, order: 1, load: 500, folder: "steps/1")
        }
        #expect(judge { _ in }.outcome == .passed)
        #expect(judge { _ in }.value == 3_100_000)
        #expect(judge { $0.integrity.lost = 2 }.reason == "2 lost")
        #expect(judge { $0.integrity.lost = 2 }.outcome == .failed)
        #expect(judge { $0.generator.void = true }.outcome == .void)
        #expect(judge { $0.interrupted = true }.outcome == .void)
        #expect(judge { $0.failure = "server a died" }.outcome == .failed)
        #expect(judge { $0.latency[.deliver].p99 = 300_000_000 }.outcome == .failed)
        #expect(judge { $0.latency[.deliver] = .init() }.outcome == .failed)
    }

    @Test func terminal() {
        var report = CapacityReport(
            scenario: "steady-rooms", setup: "embedded", seed: 1, rule: "deliver.p99 < 250ms", limits: limits)
        report.steps = [
            .init(order: 1, load: 1_000, outcome: .passed, value: 3.1e6),
            .init(order: 2, load: 2_000, outcome: .void, reason: "schedule lag p99 was 60 ms"),
            .init(order: 3, load: 2_000, outcome: .failed, value: 400e6),
        ]
        report.result = .init(
            outcome: .found, low: 1_410, high: 1_560, knee: 1_480, allPassedTo: 1_000, allFailedFrom: 2_000)
        let golden = """

              capacity of steady-rooms on embedded
              the highest rate with deliver.p99 < 250ms

                1 ✓         1,000/s   deliver.p99 3.10 ms
                2 ·         2,000/s   deliver.p99 –           void: schedule lag p99 was 60 ms
                3 ✗         2,000/s   deliver.p99 400 ms

              deliver.p99 < 250ms holds up to a load between 1,410/s and 1,560/s (95% interval
              of the knee).
              Every step up to 1,000/s passed; every step from 2,000/s on failed; 1 of 3 steps
              were void.


            """
        #expect(TerminalCapacity(report, color: false).render(width: 84) == golden)
    }
}
