import ChatProtocol
import Crypto
import Foundation
import NIOCore

/// One member's socket at the bare broadcaster: the upgrade, then frames.
final class BroadcastConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let rooms: BroadcastRooms
    private var room: BroadcastRoom?
    /// In the room's list; nil outside of it.
    var place: Int?
    private var context: ChannelHandlerContext?
    private var isUpgraded = false
    private var received = ByteBuffer()

    init(_ rooms: BroadcastRooms) { self.rooms = rooms }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) { room?.leave(self) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if received.readableBytes > 0 {
            received.writeBuffer(&buffer)
            swap(&received, &buffer)
        }
        if !isUpgraded { upgrade(&buffer, context) }
        if isUpgraded { readFrames(&buffer, context) }
        received = buffer.readableBytes > 0 ? buffer : ByteBuffer()
    }

    func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

    func flush() { context?.flush() }

    private func readFrames(_ buffer: inout ByteBuffer, _ context: ChannelHandlerContext) {
        while true {
            let head: WebSocketFrameHead?
            do throws(WebSocketViolation) {
                head = try buffer.withUnsafeReadableBytes { bytes throws(WebSocketViolation) in
                    try WebSocketFrameHead.read(bytes, role: .server, maxPayload: 1 << 20)
                }
            } catch {
                return context.close(promise: nil)
            }
            guard let head, buffer.readableBytes >= head.totalLength,
                var frame = buffer.readSlice(length: head.totalLength), let key = head.maskingKey
            else { return }
            frame.moveReaderIndex(forwardBy: head.headLength)
            frame.withUnsafeMutableReadableBytes { applyWebSocketMask(key, to: $0) }
            switch head.opcode {
            case .text, .binary: room?.broadcast(frame, on: context.eventLoop)
            case .close: return context.close(promise: nil)
            case .ping:
                var pong = ByteBuffer()
                pong.writeFrame(.pong, payload: frame)
                context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
            case .pong, .continuation: break
            }
        }
    }

    /// Answers the opening handshake (RFC 6455 section 4.2), whatever is asked for.
    private func upgrade(_ buffer: inout ByteBuffer, _ context: ChannelHandlerContext) {
        let view = buffer.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let head = String(decoding: view[..<end.lowerBound], as: UTF8.self)
        buffer.moveReaderIndex(to: end.upperBound)
        let lines = head.split(separator: "\r\n").map { $0.split(separator: ":", maxSplits: 1) }
        let line = lines.first { $0.count == 2 && $0[0].lowercased() == "sec-websocket-key" }
        guard let key = line?.last?.drop(while: { $0 == " " }) else { return context.close(promise: nil) }
        let digest = Insecure.SHA1.hash(data: Data("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        var answer = ByteBuffer()
        answer.writeString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        answer.writeString("Sec-WebSocket-Accept: \(Data(digest).base64EncodedString())\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        isUpgraded = true
        // GET /path HTTP/1.1
        let room = rooms[head.split(separator: " ", maxSplits: 2).dropFirst().first ?? "/"]
        room.enter(self)
        self.room = room
    }
}

extension ByteBuffer {
    /// One unmasked text frame.
    mutating func writeServerFrame(_ payload: ByteBuffer) { writeFrame(.text, payload: payload) }
}
