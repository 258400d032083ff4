import Crypto
import Foundation
import NIOCore
import NIOPosix

/// The barest WebSocket server that fans out: one event loop, a room for each path that somebody asks for. Each text or
/// binary frame that comes is written to every member of its sender's room, as one frame of the same payload.
///
/// What comes in one tick of the event loop goes out at its end, with one flush to each member.
enum Broadcaster {
    enum Gathering: String, CaseIterable, Sendable {
        /// Each frame is written to each member; one flush at the end of the tick.
        case perTick = "per-tick"
        /// The tick's frames are gathered in one buffer, which is written once to each member.
        case perRoom = "per-room"
    }

    /// Returns when it listens.
    static func start(port: Int, gathering: Gathering, group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        let rooms = NIOLoopBoundBox.makeBoxSendingValue(BroadcastRooms(gathering), eventLoop: group.any())
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(BroadcastConnection(rooms.value))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }
}

/// Confined to the event loop.
final class BroadcastRooms {
    private let gathering: Broadcaster.Gathering
    private var rooms: [Substring: BroadcastRoom] = [:]

    init(_ gathering: Broadcaster.Gathering) { self.gathering = gathering }

    subscript(path: Substring) -> BroadcastRoom {
        if let room = rooms[path] { return room }
        let room = BroadcastRoom(gathering)
        rooms[path] = room
        return room
    }
}

/// All members, and what they get at the end of this tick. Confined to its event loop.
final class BroadcastRoom {
    private let gathering: Broadcaster.Gathering
    private var members: [BroadcastConnection] = []
    private var frames: [ByteBuffer] = []

    init(_ gathering: Broadcaster.Gathering) { self.gathering = gathering }

    func enter(_ member: BroadcastConnection) {
        member.place = members.count
        members.append(member)
    }

    func leave(_ member: BroadcastConnection) {
        guard let place = member.place, let last = members.last else { return }
        members[place] = last
        last.place = place
        members.removeLast()
        member.place = nil
    }

    func broadcast(_ payload: ByteBuffer, on eventLoop: any EventLoop) {
        var frame = ByteBuffer()
        frame.reserveCapacity(payload.readableBytes + 10)
        frame.writeServerFrame(payload)
        frames.append(frame)
        guard frames.count == 1 else { return }
        eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func flush() {
        let frames = frames
        self.frames = []
        switch gathering {
        case .perTick:
            for member in members {
                for frame in frames { member.write(frame) }
                member.flush()
            }
        case .perRoom:
            var bytes = frames[0]
            if frames.count > 1 {
                bytes.reserveCapacity(frames.reduce(0) { $0 + $1.readableBytes })
                for frame in frames.dropFirst() { bytes.writeImmutableBuffer(frame) }
            }
            for member in members {
                member.write(bytes)
                member.flush()
            }
        }
    }
}
