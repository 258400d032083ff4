import ChatProtocol
import Foundation
import NIOCore
import Testing

/// What the server sent over a WebSocket.
enum Incoming: Equatable, Sendable {
    case event(JSON)
    case ping
    case pong(String)
    case close(code: Int, reason: String)
}

/// A chat client for tests. Its frames are made and read by hand, so that a fault of the server's own codec shows.
final class TestClient: Sendable {
    let socket: TestSocket

    init(socket: TestSocket) {
        self.socket = socket
    }

    // MARK: - Opening

    static func handshake(_ target: String = "/ws", _ headers: [String: String] = [:]) -> String {
        var head = "GET \(target) HTTP/1.1\r\nhost: test\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
        head += "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        return head + "\r\n"
    }

    /// Opens a WebSocket and waits for the server's 101.
    static func open(
        _ socket: TestSocket, _ target: String = "/ws", _ headers: [String: String] = [:]
    ) async throws
        -> (TestClient, HTTPReply)
    {
        socket.send(handshake(target, headers))
        let reply = try await TestHTTP(socket: socket).reply(hasBody: false)
        try #require(reply.status == 101)
        // RFC 6455 section 1.3 gives the answer to this key.
        #expect(reply.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        return (TestClient(socket: socket), reply)
    }

    // MARK: - Speaking

    func send(_ text: String) { send(frame: 0x81, Array(text.utf8)) }

    /// - Parameter first: the frame's first byte: 0x81 is a whole text, 0x01 a text's first fragment, 0x82 binary.
    func send(frame first: UInt8, _ payload: [UInt8], isMasked: Bool = true) {
        socket.send(Self.frame(first, payload, isMasked: isMasked))
    }

    static func frame(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = true) -> ByteBuffer {
        var bytes = ByteBuffer(bytes: [first])
        let mask: [UInt8] = isMasked ? [0x37, 0xFA, 0x21, 0x3D] : []
        let bit: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            bytes.writeInteger(bit | UInt8(payload.count))
        } else if payload.count < 65_536 {
            bytes.writeInteger(bit | 126)
            bytes.writeInteger(UInt16(payload.count))
        } else {
            bytes.writeInteger(bit | 127)
            bytes.writeInteger(UInt64(payload.count))
        }
        bytes.writeBytes(mask)
        bytes.writeBytes(isMasked ? payload.indices.map { payload[$0] ^ mask[$0 % 4] } : payload)
        return bytes
    }

    func send(join room: RoomID, _ more: String = "") { send(#"{"event":"join_room","room_id":\#(room)\#(more)}"#) }

    func send(message room: RoomID, _ content: String, id: String, _ more: String = "") {
        let texts = #""content":\#(quoted(content)),"client_msg_id":\#(quoted(id))"#
        send(#"{"event":"message_send","room_id":\#(room),\#(texts)\#(more)}"#)
    }

    // MARK: - Listening

    /// The next frame, whatever it is.
    func next(timeout: TimeAmount = .seconds(20)) async throws -> Incoming {
        try await socket.read("a frame", timeout: timeout) { try Self.parse(&$0) }
    }

    private static func parse(_ bytes: inout ByteBuffer) throws -> Incoming? {
        let start = bytes.readerIndex
        guard let first = bytes.getInteger(at: start, as: UInt8.self),
            let second = bytes.getInteger(at: start + 1, as: UInt8.self)
        else { return nil }
        #expect(second & 0x80 == 0, "a server's frame is never masked")
        #expect(first & 0xF0 == 0x80, "the server's frames are whole")
        var head = 2
        var length = Int(second & 0x7F)
        if length == 126 {
            guard let long = bytes.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            (head, length) = (4, Int(long))
        } else if length == 127 {
            guard let long = bytes.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            (head, length) = (10, Int(long))
        }
        guard bytes.readableBytes >= head + length else { return nil }
        bytes.moveReaderIndex(forwardBy: head)
        var payload = bytes.readSlice(length: length) ?? ByteBuffer()
        switch first & 0x0F {
        case 0x1: return .event(try JSON(text: payload.readableBytesView))
        case 0x8:
            let code = payload.readInteger(as: UInt16.self) ?? 1005
            return .close(code: Int(code), reason: String(buffer: payload))
        case 0x9: return .ping
        default: return .pong(String(buffer: payload))
        }
    }

    /// The next event; control frames are passed over.
    func event(timeout: TimeAmount = .seconds(20)) async throws -> JSON {
        while true {
            switch try await next(timeout: timeout) {
            case .event(let event): return event
            case .close(let code, let reason): throw TestClientError.closed(code, reason)
            case .ping, .pong: continue
            }
        }
    }

    /// The next event with this name, and with this value of `room_id` if one is given; others are passed over.
    func event(_ name: String, in room: RoomID? = nil, timeout: TimeAmount = .seconds(20)) async throws -> JSON {
        while true {
            let event = try await event(timeout: timeout)
            if event["event"]?.string == name, room == nil || event["room_id"]?.integer == room { return event }
        }
    }

    /// Waits for the server's close frame, answers it, and waits for the end of the connection.
    @discardableResult
    func closed(timeout: TimeAmount = .seconds(20)) async throws -> Incoming {
        while true {
            let incoming = try await next(timeout: timeout)
            guard case .close(let code, _) = incoming else { continue }
            send(frame: 0x88, [UInt8(code >> 8), UInt8(code & 0xFF)])
            _ = try await socket.readToEnd(timeout: timeout)
            return incoming
        }
    }

    /// Joins a room and waits for the answer.
    @discardableResult
    func join(_ room: RoomID, _ more: String = "") async throws -> JSON {
        send(join: room, more)
        return try await event("room_joined", in: room)
    }

    /// Sends a message and waits for its ack.
    @discardableResult
    func say(_ content: String, in room: RoomID, id: String, _ more: String = "") async throws -> JSON {
        send(message: room, content, id: id, more)
        return try await event("ack", in: room)
    }
}

enum TestClientError: Error {
    case closed(Int, String)
}
