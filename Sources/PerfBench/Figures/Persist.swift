import Foundation

/// A message's whole way on Postgres and Redis: sent, stored, published, delivered.
struct Persist: Experiment {
    static let name = "persist"
    static let summary =
        "stored messages a second on Postgres and Redis, and the latency of a message that meets no queue"

    var figures = [
        FigureResult(
            name: "persist.stored", what: "64 messages under way, 64 clients in rooms of 10: stored and delivered",
            unit: "messages/s", better: .higher,
            floor: .init(what: "the batch function called straight, one caller, batches as large"),
            target: .ratioAtLeast(0.6)),
        FigureResult(
            name: "persist.deliver_p50", what: "deliver p50 at 100 messages/s", unit: "ms", better: .lower,
            floor: .init(what: "p50 of a bare commit + bare PUBLISH + bare WebSocket echo, each at 100/s"),
            target: .ratioAtMost(1.5)),
        FigureResult(
            name: "persist.ack_p50", what: "ack p50 at 100 messages/s", unit: "ms", better: .lower,
            floor: .init(what: "p50 of a bare commit + bare WebSocket echo, each at 100/s"),
            target: .ratioAtMost(1.5)),
    ]

    init() {}

    mutating func measure(_ bench: Bench) async throws {
        let stack = try await ClusterStack.up(bench)
        let outcome = await Result { try await measure(bench, stack) }
        stack.down()
        try outcome.get()
    }

    private mutating func measure(_ bench: Bench, _ stack: ClusterStack) async throws {
        let store = try BareStore(stack.storeURL)
        for round in 0..<bench.rounds {
            try await store.settle()
            let light = try await Self.play(
                bench, stack, "\n  - {name: steady, duration: \(Int(bench.seconds(4)))s, rate: 100/s, measure: true}")
            let seconds = bench.seconds(1.5)
            let commit = try await store.commit(perSecond: 100, seconds: seconds) * 1000
            let append = try await store.appendOne(perSecond: 100, seconds: seconds) * 1000
            let publish = try await BareBroker.publish(stack.redisURL, perSecond: 100, seconds: seconds) * 1000
            let echo = try await Self.echo(bench, seconds: seconds) * 1000
            let deliver = (light.latency["deliver"]?.p50 ?? 0) / 1e6
            let ack = (light.latency["ack"]?.p50 ?? 0) / 1e6
            figures[1].add(deliver, floor: commit + publish + echo)
            figures[2].add(ack, floor: commit + echo)
            figures[1].details = [
                "bare_commit": commit, "batch_function_with_one": append, "bare_publish": publish, "bare_echo": echo,
            ]
            let (stored, straight, two) = try await Self.saturated(bench, stack, store)
            figures[0].add(stored, floor: straight)
            figures[0].details["two_callers"] = two
            bench.tell(
                "persist \(round + 1)/\(bench.rounds): stored \(stored.compact)/s, floor \(straight.compact)/s; deliver "
                    + "\(deliver.compact) ms, ack \(ack.compact) ms; commit \(commit.compact) (by the batch function \(append.compact)) + publish "
                    + "\(publish.compact) + echo \(echo.compact) ms")
        }
    }

    private static func saturated(
        _ bench: Bench, _ stack: ClusterStack, _ store: BareStore
    ) async throws -> (stored: Double, straight: Double, two: Double) {
        let before = try stack.batches()
        let summary = try await play(
            bench, stack, "\n  - {name: flood, duration: \(Int(bench.seconds(4)))s, in_flight: 64, measure: true}")
        let after = try stack.batches()
        let batch = max(1, Int(((after.rows - before.rows) / max(1, after.count - before.count)).rounded()))
        let seconds = bench.seconds(1.5)
        return (
            Double(summary.messages.acked) / summary.duration,
            try await store.appended(rows: batch, connections: 1, seconds: seconds),
            try await store.appended(rows: batch, connections: 2, seconds: seconds / 2)
        )
    }

    private static func play(_ bench: Bench, _ stack: ClusterStack, _ phase: String) async throws -> LoadGenSummary {
        let scenario = """
            name: perf-persist
            clients: 64
            rooms: {count: 64, members: 10}
            payload_bytes: 120
            trace: 0
            phases:
              - {name: connect, connect_rate: 1000/s}
              - {name: warmup, duration: 1s, rate: 100/s}\(phase)
            thresholds: []

            """
        // The accounts are made once, and kept for the next round.
        return try await LoadGenRun(
            bench, scenario,
            ["--target", "http://127.0.0.1:\(stack.port)", "--accounts", bench.file("accounts").path]
        ).summary()
    }

    private static func echo(_ bench: Bench, seconds: Double) async throws -> Double {
        let server = try await ServerProcess.broadcaster(members: 1, core: nil, in: bench.workspace.url)
        let target = server.target
        let outcome = await Result {
            try await onThread(core: nil) { try LatencyProbe(target, members: 1).talk(rate: 100, seconds: seconds) }
        }
        await server.child.stop()
        guard let median = try outcome.get().map(\.seconds).median else { throw Failure("no echo") }
        return median
    }
}
