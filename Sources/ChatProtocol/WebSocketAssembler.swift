import NIOCore

/// What a peer sent, whole: a message put together from its fragments, or a control frame.
package enum WebSocketInput: Equatable, Sendable {
    case text(ByteBuffer)
    case binary
    case ping(ByteBuffer)
    case pong
    /// The peer's close code, or nil where it gave none.
    case close(UInt16?)
}

/// Turns the bytes of one connection into messages (RFC 6455 sections 5.4 and 5.5): pure, holds nothing while idle.
package struct WebSocketAssembler {
    private let role: WebSocketRole
    private let maxMessage: Int
    /// Bytes of a frame that has not come whole.
    private var pending: ByteBuffer?
    /// The fragments so far of a message that is not finished, and whether it is text.
    private var fragments: (isText: Bool, payload: ByteBuffer)?

    package init(role: WebSocketRole, maxMessage: Int = Limits.maxFrameBytes) {
        self.role = role
        self.maxMessage = maxMessage
    }

    /// Takes bytes as they came from the socket.
    package mutating func feed(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        if pending == nil {
            pending = bytes
        } else {
            pending?.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole input, or nil until more bytes come.
    package mutating func next() throws(WebSocketViolation) -> WebSocketInput? {
        while var buffer = pending {
            let head = try buffer.withUnsafeReadableBytes { bytes throws(WebSocketViolation) in
                try WebSocketFrameHead.read(bytes, role: role, maxPayload: maxMessage)
            }
            guard let head, buffer.readableBytes >= head.totalLength else { return nil }
            pending = nil
            buffer.moveReaderIndex(forwardBy: head.headLength)
            var payload = buffer.readSlice(length: head.payloadLength) ?? ByteBuffer()
            if buffer.readableBytes > 0 { pending = buffer }
            if let key = head.maskingKey {
                payload.withUnsafeMutableReadableBytes { applyWebSocketMask(key, to: $0) }
            }
            if let input = try take(head, payload) { return input }
        }
        return nil
    }

    /// Of a close frame: a code that may stand in one (RFC 6455 section 7.4), and a reason in UTF-8 (section 5.5.1).
    private static func closeCode(_ payload: ByteBuffer) throws(WebSocketViolation) -> UInt16? {
        guard payload.readableBytes > 0 else { return nil }
        guard let code = payload.getInteger(at: payload.readerIndex, as: UInt16.self) else { throw .badCloseFrame }
        let isReason = payload.withUnsafeReadableBytes {
            isValidUTF8(UnsafeRawBufferPointer(rebasing: $0.dropFirst(2)))
        }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .badCloseFrame
        }
        guard isReason else { throw .badCloseFrame }
        return code
    }

    private mutating func take(
        _ head: WebSocketFrameHead,
        _ payload: ByteBuffer
    ) throws(WebSocketViolation) -> WebSocketInput? {
        switch head.opcode {
        case .text, .binary:
            guard fragments == nil else { throw .interleavedMessage }
            let isText = head.opcode == .text
            guard head.isFinal else {
                fragments = (isText, payload)
                // Its rest would change nothing.
                return isText ? nil : .binary
            }
            return isText ? .text(payload) : .binary
        case .continuation:
            // Taken out, so that the buffer is the only owner and grows in place.
            guard case (let isText, var whole)? = fragments.take() else { throw .unexpectedContinuation }
            guard whole.readableBytes + payload.readableBytes <= maxMessage else { throw .tooBig }
            whole.writeImmutableBuffer(payload)
            guard head.isFinal else {
                fragments = (isText, whole)
                return nil
            }
            return isText ? .text(whole) : nil
        case .ping: return .ping(payload)
        case .pong: return .pong
        case .close:
            return .close(try Self.closeCode(payload))
        }
    }
}
