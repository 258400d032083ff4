import NIOCore

/// The opcodes of RFC 6455 section 5.2.
package enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    package var isControl: Bool { rawValue & 0x8 != 0 }
}

/// Which end reads: a server demands masked frames, a client unmasked ones (RFC 6455 section 5.1).
package enum WebSocketRole: Sendable {
    case server, client
}

/// Why a peer's bytes are no acceptable frame; the connection closes with the code.
package enum WebSocketViolation: Error, Equatable, Sendable {
    case reservedBits, reservedOpcode, fragmentedControl, longControl, wrongMasking, unexpectedContinuation
    case interleavedMessage, badCloseFrame
    case tooBig

    package var closeReason: CloseReason {
        switch self {
        case .tooBig: .frameTooBig
        case .reservedBits: CloseReason(.protocolError, "reserved bits set")
        case .reservedOpcode: CloseReason(.protocolError, "reserved opcode")
        case .fragmentedControl: CloseReason(.protocolError, "fragmented control frame")
        case .longControl: CloseReason(.protocolError, "control frame over 125 bytes")
        case .wrongMasking: CloseReason(.protocolError, "wrong masking")
        case .unexpectedContinuation: CloseReason(.protocolError, "continuation of nothing")
        case .interleavedMessage: CloseReason(.protocolError, "new message inside a fragmented one")
        case .badCloseFrame: CloseReason(.protocolError, "bad close frame")
        }
    }
}

/// The head of one frame (RFC 6455 section 5.2), read without touching the payload.
package struct WebSocketFrameHead: Equatable, Sendable {
    package var isFinal: Bool
    package var opcode: WebSocketOpcode
    /// The masking key in the order of its bytes in memory; nil for an unmasked frame.
    package var maskingKey: UInt32?
    package var headLength: Int
    package var payloadLength: Int

    package var totalLength: Int { headLength + payloadLength }

    /// Reads the head at the start of the bytes; nil if there are not enough yet.
    ///
    /// A limit is checked as soon as the length is known, before any payload has come.
    package static func read(
        _ bytes: UnsafeRawBufferPointer,
        role: WebSocketRole,
        maxPayload: Int
    ) throws(WebSocketViolation) -> WebSocketFrameHead? {
        guard bytes.count >= 2 else { return nil }
        let first = bytes[0]
        let second = bytes[1]
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { throw .reservedOpcode }
        let isFinal = first & 0x80 != 0
        let isMasked = second & 0x80 != 0
        guard isMasked == (role == .server) else { throw .wrongMasking }
        var payloadLength = Int(second & 0x7F)
        if opcode.isControl {
            guard isFinal else { throw .fragmentedControl }
            guard payloadLength <= 125 else { throw .longControl }
        }
        var headLength = 2
        if payloadLength == 126 {
            guard bytes.count >= 4 else { return nil }
            payloadLength = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            headLength = 4
        } else if payloadLength == 127 {
            guard bytes.count >= 10 else { return nil }
            let length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            guard length <= UInt64(maxPayload) else { throw .tooBig }
            payloadLength = Int(length)
            headLength = 10
        }
        guard payloadLength <= maxPayload else { throw .tooBig }
        var maskingKey: UInt32?
        if isMasked {
            guard bytes.count >= headLength + 4 else { return nil }
            maskingKey = bytes.loadUnaligned(fromByteOffset: headLength, as: UInt32.self)
            headLength += 4
        }
        return WebSocketFrameHead(
            isFinal: isFinal,
            opcode: opcode,
            maskingKey: maskingKey,
            headLength: headLength,
            payloadLength: payloadLength
        )
    }
}

/// Applies or removes a mask in place (RFC 6455 section 5.3), eight bytes at a time.
package func applyWebSocketMask(_ key: UInt32, to bytes: UnsafeMutableRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    let wide = UInt64(key) | UInt64(key) << 32
    var index = 0
    while index + 8 <= bytes.count {
        let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        base.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
        index += 8
    }
    withUnsafeBytes(of: key) { mask in
        while index < bytes.count {
            bytes[index] ^= mask[index & 3]
            index += 1
        }
    }
}

extension ByteBuffer {
    /// Writes one unmasked, unfragmented text frame around what `body` writes (at most 65,535 bytes are framed with
    /// the short length; longer ones with the long).
    package mutating func writeTextFrame(_ body: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        // Nearly every event has 126 to 65,535 bytes, so that head is written first, and mended for the others.
        writeInteger(UInt32(0x817E_0000))
        body(&self)
        let length = writerIndex - start - 4
        if length > 125, length <= 0xFFFF {
            setInteger(UInt16(length), at: start + 2)
            return
        }
        let headLength = length <= 125 ? 2 : 10
        if headLength > 4 { writeRepeatingByte(0, count: headLength - 4) }
        let offset = start - readerIndex
        withUnsafeMutableReadableBytes { bytes in
            let payload = bytes[(offset + 4)...].prefix(length)
            UnsafeMutableRawBufferPointer(rebasing: bytes[(offset + headLength)...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: payload))
        }
        moveWriterIndex(to: start)
        writeFrameHead(.text, length: length, maskingKey: nil)
        moveWriterIndex(forwardBy: length)
    }

    /// Writes a masked text frame around what `body` writes, as a client must.
    package mutating func writeMaskedTextFrame(maskingKey: UInt32, _ body: (inout ByteBuffer) -> Void) {
        var payload = ByteBuffer()
        body(&payload)
        writeFrame(.text, payload: payload, maskingKey: maskingKey)
    }

    /// Writes one frame. The masking key is in the order of its bytes in memory.
    package mutating func writeFrame(_ opcode: WebSocketOpcode, payload: ByteBuffer, maskingKey: UInt32? = nil) {
        writeFrameHead(opcode, length: payload.readableBytes, maskingKey: maskingKey)
        writeImmutableBuffer(payload)
        guard let maskingKey else { return }
        withUnsafeMutableReadableBytes { bytes in
            let masked = bytes[(bytes.count - payload.readableBytes)...]
            applyWebSocketMask(maskingKey, to: UnsafeMutableRawBufferPointer(rebasing: masked))
        }
    }

    /// Writes a close frame: the code, then the reason (RFC 6455 section 5.5.1).
    package mutating func writeCloseFrame(_ close: CloseReason, maskingKey: UInt32? = nil) {
        var payload = ByteBuffer()
        payload.writeInteger(close.code.rawValue)
        // A control frame holds at most 125 bytes, two of them the code.
        var reason = close.reason
        while reason.utf8.count > 123 { reason.unicodeScalars.removeLast() }
        payload.writeString(reason)
        writeFrame(.close, payload: payload, maskingKey: maskingKey)
    }

    private mutating func writeFrameHead(_ opcode: WebSocketOpcode, length: Int, maskingKey: UInt32?) {
        let maskBit: UInt8 = maskingKey == nil ? 0 : 0x80
        writeInteger(0x80 | opcode.rawValue)
        if length <= 125 {
            writeInteger(maskBit | UInt8(length))
        } else if length <= 0xFFFF {
            writeInteger(maskBit | 126)
            writeInteger(UInt16(length))
        } else {
            writeInteger(maskBit | 127)
            writeInteger(UInt64(length))
        }
        if let maskingKey { writeInteger(maskingKey, endianness: .host) }
    }
}
