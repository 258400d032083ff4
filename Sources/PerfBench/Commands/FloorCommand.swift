import ArgumentParser
import Foundation
import NIOPosix

/// `PerfBench floor`
struct FloorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "The bare programs that the figures stand beside, by themselves.",
        subcommands: [FloorBroadcast.self, FloorClients.self])
}

/// `PerfBench floor broadcast`
struct FloorBroadcast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broadcast",
        abstract: "A bare WebSocket broadcaster on one event loop: each frame goes to all who are connected.",
        discussion: "It ends when its standard input does. It speaks to loopback only, and asks for no token.")

    @Option(help: "Port of 127.0.0.1; 0 picks one and prints it.")
    var port = 0

    @Option(help: "per-room (a tick's frames in one buffer) or per-tick (a write for each frame, one flush).")
    var gathering = "per-room"

    func run() async throws {
        guard let gathering = Broadcaster.Gathering(rawValue: gathering) else {
            throw ValidationError("--gathering is per-room or per-tick")
        }
        FileLimit.raise()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = try await Broadcaster.start(port: port, gathering: gathering, group: group)
        print("listening on 127.0.0.1:\(channel.localAddress?.port ?? 0)")
        fflush(nil)
        await StandardInput.end()
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

/// `PerfBench floor clients`
struct FloorClients: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients",
        abstract: "Bare WebSocket clients that are connected and silent.",
        discussion: "They connect to a port of 127.0.0.1, and go when standard input ends.")

    @Option(help: "The broadcaster's port.")
    var port: Int

    @Option(help: "How many.")
    var count = 1000

    func run() async throws {
        FileLimit.raise()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Core.count)
        // Whoever started it takes a look at it before they come.
        try await Task.sleep(for: .seconds(1))
        try await IdleClients.connect(count, port: port, group: group)
        print("connected \(count)")
        fflush(nil)
        await StandardInput.end()
        try await group.shutdownGracefully()
    }
}
