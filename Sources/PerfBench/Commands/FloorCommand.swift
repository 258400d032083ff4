import ArgumentParser
import Foundation
import NIOPosix

/// `PerfBench floor`
struct FloorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "The bare programs that the figures stand beside, by themselves.",
        subcommands: [FloorBroadcast.self])
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
