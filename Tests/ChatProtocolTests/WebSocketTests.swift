import ChatProtocol
import NIOCore
import Testing

@Suite struct WebSocketTests {
    /// RFC 6455 section 5.7.
    @Test func readsTheExamplesOfTheRFC() throws {
        #expect(
            try inputs([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], .client) == [.text(ByteBuffer(string: "Hello"))])
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
        #expect(try inputs(masked, .server) == [.text(ByteBuffer(string: "Hello"))])
        let fragmented: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f]
        #expect(try inputs(fragmented, .client) == [.text(ByteBuffer(string: "Hello"))])
        #expect(
            try inputs([0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], .client) == [.ping(ByteBuffer(string: "Hello"))])
    }

    @Test(arguments: [
        ([0xC1, 0x00], WebSocketViolation.reservedBits), ([0x83, 0x00], .reservedOpcode),
        ([0x09, 0x00], .fragmentedControl), ([0x89, 0x7E, 0x00, 0x7E], .longControl), ([0x81, 0x80], .wrongMasking),
        ([0x80, 0x00], .unexpectedContinuation), ([0x01, 0x00, 0x81, 0x00], .interleavedMessage),
        ([0x88, 0x01, 0x00], .badCloseFrame), ([0x81, 0x7F, 0, 0, 0, 0, 0, 1, 0, 1], .tooBig),
        ([0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .tooBig),
    ])
    func refuses(_ bytes: [UInt8], _ violation: WebSocketViolation) {
        #expect(throws: violation) { try inputs(bytes, .client) }
    }

    @Test(arguments: [0, 125, 126, 65_535, 65_536]) func framesOfEachHeadAreReadBack(_ length: Int) throws {
        let text = String(repeating: "x", count: length)
        var buffer = ByteBuffer()
        buffer.writeTextFrame { $0.writeString(text) }
        #expect(try inputs(Array(buffer.readableBytesView), .client) == [.text(ByteBuffer(string: text))])
        buffer.clear()
        buffer.writeMaskedTextFrame(maskingKey: 0xDEAD_BEEF) { $0.writeString(text) }
        #expect(try inputs(Array(buffer.readableBytesView), .server) == [.text(ByteBuffer(string: text))])
    }

    @Test func fragmentsInTotalHaveTheLimitOfAFrame() throws {
        func message(_ sizes: [Int]) -> [UInt8] {
            var buffer = ByteBuffer()
            for (index, size) in sizes.enumerated() {
                let isLast = index == sizes.count - 1
                buffer.writeInteger(UInt8((isLast ? 0x80 : 0) | (index == 0 ? 1 : 0)))
                buffer.writeInteger(UInt8(126))
                buffer.writeInteger(UInt16(size))
                buffer.writeRepeatingByte(0x61, count: size)
            }
            return Array(buffer.readableBytesView)
        }
        #expect(try inputs(message([40_000, 25_536]), .client).count == 1)
        #expect(throws: WebSocketViolation.tooBig) { try inputs(message([40_000, 25_537]), .client) }
    }

    @Test func everySplitGivesTheSame() throws {
        var buffer = ByteBuffer()
        buffer.writeTextFrame { $0.writeString("one") }
        buffer.writeFrame(.ping, payload: ByteBuffer(string: "p"))
        buffer.writeTextFrame { $0.writeString(String(repeating: "y", count: 200)) }
        buffer.writeCloseFrame(CloseReason(.normal, "bye"))
        let bytes = Array(buffer.readableBytesView)
        let whole = try inputs(bytes, .client)
        #expect(whole.count == 4)
        for split in 1..<bytes.count {
            var assembler = WebSocketAssembler(role: .client)
            var found: [WebSocketInput] = []
            for part in [bytes[..<split], bytes[split...]] {
                assembler.feed(ByteBuffer(bytes: part))
                while let input = try assembler.next() { found.append(input) }
            }
            #expect(found == whole, "split at \(split)")
        }
    }

    @Test func masksLikeTheDefinition() {
        let key: UInt32 = 0x0403_0201
        for length in 0...40 {
            var bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
            let expected = bytes.enumerated().map { $1 ^ UInt8(truncatingIfNeeded: key >> (UInt32($0 & 3) * 8)) }
            bytes.withUnsafeMutableBytes { applyWebSocketMask(UInt32(littleEndian: key), to: $0) }
            #expect(bytes == expected)
        }
    }

    @Test(arguments: [
        ([0x61, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80], true), ([0xC0, 0xAF], false), ([0xED, 0xA0, 0x80], false),
        ([0xF4, 0x90, 0x80, 0x80], false), ([0x61, 0xC3], false), ([0x80], false), ([], true),
        (Array(repeating: 0x61, count: 17) + [0xFF], false), (Array(repeating: 0x61, count: 64), true),
    ])
    func knowsUTF8(_ bytes: [UInt8], _ isValid: Bool) {
        #expect(bytes.withUnsafeBytes { isValidUTF8($0) } == isValid)
    }

    private func inputs(_ bytes: [UInt8], _ role: WebSocketRole) throws -> [WebSocketInput] {
        var assembler = WebSocketAssembler(role: role)
        assembler.feed(ByteBuffer(bytes: bytes))
        var found: [WebSocketInput] = []
        while let input = try assembler.next() { found.append(input) }
        return found
    }
}
