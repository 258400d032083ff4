import Foundation

/// How fast clients get in, each with a token that is checked, and what those who are in notice of it.
struct Connecting: Experiment {
    static let name = "connecting"
    static let summary = "connections a second on one core, and the latency of a conversation meanwhile"

    var figures = [
        FigureResult(
            name: "connecting.rate", what: "8,000 clients connect with tokens, 256 at a time, server on one core",
            unit: "connections/s", better: .higher, floor: .init(what: "bare NIO WebSocket upgrade"),
            target: .atLeast(4000)),
        FigureResult(
            name: "connecting.deliver_p99", what: "deliver p99 meanwhile: a room of 10, 100 messages/s",
            unit: "ms", better: .lower, floor: .init(what: "the same with bare broadcast and upgrade"),
            target: .atMost(100)),
    ]

    init() {}

    mutating func measure(_ bench: Bench) async throws {
        let count = bench.isQuick ? 2000 : 8000
        for round in 0..<bench.rounds {
            // A fresh server each time: no token has been seen before.
            let chat = try await ServerProcess.chat(
                bench.chatServer, users: count, members: 10, core: bench.serverCore, in: bench.workspace.url)
            let (rate, latency) = try await Self.storm(chat, count, bench)
            let bare = try await ServerProcess.broadcaster(
                members: 10, core: bench.serverCore, in: bench.workspace.url)
            let (bareRate, bareLatency) = try await Self.storm(bare, count, bench)
            bench.tell(
                "connecting \(round + 1)/\(bench.rounds): \(rate.compact)/s, floor \(bareRate.compact)/s; "
                    + "p99 \(latency.compact) ms, floor \(bareLatency.compact) ms")
            figures[0].add(rate, floor: bareRate)
            figures[1].add(latency, floor: bareLatency)
        }
    }

    private static func storm(_ server: ServerProcess, _ count: Int, _ bench: Bench) async throws -> (
        rate: Double, p99: Double
    ) {
        let target = server.target
        let stop = StopFlag()
        let outcome = await Result {
            async let talk = onThread(core: bench.driverCore) {
                try LatencyProbe(target, members: 10).talk(rate: 100, seconds: 60, until: stop)
            }
            let seconds = await Result {
                // The conversation has begun by then.
                try await Task.sleep(for: .milliseconds(600))
                return try await onThread(core: bench.driverCore) {
                    let driver = ConnectDriver()
                    defer { stop.set() }
                    let start = monotonicNanoseconds()
                    // The storm's bare clients stay out of the room.
                    return (
                        start,
                        try driver.open(
                            count, ports: [target.port], tokens: target.tokens, path: target.isBare ? "/storm" : "/ws")
                    )
                }
            }
            stop.set()
            let latencies = try await talk
            let (start, length) = try seconds.get()
            return (length, latencies.filter { $0.planned >= start }.map(\.seconds))
        }
        await server.child.stop()
        let (seconds, latencies) = try outcome.get()
        guard let p99 = latencies.percentile(0.99) else { throw Failure("nobody talked meanwhile") }
        return (Double(count) / seconds, p99 * 1000)
    }
}
