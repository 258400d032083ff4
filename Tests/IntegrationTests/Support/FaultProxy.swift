import ChatProtocol
import Foundation
import NIOCore
import Synchronization

/// A proxy between clients and a server that passes everything on, but for the `message` and `ack` frames on their way
/// to the clients, with which it can do wrong a few times; or it cuts connections, or makes tokens short-lived.
final class FaultProxy: Sendable {
    enum Fault: String, CaseIterable, Sendable {
        case none, drop, `repeat`, swap, invent, swallowAck
        /// The connection is cut, and the frame or what the client sends is lost with it.
        case cutMessage, cutAck, cutSend
        /// As `cutMessage`; and who comes back hears that what it missed can't be replayed.
        case cutAndForget
        /// Access tokens say that they live for 3 s.
        case shortTokens
        /// What would be an ack says another room.
        case ackOfAnotherRoom
        /// Who is out of a room does not hear of it.
        case swallowExit
        /// An ack is lost, and the client hears that its message is refused: for now, or for good.
        case postpone, refuse

        static let wrongs: [Fault] = [
            .none, .drop, .repeat, .swap, .invent, .swallowAck, .ackOfAnotherRoom, .postpone, .refuse,
        ]
        static let cuts: [Fault] = [.cutMessage, .cutAck, .cutSend, .cutAndForget]
    }

    /// What still may be done wrong; shared by all connections.
    final class Mischief: Sendable {
        let fault: Fault
        private let state: Mutex<(skip: Int, left: Int)>
        private let seen = Mutex<[String: Int]>([:])

        init(_ fault: Fault, after skip: Int, times: Int) {
            self.fault = fault
            state = Mutex((skip, times))
        }

        /// True if this frame is one to do wrong with.
        func strikes() -> Bool {
            state.withLock { state in
                guard fault != .none, state.left > 0 else { return false }
                guard state.skip == 0 else {
                    state.skip -= 1
                    return false
                }
                state.left -= 1
                return true
            }
        }

        var left: Int { state.withLock { $0.left } }

        func note(_ what: String) { seen.withLock { $0[what, default: 0] += 1 } }

        /// How often something was noted.
        func count(_ what: String) -> Int { seen.withLock { $0[what] ?? 0 } }
    }

    private let proxy: TCPProxy
    var port: Int { proxy.port }

    init(to target: Int, _ mischief: Mischief) async throws {
        proxy = try await TCPProxy(to: target) { client, server in
            try server.pipeline.syncOperations.addHandler(Meddler(to: client, mischief))
            try client.pipeline.syncOperations.addHandler(Sender(to: server, mischief))
        }
    }

    func close() async throws { try await proxy.close() }

    /// From the client to the server.
    private final class Sender: TCPProxy.Forwarder {
        private let mischief: Mischief

        init(to peer: any Channel, _ mischief: Mischief) {
            self.mischief = mischief
            super.init(to: peer)
        }

