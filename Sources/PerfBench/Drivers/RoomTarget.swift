import ChatProtocol
import Foundation
import NIOCore

/// What the clients of a room connect to, and what they say there.
struct RoomTarget: Sendable {
    /// How long a message's text is.
    static let contentBytes = 120

    /// Rooms of one size. Sockets 0 to `size` - 1 are in the first, and so on.
    struct Layout: Sendable {
        var rooms: [RoomID]
        var size: Int
    }

    var port: Int
    /// Empty at the bare broadcaster.
    var tokens: [String] = []
    var socketsPerAccount = 1
    /// Each socket is in one room of each.
    var layouts: [Layout]

    /// At the bare broadcaster.
    static func bare(port: Int, rooms: Int = 1, members: Int) -> RoomTarget {
        RoomTarget(port: port, layouts: [Layout(rooms: (0..<rooms).map { RoomID($0) }, size: members)])
    }

    var isBare: Bool { tokens.isEmpty }

    /// Opens one client.
    func open(_ number: Int) throws -> (descriptor: Int32, rest: [UInt8]) {
        let rooms = layouts.compactMap { layout in
            number / layout.size < layout.rooms.count ? layout.rooms[number / layout.size] : nil
        }
        guard !isBare else {
            return try ClientSocket(port: port, path: "/\(rooms.first ?? 0)", number: number).leave()
        }
        let token = tokens[number / socketsPerAccount % tokens.count]
        var socket = try ClientSocket(port: port, path: "/ws?token=\(token)", number: number)
        try socket.wait(for: "ready")
        for room in rooms {
            var join = ByteBuffer()
            join.writeMaskedTextFrame(maskingKey: Self.key) {
                ClientEvent.joinRoom(ClientEvent.JoinRoom(roomID: room)).encode(into: &$0)
            }
            try socket.write(Array(join.readableBytesView))
            try socket.wait(for: "room_joined")
        }
        return socket.leave()
    }

    /// The frame that sends message `n` from a socket. To the bare broadcaster it holds what ChatServer would make of
    /// the message, so that the same bytes come back from both.
    func message(_ n: Int, from socket: Int, to room: RoomID, run: UInt32) -> [UInt8] {
        let content = String(repeating: "x", count: Self.contentBytes)
        let key = "\(run)-\(n)"
        var frame = ByteBuffer()
        frame.writeMaskedTextFrame(maskingKey: Self.key) { buffer in
            guard isBare else {
                let send = ClientEvent.MessageSend(
                    roomID: room, content: content, clientMessageID: key)
                return ClientEvent.messageSend(send).encode(into: &buffer)
            }
            let message = Message(
                roomID: 1, id: Int64(n + 1), seq: Int64(n + 1), userID: Int64(socket + 1),
                username: "perf-\(socket)", content: content, clientMessageID: key,
                createdAt: Timestamp(microseconds: 1_763_939_673_123_456 + Int64(n)))
            ServerEvent.message(message, trace: nil).encode(into: &buffer)
        }
        return Array(frame.readableBytesView)
    }

    private static let key: UInt32 = 0x9E37_79B9
}
