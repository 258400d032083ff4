import Foundation

/// One room of 500: what writing a message to all of them costs.
struct FanOut: Experiment {
    static let name = "fanout"
    static let summary = "one room of 500: deliveries for a second of the server's CPU, and in a closed loop"
    private static let members = 500

    var figures = [
        FigureResult(
            name: "fanout.rate_1000", what: "room of 500, 1,000 messages/s of 120 bytes, one core",
            unit: "deliveries/server CPU s", better: .higher, floor: .init(what: Self.floor), target: .atLeast(400_000)),
        FigureResult(
            name: "fanout.rate_100", what: "the same at 100 messages/s, where there is nothing to gather",
            unit: "deliveries/server CPU s", better: .higher, floor: .init(what: Self.floor),
            target: .ratioAtLeast(0.85)),
        FigureResult(
            name: "fanout.in_flight_8", what: "closed loop, 8 messages under way, server on one core",
            unit: "deliveries/s", better: .higher, floor: .init(what: Self.floor), target: .atLeast(800_000)),
        FigureResult(
            name: "fanout.in_flight_32", what: "closed loop, 32 messages under way, server on one core",
            unit: "deliveries/s", better: .higher, floor: .init(what: Self.floor), target: .atLeast(2_500_000)),
    ]

    private static let floor = "bare NIO broadcast, a tick's frames in one buffer"
    private static let paces: [Pace] = [.rate(1000), .rate(100), .inFlight(8), .inFlight(32)]

    init() {}

    mutating func measure(_ bench: Bench) async throws {
        let chat = try await ServerProcess.chat(
            bench.chatServer, users: Self.members, core: bench.serverCore, in: bench.workspace.url)
        let bare = try await ServerProcess.broadcaster(
            members: Self.members, core: bench.serverCore, in: bench.workspace.url)
        let job = Job(
            chat: chat, bare: bare, rounds: bench.rounds, warmup: bench.seconds(0.6), seconds: bench.seconds(2),
            tell: bench.tell)
        let outcome = await Result { try await onThread(core: bench.driverCore) { try job.play() } }
        await chat.child.stop()
        await bare.child.stop()
        for round in try outcome.get() {
            for (row, pair) in round.enumerated() { figures[row].add(pair.value, floor: pair.floor) }
        }
    }

    private struct Job: Sendable {
        var chat: ServerProcess
        var bare: ServerProcess
        var rounds: Int
        var warmup: Double
        var seconds: Double
        var tell: @Sendable (String) -> Void

        /// The room and the bare one in turn, each first in every other round.
        func play() throws -> [[(value: Double, floor: Double)]] {
            let room = try RoomDriver(chat.target, members: FanOut.members)
            let bareRoom = try RoomDriver(bare.target, members: FanOut.members)
            return try (0..<rounds).map { round in
                try FanOut.paces.map { pace in
                    let value: Double
                    let floor: Double
                    if round.isMultiple(of: 2) {
                        value = try drive(room, pace, chat)
                        floor = try drive(bareRoom, pace, bare)
                    } else {
                        floor = try drive(bareRoom, pace, bare)
                        value = try drive(room, pace, chat)
                    }
                    tell("fanout \(round + 1)/\(rounds), \(pace.text): \(value.compact), floor \(floor.compact)")
                    return (value, floor)
                }
            }
        }

        private func drive(_ room: RoomDriver, _ pace: Pace, _ server: ServerProcess) throws -> Double {
            let result = try room.drive(pace, warmup: warmup, seconds: seconds, server: server.child.id)
            if case .rate = pace { return result.perServerCPU }
            return result.perSecond
        }
    }
}

extension Pace {
    var text: String {
        switch self {
        case .rate(let rate): "\(Int(rate)) messages/s"
        case .inFlight(let limit): "\(limit) under way"
        case .inFlightPerRoom(let limit): "\(limit) under way in each room"
        }
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
