import NIOCore
import Testing

@testable import ChatProtocol

private func head(
    _ bytes: [UInt8],
    _ role: WebSocketRole = .client,
    maxPayload: Int = Limits.maxFrameBytes
) -> Result<WebSocketFrameHead?, WebSocketViolation> {
    bytes.withUnsafeBytes { bytes in
        Result { () throws(WebSocketViolation) in
            try WebSocketFrameHead.read(bytes, role: role, maxPayload: maxPayload)
        }
    }
}

struct WebSocketFrameTests {
    /// The examples of RFC 6455 section 5.7.
    static let hello: [UInt8] = [0x48, 0x65, 0x6C, 0x6C, 0x6F]
    static let maskedHello: [UInt8] = [0x7F, 0x9F, 0x4D, 0x51, 0x58]
    static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    static var maskingKey: UInt32 { key.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } }

    private func written(
        _ opcode: WebSocketOpcode,
        _ payload: [UInt8],
        _ maskingKey: UInt32? = nil
    ) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeFrame(opcode, payload: ByteBuffer(bytes: payload), maskingKey: maskingKey)
        return Array(buffer.readableBytesView)
    }

    @Test func writesTheExamplesOfTheRFC() {
        #expect(written(.text, Self.hello) == [0x81, 0x05] + Self.hello)
        #expect(written(.text, Self.hello, Self.maskingKey) == [0x81, 0x85] + Self.key + Self.maskedHello)
        #expect(written(.ping, Self.hello) == [0x89, 0x05] + Self.hello)
        #expect(written(.pong, Self.hello, Self.maskingKey) == [0x8A, 0x85] + Self.key + Self.maskedHello)
        #expect(written(.binary, Array(repeating: 1, count: 256)).prefix(4) == [0x82, 0x7E, 0x01, 0x00])
        #expect(
            written(.binary, Array(repeating: 1, count: 65_536)).prefix(10) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]
        )
    }

    @Test func readsTheExamplesOfTheRFC() {
        func expected(
            _ opcode: WebSocketOpcode, _ headLength: Int, _ length: Int, final: Bool = true, key: UInt32? = nil
        )
            -> Result<WebSocketFrameHead?, WebSocketViolation>
        {
            .success(
                WebSocketFrameHead(
                    isFinal: final,
                    opcode: opcode,
                    maskingKey: key,
                    headLength: headLength,
                    payloadLength: length
                )
            )
        }
        #expect(head([0x81, 0x05]) == expected(.text, 2, 5))
        #expect(head([0x81, 0x85] + Self.key, .server) == expected(.text, 6, 5, key: Self.maskingKey))
        #expect(head([0x01, 0x03, 0x48]) == expected(.text, 2, 3, final: false))
        #expect(head([0x80, 0x02]) == expected(.continuation, 2, 2))
        #expect(head([0x89, 0x05]) == expected(.ping, 2, 5))
        #expect(head([0x8A, 0x85] + Self.key, .server) == expected(.pong, 6, 5, key: Self.maskingKey))
        #expect(head([0x82, 0x7E, 0x01, 0x00]) == expected(.binary, 4, 256))
        #expect(head([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]) == expected(.binary, 10, 65_536))
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536])
    func headWaitsForItsLastByte(length: Int) {
        for (role, key) in [(WebSocketRole.client, nil), (.server, UInt32(0x0102_0304))] {
            let bytes = written(.text, Array(repeating: 0, count: length), key)
            let headLength = bytes.count - length
            for count in 0..<headLength { #expect(head(Array(bytes[..<count]), role) == .success(nil)) }
            #expect(head(Array(bytes[..<headLength]), role).value??.payloadLength == length)
            #expect(head(bytes, role).value??.totalLength == bytes.count)
        }
    }

    static let violations: [([UInt8], WebSocketRole, WebSocketViolation)] = [
        ([0xC1, 0x00], .client, .reservedBits),
        ([0xA1, 0x00], .client, .reservedBits),
        ([0x91, 0x00], .client, .reservedBits),
        ([0x83, 0x00], .client, .reservedOpcode),
        ([0x87, 0x00], .client, .reservedOpcode),
        ([0x8B, 0x00], .client, .reservedOpcode),
        ([0x8F, 0x00], .client, .reservedOpcode),
        ([0x81, 0x00], .server, .wrongMasking),
        ([0x81, 0x80], .client, .wrongMasking),
        ([0x09, 0x00], .client, .fragmentedControl),
        ([0x08, 0x00], .client, .fragmentedControl),
        ([0x89, 0x7E], .client, .longControl),
        ([0x88, 0x7F], .client, .longControl),
        ([0x8A, 0xFE], .server, .longControl),
        // Refused as soon as the length is known: neither key nor payload has come.
        ([0x81, 0x7F, 0, 0, 0, 0, 0, 1, 0, 1], .client, .tooBig),
        ([0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1], .server, .tooBig),
        ([0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .server, .tooBig),
        ([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .server, .tooBig),
    ]

    @Test(arguments: violations)
    func violates(bytes: [UInt8], role: WebSocketRole, violation: WebSocketViolation) {
        #expect(head(bytes, role) == .failure(violation))
    }

    @Test func limitOfTheReader() {
        #expect(head([0x81, 10], maxPayload: 10).value??.payloadLength == 10)
        #expect(head([0x81, 11], maxPayload: 10) == .failure(.tooBig))
        #expect(head([0x81, 126, 0, 201], maxPayload: 200) == .failure(.tooBig))
    }

    @Test func everyViolationClosesWithItsCode() {
        #expect(WebSocketViolation.tooBig.closeReason.code == .tooBig)
        for violation in [
            WebSocketViolation.reservedBits, .reservedOpcode, .fragmentedControl, .longControl, .wrongMasking,
            .unexpectedContinuation, .interleavedMessage, .badCloseFrame,
        ] {
            #expect(violation.closeReason.code == .protocolError)
            #expect(!violation.closeReason.reason.isEmpty)
        }
    }

    @Test func maskIsTheNaiveOneForEveryLengthAndOffset() {
        let storage = (0..<64).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        for length in 0...40 {
            for offset in 0..<16 {
                var fast = storage
                fast.withUnsafeMutableBytes { bytes in
                    let part = UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + length])
                    applyWebSocketMask(Self.maskingKey, to: part)
                }
                var slow = storage
                for index in 0..<length { slow[offset + index] ^= Self.key[index % 4] }
                #expect(fast == slow, "\(length) bytes at \(offset)")
            }
        }
        applyWebSocketMask(Self.maskingKey, to: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }

    @Test(arguments: [0, 1, 2, 3, 4, 125, 126, 127, 65_535, 65_536, 65_537, 100_000])
    func textFrame(length: Int) throws {
        let payload = (0..<length).map { UInt8(0x61 + $0 % 26) }
        let frame = written(.text, payload)
        // Alone, and behind bytes of which some have been read.
        for (before, read) in [(0, 0), (5, 0), (5, 3), (5, 5)] {
            var buffer = ByteBuffer(bytes: [UInt8](repeating: 0x2E, count: before))
            buffer.moveReaderIndex(forwardBy: read)
            let copy = buffer
            buffer.writeTextFrame { $0.writeBytes(payload) }
            #expect(Array(buffer.readableBytesView) == [UInt8](repeating: 0x2E, count: before - read) + frame)
            #expect(Array(copy.readableBytesView) == [UInt8](repeating: 0x2E, count: before - read))
            buffer.writeTextFrame { $0.writeStaticString("next") }
            #expect(Array(buffer.readableBytesView.suffix(6)) == [0x81, 4] + Array("next".utf8))
        }
        var masked = ByteBuffer(string: "..")
        masked.writeMaskedTextFrame(maskingKey: Self.maskingKey) { $0.writeBytes(payload) }
        #expect(Array(masked.readableBytesView.dropFirst(2)) == written(.text, payload, Self.maskingKey))
    }

    @Test func closeFrame() {
        var buffer = ByteBuffer()
        buffer.writeCloseFrame(.slowConsumer)
        #expect(Array(buffer.readableBytesView) == [0x88, 15, 0x03, 0xF5] + Array("slow_consumer".utf8))
        buffer.clear()
        buffer.writeCloseFrame(CloseReason(.normal, ""), maskingKey: Self.maskingKey)
        #expect(Array(buffer.readableBytesView) == [0x88, 0x82] + Self.key + [0x03 ^ 0x37, 0xE8 ^ 0xFA])
    }

    @Test(arguments: ["a", "é", "世", "😀", "e\u{301}", "👩‍👩‍👧‍👦"])
    func longCloseReasonIsCutToAControlFrame(unit: String) throws {
        var buffer = ByteBuffer()
        buffer.writeCloseFrame(CloseReason(.normal, String(repeating: unit, count: 200)))
        let bytes = Array(buffer.readableBytesView)
        let length = try #require(head(bytes).value??.payloadLength)
        #expect((120...125).contains(length))
        #expect(bytes.count == 2 + length)
        #expect(String(validating: bytes[4...], as: UTF8.self) != nil)
    }
}
