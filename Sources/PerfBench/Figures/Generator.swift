import Foundation

/// What LoadGen pays for a delivery that it checks against all its promises and records.
struct Generator: Experiment {
    static let name = "generator"
    static let summary = "deliveries that LoadGen verifies and records in a second of its CPU"

    private static let rates = [1000, 250]

    var figures = rates.map { rate in
        FigureResult(
            name: "generator.rate_\(rate)",
            what: "LoadGen in a room of 500, \(rate) messages/s, each delivery checked and timed",
            unit: "deliveries/generator CPU s", better: .higher,
            floor: .init(what: "500 sockets whose frames are counted and not read, in the same room"),
            target: .atLeast(400_000))
    }

    init() {}

    static func scenario(rate: Int, seconds: Double) -> String {
        """
        name: perf-big-room
        clients: 500
        rooms: {count: 1, members: 500}
        payload_bytes: 120
        phases:
          - {name: connect, connect_rate: 1000/s}
          - {name: warmup, duration: 1s, rate: \(rate)/s}
          - {name: steady, duration: \(Int(seconds))s, rate: \(rate)/s, measure: true}
        thresholds: []

        """
    }

    mutating func measure(_ bench: Bench) async throws {
        for round in 0..<bench.rounds {
            for (place, rate) in Self.rates.enumerated() {
                let (value, floor) = try await Self.measure(bench, rate: rate)
                bench.tell(
                    "generator \(round + 1)/\(bench.rounds), \(rate)/s: \(value.compact), floor \(floor.compact)")
                figures[place].add(value, floor: floor)
            }
        }
    }

    private static func measure(_ bench: Bench, rate: Int) async throws -> (value: Double, floor: Double) {
        let seconds = bench.seconds(4)
        let summary = try await LoadGenRun(
            bench, scenario(rate: rate, seconds: seconds), ["--setup", "embedded"]
        ).summary()
        let value = Double(summary.messages.delivered) / max(summary.generator.cpuSeconds, 1e-9)
        let server = try await ServerProcess.chat(bench.chatServer, users: 500, core: nil, in: bench.workspace.url)
        let outcome = await Result {
            try await onThread(core: nil) {
                try RoomDriver(server.target, members: 500, isSpinning: false)
                    .drive(.rate(Double(rate)), warmup: 1, seconds: seconds / 2, server: server.child.id)
            }
        }
        await server.child.stop()
        return (value, try outcome.get().perDriverCPU)
    }
}
