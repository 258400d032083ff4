import ArgumentParser
import Foundation

/// `PerfBench drive`
struct DriveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drive",
        abstract: "Drive a room, or several, and say what a delivery costs the server.",
        discussion: """
            The members are as cheap as can be: one thread that looks at the heads of frames only. Nothing may be \
            missing: each message must arrive once at each member, or the command fails. At a ChatServer a hundred \
            sockets share an account.

              PerfBench drive --start-server --rate 1000
              PerfBench drive --start-floor --in-flight 32
              PerfBench drive --start-server --members 10000 --rooms 1000 --in-flight-per-room 1
              PerfBench drive --target 9000 --pid 4711 --in-flight 8      a bare broadcaster that runs already
            """)

    @Flag(help: "Start a ChatServer on SQLite for it.")
    var startServer = false

    @Flag(help: "Start the bare broadcaster for it.")
    var startFloor = false

    @Option(help: "Port of a bare broadcaster on 127.0.0.1 that runs already (with --pid).")
    var target: Int?

    @Option(help: "That broadcaster's process.")
    var pid: Int32?

    @Option(help: "per-room or per-tick, for the bare broadcaster.")
    var gathering = "per-room"

    @Option(help: "Sockets, in all rooms together.")
    var members = 500

    @Option(help: "Rooms of one size.")
    var rooms = 1

    @Option(help: "Messages a second.")
    var rate: Double?

    @Option(help: "Messages under way, in one room.")
    var inFlight: Int?

    @Option(help: "Messages under way in each room.")
    var inFlightPerRoom: Int?

    @Option(help: "Measured seconds.")
    var seconds = 5.0

    @Option(help: "Seconds before them.")
    var warmup = 1.0

    @Option(help: "How often.")
    var rounds = 1

    @Flag(inversion: .prefixedNo, help: "Give the server one core and the driver another.")
    var pin = true

    @OptionGroup var programs: Programs

    func validate() throws {
        guard (startServer ? 1 : 0) + (startFloor ? 1 : 0) + (target == nil ? 0 : 1) == 1 else {
            throw ValidationError("give one of --start-server, --start-floor and --target")
        }
        guard target == nil || pid != nil else { throw ValidationError("--target wants --pid") }
        guard (rate == nil ? 0 : 1) + (inFlight == nil ? 0 : 1) + (inFlightPerRoom == nil ? 0 : 1) == 1 else {
            throw ValidationError("give one of --rate, --in-flight and --in-flight-per-room")
        }
        guard (rate ?? 1) > 0, (inFlight ?? 1) >= 1, (inFlightPerRoom ?? 1) >= 1 else {
            throw ValidationError("--rate, --in-flight and --in-flight-per-room are more than 0")
        }
        guard inFlight == nil || rooms == 1 else {
            throw ValidationError("--in-flight is for one room: --in-flight-per-room is for several")
        }
        guard rooms >= 1, members.isMultiple(of: rooms) else {
            throw ValidationError("--members is a multiple of --rooms")
        }
        guard (1...18_000).contains(members), (0.1...600).contains(seconds), (0...60).contains(warmup) else {
            throw ValidationError("--members is 1 to 18000, --seconds 0.1 to 600, --warmup 0 to 60")
        }
        guard Broadcaster.Gathering(rawValue: gathering) != nil else {
            throw ValidationError("--gathering is per-room or per-tick")
        }
    }

    func run() async throws {
        FileLimit.raise()
        Interrupts.watch()
        try await Workspace.with { workspace in
            let server = try await start(workspace)
            do {
                try await drive(server)
            } catch {
                await server.child?.stop()
                throw error
            }
            await server.child?.stop()
        }
    }

    private func start(_ workspace: Workspace) async throws -> (child: Child?, target: RoomTarget, pid: Int32) {
        let core = pin ? 0 : nil
        let size = members / rooms
        if let target, let pid {
            return (nil, RoomTarget.bare(port: target, rooms: rooms, members: size), pid)
        }
        let server =
            if startServer {
                try await ServerProcess.chat(
                    try programs.chatServer, layouts: [(rooms, size)], core: core, in: workspace.url)
            } else {
                try await ServerProcess.broadcaster(
                    Broadcaster.Gathering(rawValue: gathering) ?? .perRoom, rooms: rooms, members: size, core: core,
                    in: workspace.url)
            }
        return (server.child, server.target, server.child.id)
    }

    private func drive(_ server: (child: Child?, target: RoomTarget, pid: Int32)) async throws {
        let pace: Pace =
            rate.map { .rate($0) } ?? inFlight.map { .inFlight($0) } ?? .inFlightPerRoom(inFlightPerRoom ?? 1)
        let (target, pid) = (server.target, server.pid)
        let (members, warmup, seconds, rounds) = (members, warmup, seconds, rounds)
        let core = pin && Core.count > 1 ? 1 : nil
        try await onThread(core: core) {
            let driver = try RoomDriver(target, members: members)
            for _ in 0..<rounds {
                let result = try driver.drive(pace, warmup: warmup, seconds: seconds, server: pid)
                print(
                    "\(result.deliveries) deliveries in \(result.seconds.short) s: \(Int(result.perSecond))/s, "
                        + "\(Int(result.perServerCPU)) a server CPU second (\(result.serverCPU.short) s), "
                        + "\(Int(result.perDriverCPU)) a driver CPU second; "
                        + "\(result.arrived) of \(result.expected) arrived")
                fflush(nil)
            }
        }
    }
}

extension Double {
    var short: String { String(format: "%.2f", self) }
}
