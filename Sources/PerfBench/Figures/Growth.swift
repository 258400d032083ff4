import ChatProtocol
import Foundation

/// Does a delivery cost the same in a large room as in a small one, and with many connections as with few?
struct Growth: Experiment {
    static let name = "growth"
    static let summary = "deliveries for a second of the server's CPU as rooms and connections grow"
    /// All stages deliver as much a second.
    private static let deliveriesPerSecond = 50_000.0
    private static let sizes = [10, 100, 1000, 10_000]
    private static let counts = [100, 1000, 10_000]
    /// Of rooms, where connections grow.
    private static let usualSize = 100

    var figures = [
        FigureResult(
            name: "growth.rooms", what: "10,000 connections in rooms of 10, 100, 1,000, 10,000; 50,000 deliveries/s",
            unit: "% below the best", better: .lower, floor: .init(what: "bare NIO broadcast"), target: .atMost(20)),
        FigureResult(
            name: "growth.connections", what: "100, 1,000, 10,000 connections in rooms of 100; 50,000 deliveries/s",
            unit: "% below the best", better: .lower, floor: .init(what: "bare NIO broadcast"), target: .atMost(20)),
    ]

    init() {}

    mutating func measure(_ bench: Bench) async throws {
        let rounds = bench.rounds(atMost: 3)
        let sockets = Self.sizes.reduce(0, max)
        let layouts = try await Self.chat(bench, sockets, rounds)
        var bare = Measured()
        for size in Self.sizes {
            let only = try await Self.bare(bench, sockets, size, rounds)
            bare.bySize[size] = only.bySize[size]
            if size == Self.usualSize { bare.byCount = only.byCount }
        }
        Self.add(&figures[0], layouts.bySize, bare.bySize, rounds)
        Self.add(&figures[1], layouts.byCount, bare.byCount, rounds)
    }

    /// Deliveries for a CPU second, by round.
    private struct Measured: Sendable {
        var bySize: [Int: [Double]] = [:]
        var byCount: [Int: [Double]] = [:]
    }

    private static func chat(_ bench: Bench, _ sockets: Int, _ rounds: Int) async throws -> Measured {
        let chat = try await ServerProcess.chat(
            bench.chatServer, layouts: sizes.map { (sockets / $0, $0) }, core: bench.serverCore,
            in: bench.workspace.url)
        return try await measure(bench, chat.child, chat.target, sockets, rounds, "growth")
    }

    private static func bare(_ bench: Bench, _ sockets: Int, _ size: Int, _ rounds: Int) async throws -> Measured {
        let server = try await ServerProcess.broadcaster(
            rooms: sockets / size, members: size, core: bench.serverCore, in: bench.workspace.url)
        return try await measure(bench, server.child, server.target, sockets, rounds, "growth, floor")
    }

    /// Connections grow first, in rooms of the usual size; then, with all of them, each size in turn.
    private static func measure(
        _ bench: Bench, _ child: Child, _ target: RoomTarget, _ sockets: Int, _ rounds: Int, _ title: String
    ) async throws -> Measured {
        let seconds = bench.seconds(1.5)
        let outcome = await Result {
            try await onThread(core: bench.driverCore) {
                var measured = Measured()
                let usual = target.layouts.firstIndex { $0.size == usualSize }
                let driver = try RoomDriver(target, members: usual == nil ? sockets : counts[0])
                func drive(_ layout: Int) throws -> Double {
                    let rate = deliveriesPerSecond / Double(target.layouts[layout].size)
                    return try driver.drive(
                        ProcessInfo.processInfo.environment["PACED"] != nil ? .rate(rate) : .inFlightPerRoom(1), layout: layout, warmup: 0.3, seconds: seconds, server: child.id
                    ).perServerCPU
                }
                if let usual {
                    for count in counts {
                        try driver.open(upTo: count)
                        measured.byCount[count] = try (0..<rounds).map { _ in try drive(usual) }
                        bench.tell("\(title), \(count) connections: \((measured.byCount[count]?.median ?? 0).compact)")
                    }
                }
                for _ in 0..<rounds {
                    for layout in target.layouts.indices {
                        measured.bySize[target.layouts[layout].size, default: []].append(try drive(layout))
                    }
                }
                for (size, values) in measured.bySize.sorted(by: { $0.key < $1.key }) {
                    bench.tell("\(title), rooms of \(size): \((values.median ?? 0).compact)")
                }
                return measured
            }
        }
        await child.stop()
        return try outcome.get()
    }

    private static func add(
        _ figure: inout FigureResult, _ values: [Int: [Double]], _ bare: [Int: [Double]], _ rounds: Int
    ) {
        for round in 0..<rounds { figure.add(fall(values, round), floor: fall(bare, round)) }
        figure.series = values.keys.sorted().map { x in
            FigureResult.Point(x: Double(x), value: values[x]?.median ?? 0, floor: bare[x]?.median)
        }
    }

    /// How far the worst lies below the best, in per cent.
    private static func fall(_ values: [Int: [Double]], _ round: Int) -> Double {
        let ofRound = values.values.map { $0[round] }
        guard let best = ofRound.max(), let worst = ofRound.min(), best > 0 else { return 0 }
        return 100 * (1 - worst / best)
    }
}
