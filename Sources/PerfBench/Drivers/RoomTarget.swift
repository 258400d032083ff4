import ChatProtocol
import Foundation
import NIOCore

/// What the clients of a room connect to, and what they say there.
struct RoomTarget: Sendable {
    /// How long a message's text is.
    static let contentBytes = 120

    var port: Int
    /// Of the members, in the order in which they connect; a socket beyond them shares the account of an earlier one.
    /// Empty at the bare broadcaster.
    var tokens: [String] = []
    /// Each socket's room: socket n is in room n modulo their number.
    var rooms: [RoomID] = []

    var isBare: Bool { tokens.isEmpty }

    /// Opens one client.
    func open(_ number: Int) throws -> (descriptor: Int32, rest: [UInt8]) {
        guard !isBare else { return try ClientSocket(port: port, path: "/", number: number).leave() }
        var socket = try ClientSocket(port: port, path: "/ws?token=\(tokens[number % tokens.count])", number: number)
        try socket.wait(for: "ready")
        var join = ByteBuffer()
        join.writeMaskedTextFrame(maskingKey: Self.key) {
            ClientEvent.joinRoom(ClientEvent.JoinRoom(roomID: rooms[number % rooms.count])).encode(into: &$0)
        }
        try socket.write(Array(join.readableBytesView))
        try socket.wait(for: "room_joined")
        return socket.leave()
    }

    /// The frame that sends message `n` from a socket. To the bare broadcaster it holds what ChatServer would make of
    /// the message, so that the same bytes come back from both.
    func message(_ n: Int, from socket: Int, run: UInt32) -> [UInt8] {
        let content = String(repeating: "x", count: Self.contentBytes)
        let key = "\(run)-\(n)"
        var frame = ByteBuffer()
        frame.writeMaskedTextFrame(maskingKey: Self.key) { buffer in
            guard isBare else {
                let send = ClientEvent.MessageSend(
                    roomID: rooms[socket % rooms.count], content: content, clientMessageID: key)
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
