import Foundation

/// Everybody is cut off at once, and comes back.
struct Storm: Experiment {
    static let name = "storm"
    static let summary = "10,000 clients on two instances, all cut at once: until the last is back with what it missed"

    var figures = [
        FigureResult(
            name: "storm.recovered", what: "10,000 clients on 2 instances, all cut: until all are back in their rooms",
            unit: "s", better: .lower, floor: .init(what: "10,000 bare connections to 2 bare servers"),
            target: .atMost(10))
    ]

    init() {}

    mutating func measure(_ bench: Bench) async throws {
        let clients = bench.isQuick ? 2000 : 10_000
        let rounds = bench.rounds(atMost: 3)
        let setup = bench.file("two.yaml")
        try ClusterStack.setup(instances: 2).write(to: setup, atomically: true, encoding: .utf8)
        for round in 0..<rounds {
            let summary = try await LoadGenRun(
                bench, Self.scenario(clients), ["--setup", setup.path]
            ).summary(timeout: .seconds(180), takes: [LoadGenRun.void])
            guard summary.clients.connected == clients, summary.clients.reconnected == clients,
                let back = summary.latency["reconnect"], back.count == clients
            else { throw Failure("\(summary.clients.reconnected) of \(clients) clients came back") }
            let floor = try await Self.bare(bench, clients)
            bench.tell("storm \(round + 1)/\(rounds): \((back.max / 1e9).compact) s, floor \(floor.compact) s")
            figures[0].add(back.max / 1e9, floor: floor)
            figures[0].details["reconnect_p50"] = back.p50 / 1e9
            figures[0].details["generator_was_late"] = summary.generator.isVoid ? 1 : 0
        }
    }

    /// Messages go on meanwhile, and all must arrive. Clients and servers share the cores, so LoadGen sends late while they
    /// all connect, and calls the run void: its latencies would measure the generator. The time until all are back can
    /// only have become longer by that, and is taken for what it is, a bound.
    private static func scenario(_ clients: Int) -> String {
        """
        name: perf-storm
        clients: \(clients)
        rooms: {count: \(clients / 10), members: 10}
        payload_bytes: 120
        phases:
          - {name: connect, connect_rate: 2000/s}
          - {name: before, duration: 2s, rate: 100/s}
          - {name: storm, duration: 10s, rate: 100/s, measure: true, reconnect: 100%}
        thresholds: []
        drain: 20s

        """
    }

    private static func bare(_ bench: Bench, _ clients: Int) async throws -> Double {
        let one = try await ServerProcess.broadcaster(core: nil, in: bench.workspace.url)
        let outcome = await Result {
            let two = try await ServerProcess.broadcaster(core: nil, in: bench.workspace.url)
            let ports = [one.target.port, two.target.port]
            let seconds = await Result {
                try await onThread(core: nil) { try ConnectDriver().open(clients, ports: ports, tokens: [], path: "/") }
            }
            await two.child.stop()
            return try seconds.get()
        }
        await one.child.stop()
        return try outcome.get()
    }
}
