import Foundation

/// What LoadGen pays for a delivery that it checks against all its promises and records.
struct Generator: Experiment {
    static let name = "generator"
    static let summary = "deliveries that LoadGen verifies and records in a second of its CPU"

    var figures = [
        FigureResult(
            name: "generator.verify", what: "LoadGen in a room of 500, 250 messages/s, each delivery checked and timed",
            unit: "deliveries/generator CPU s", better: .higher,
            floor: .init(what: "500 sockets whose frames are counted and not read, in the same room"),
            target: .atLeast(400_000))
    ]

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
        let seconds = bench.seconds(4)
        let rounds = bench.rounds
        for round in 0..<rounds {
            let summary = try await LoadGenRun(
                bench, Self.scenario(rate: 250, seconds: seconds), ["--setup", "embedded"]
            ).summary()
            let value = Double(summary.messages.delivered) / max(summary.generator.cpuSeconds, 1e-9)
            let server = try await ServerProcess.chat(
                bench.chatServer, users: 500, core: nil, in: bench.workspace.url)
            let outcome = await Result {
                try await onThread(core: nil) {
                    try RoomDriver(server.target, members: 500, isSpinning: false)
                        .drive(.rate(250), warmup: 1, seconds: seconds / 2, server: server.child.id)
                }
            }
            await server.child.stop()
            let floor = try outcome.get().perDriverCPU
            bench.tell("generator \(round + 1)/\(rounds): \(value.compact), floor \(floor.compact)")
            figures[0].add(value, floor: floor)
        }
    }
}