        override func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            let isHTTP = bytes.readableBytesView.first.map { $0 < 0x80 } ?? false
            if isHTTP, bytes.readableBytesView.firstRange(of: Array("/auth/refresh".utf8)) != nil {
                mischief.note("refresh")
            }
            // The second byte has the length; of what a client says only messages are this long.
            let isLong = bytes.readableBytesView.dropFirst().first.map { $0 & 0x7F >= 126 } ?? false
            if mischief.fault == .cutSend, !isHTTP, isLong, mischief.strikes() {
                peer.close(promise: nil)
                return context.close(promise: nil)
            }
            super.channelRead(context: context, data: data)
        }
    }

    /// From the server to the client: HTTP as it is, and after a 101 frame by frame.
    private final class Meddler: TCPProxy.Forwarder {
        private let mischief: Mischief
        private var pending = ByteBuffer()
        private var isUpgraded = false
        private var held: ByteBuffer?
        private var isCut = false
        /// By room: messages up to there are not replayed.
        private var forgotten: [RoomID: Sequence64] = [:]

        init(to peer: any Channel, _ mischief: Mischief) {
            self.mischief = mischief
            super.init(to: peer)
        }

        override func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            pending.writeBuffer(&bytes)
            var out = ByteBuffer()
            if !isUpgraded {
                let head = "HTTP/1.1 101"
                guard pending.getString(at: pending.readerIndex, length: head.utf8.count) == head,
                    let end = pending.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8))
                else {
                    var all = pending.readString(length: pending.readableBytes) ?? ""
                    if mischief.fault == .shortTokens { all.replace("\"expires_in\":900", with: "\"expires_in\":  3") }
                    return peer.writeAndFlush(ByteBuffer(string: all), promise: nil)
                }
                let length = end.upperBound - pending.readerIndex
                if var answer = pending.readSlice(length: length) { out.writeBuffer(&answer) }
                isUpgraded = true
            }
            while !isCut, let frame = nextFrame() { pass(frame, into: &out) }
            peer.writeAndFlush(out, promise: nil)
            if isCut {
                peer.close(promise: nil)
                context.close(promise: nil)
            }
        }

        private func nextFrame() -> ByteBuffer? {
            let head = pending.withUnsafeReadableBytes {
                try? WebSocketFrameHead.read($0, role: .client, maxPayload: 1 << 20)
            }
            guard let head, pending.readableBytes >= head.totalLength else { return nil }
            return pending.readSlice(length: head.totalLength)
        }

        private func pass(_ frame: ByteBuffer, into out: inout ByteBuffer) {
            for frame in meddled(frame) { out.writeImmutableBuffer(frame) }
        }

        /// What goes on instead of a frame.
        private func meddled(_ frame: ByteBuffer) -> [ByteBuffer] {
            guard let (kind, roomID, seq) = Self.read(frame) else { return [frame] }
            switch (kind, mischief.fault) {
            case (.ready, .shortTokens):
                mischief.note("ready")
                return [frame]
            case (.roomLeft, .swallowExit): return mischief.strikes() ? [] : [frame]
            case (.ack, .swallowAck): return mischief.strikes() ? [] : [frame]
            case (.ack, .ackOfAnotherRoom): return mischief.strikes() ? [Self.ackOfAnotherRoom(frame)] : [frame]
            case (.ack, .postpone), (.ack, .refuse):
                return mischief.strikes() ? [Self.refusal(of: frame, isFinal: mischief.fault == .refuse)] : [frame]
            case (.ack, .cutAck), (.message, .cutMessage), (.message, .cutAndForget):
                if kind == .message, seq <= forgotten[roomID] ?? 0 { return [] }
                guard mischief.strikes() else { return [frame] }
                isCut = true
                return []
            case (.roomJoined, .cutAndForget): return [forgetting(frame, roomID, seq)]
            case (.message, .drop), (.message, .repeat), (.message, .swap), (.message, .invent): break
            default: return [frame]
            }
            if let first = held.take() { return [frame, first] }
            guard mischief.strikes() else { return [frame] }
            switch mischief.fault {
            case .drop: return []
            case .repeat: return [frame, frame]
            case .swap:
                held = frame
                return []
            case .invent: return [frame, Self.invention(roomID, seq + 1)]
            default: return [frame]
            }
        }

        /// A join that recovered something says that it did not, and the replay stays away.
        private func forgetting(_ frame: ByteBuffer, _ roomID: RoomID, _ seq: Sequence64) -> ByteBuffer {
            let text = Self.text(frame)
            guard text.contains("\"recovered\":true") else { return frame }
            mischief.note("forgotten")
            forgotten[roomID] = seq
            return Self.frame(text.replacing("\"recovered\":true", with: "\"recovered\":false"))
        }

        private static func ackOfAnotherRoom(_ frame: ByteBuffer) -> ByteBuffer {
            Self.frame(text(frame).replacing("\"room_id\":", with: "\"room_id\":9"))
        }

        private static func refusal(of ack: ByteBuffer, isFinal: Bool) -> ByteBuffer {
            let patience = isFinal ? "" : #""retry_after_ms":50,"#
            let error = #""event":"error","code":"overloaded","message":"later","# + patience
            return Self.frame(text(ack).replacing(#""event":"ack","#, with: error))
        }

        private static func text(_ frame: ByteBuffer) -> String {
            let head = frame.withUnsafeReadableBytes {
                try? WebSocketFrameHead.read($0, role: .client, maxPayload: 1 << 20)
            }
            return String(decoding: frame.readableBytesView.dropFirst(head?.headLength ?? 0), as: UTF8.self)
        }

        private static func frame(_ text: String) -> ByteBuffer {
            var frame = ByteBuffer()
            frame.writeFrame(.text, payload: ByteBuffer(string: text))
            return frame
        }

        private static func invention(_ roomID: RoomID, _ seq: Sequence64) -> ByteBuffer {
            let message = Message(
                roomID: roomID,
                id: 1,
                seq: seq,
                userID: 1,
                username: "nobody",
                content: "nobody said this",
                clientMessageID: "x",
                createdAt: Timestamp(microseconds: 0)
            )
            var frame = ByteBuffer()
            ServerEvent.message(message, trace: nil).encodeFrame(into: &frame)
            return frame
        }

        private static func read(_ frame: ByteBuffer) -> (ServerEventView.Kind, RoomID, Sequence64)? {
            frame.withUnsafeReadableBytes { bytes in
                guard let head = try? WebSocketFrameHead.read(bytes, role: .client, maxPayload: 1 << 20),
                    head.opcode == .text,
                    let view = try? ServerEventView(UnsafeRawBufferPointer(rebasing: bytes[head.headLength...]))
                else { return nil }
                return (view.kind, view.roomID, view.seq)
            }
        }
    }
}
