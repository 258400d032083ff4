import ChatProtocol
import Foundation

/// Does a delivery cost the same in a large room as in a small one, and with many connections as with few?
struct Growth: Experiment {
    static let name = "growth"
    static let summary = "deliveries for a second of the server's CPU as rooms and connections grow"
    private static let sizes = [10, 100, 1000, 10_000]
    private static let counts = [100, 1000, 10_000]
    /// Of rooms, where connections grow.
    private static let usualSize = 100

    /// How the messages come. A server with many under way does in one turn what has come together; one that keeps up with
    /// ease is woken for each message, and pays for that.
    private enum Load: String, CaseIterable {
        /// At all sizes as many deliveries a second.
        case paced
        /// At all sizes one delivery under way to each connection: a room's next message goes out when its last one has
        /// arrived at every member.
        case busy

        static let deliveriesPerSecond = 50_000.0

        func pace(_ layout: RoomTarget.Layout) -> Pace {
            switch self {
            case .paced: .rate(Self.deliveriesPerSecond / Double(layout.size))
            case .busy: .inFlightPerRoom(1)
            }
        }

        var suffix: String { self == .paced ? "" : "_\(rawValue)" }
        var text: String { self == .busy ? "one message under way in each" : "50,000 deliveries/s in all" }
    }

    /// Of each load: by rooms, and by connections.
    var figures: [FigureResult] = Load.allCases.flatMap { load -> [FigureResult] in
        [
            figure("rooms", load, "10,000 connections in rooms of 10, 100, 1,000, 10,000"),
            figure("connections", load, "100, 1,000, 10,000 connections in rooms of 100"),
        ]
    }

    private static func figure(_ grows: String, _ load: Load, _ what: String) -> FigureResult {
        FigureResult(
            name: "growth.\(grows)\(load.suffix)", what: "\(what); \(load.text)", unit: "% below the best",
            better: .lower, floor: .init(what: "bare NIO broadcast"), target: .atMost(20))
    }

    init() {}

    mutating func measure(_ bench: Bench) async throws {
        let rounds = bench.rounds(atMost: 3)
        let sockets = Self.sizes.reduce(0, max)
        let chat = try await Self.chat(bench, sockets, rounds)
        var bare: [Load: Measured] = [:]
        for size in Self.sizes {
            for (load, measured) in try await Self.bare(bench, sockets, size, rounds) {
                bare[load, default: Measured()].bySize[size] = measured.bySize[size]
                if size == Self.usualSize { bare[load]?.byCount = measured.byCount }
            }
        }
        for (place, load) in Load.allCases.enumerated() {
            let (value, floor) = (chat[load] ?? Measured(), bare[load] ?? Measured())
            Self.add(&figures[2 * place], value.bySize, floor.bySize, rounds)
            Self.add(&figures[2 * place + 1], value.byCount, floor.byCount, rounds)
        }
    }

    /// Deliveries for a CPU second, by round.
    private struct Measured: Sendable {
        var bySize: [Int: [Double]] = [:]
        var byCount: [Int: [Double]] = [:]
    }

    private static func chat(_ bench: Bench, _ sockets: Int, _ rounds: Int) async throws -> [Load: Measured] {
        let chat = try await ServerProcess.chat(
            bench.chatServer, layouts: sizes.map { (sockets / $0, $0) }, core: bench.serverCore,
            in: bench.workspace.url)
        return try await measure(bench, chat, sockets, rounds, "growth")
    }

    private static func bare(
        _ bench: Bench, _ sockets: Int, _ size: Int, _ rounds: Int
    ) async throws -> [Load: Measured] {
        let server = try await ServerProcess.broadcaster(
            rooms: sockets / size, members: size, core: bench.serverCore, in: bench.workspace.url)
        return try await measure(bench, server, sockets, rounds, "growth, floor")
    }

    /// Connections grow first, in rooms of the usual size; then, with all of them, each size in turn.
    private static func measure(
        _ bench: Bench, _ server: ServerProcess, _ sockets: Int, _ rounds: Int, _ title: String
    ) async throws -> [Load: Measured] {
        let (child, target) = (server.child, server.target)
        let seconds = bench.seconds(1.5)
        let outcome = await Result {
            try await onThread(core: bench.driverCore) {
                var measured: [Load: Measured] = [:]
                let usual = target.layouts.firstIndex { $0.size == usualSize }
                let driver = try RoomDriver(target, members: usual == nil ? sockets : counts[0])
                func drive(_ load: Load, _ layout: Int) throws -> Double {
                    try driver.drive(
                        load.pace(target.layouts[layout]), layout: layout, warmup: 0.3, seconds: seconds,
                        server: child.id
                    ).perServerCPU
                }
                func tell(_ what: String, _ values: (Measured) -> [Double]?) {
                    let medians = Load.allCases.map { load in
                        (measured[load].flatMap(values)?.median ?? 0).compact + " \(load)"
                    }
                    bench.tell("\(title), \(what): \(medians.joined(separator: ", "))")
                }
                if let usual {
                    for count in counts {
                        try driver.open(upTo: count)
                        for _ in 0..<rounds {
                            for load in Load.allCases {
                                let value = try drive(load, usual)
                                measured[load, default: Measured()].byCount[count, default: []].append(value)
                            }
                        }
                        tell("\(count) connections") { $0.byCount[count] }
                    }
                }
                for _ in 0..<rounds {
                    for (place, layout) in target.layouts.enumerated() {
                        for load in Load.allCases {
                            let value = try drive(load, place)
                            measured[load, default: Measured()].bySize[layout.size, default: []].append(value)
                        }
                    }
                }
                for layout in target.layouts { tell("rooms of \(layout.size)") { $0.bySize[layout.size] } }
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
