import ChatProtocol
import NIOCore
import Testing

/// What came out of an assembler until it had no more, or the peer broke the rules.
struct AssemblerOutcome: Equatable {
    var inputs: [WebSocketInput] = []
    var violation: WebSocketViolation?

    /// Feeds the pieces one by one.
    init(_ role: WebSocketRole, _ pieces: some Sequence<some Sequence<UInt8>>, maxMessage: Int = Limits.maxFrameBytes) {
        var assembler = WebSocketAssembler(role: role, maxMessage: maxMessage)
        do throws(WebSocketViolation) {
            for piece in pieces {
                assembler.feed(ByteBuffer(bytes: piece))
                while let input = try assembler.next() { inputs.append(input) }
            }
        } catch {
            violation = error
        }
    }
}

/// One frame's bytes, with any first byte.
func frameBytes(_ first: UInt8, _ payload: [UInt8], maskingKey: UInt32? = nil) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.writeFrame(.text, payload: ByteBuffer(bytes: payload), maskingKey: maskingKey)
    buffer.setInteger(first, at: 0)
    return Array(buffer.readableBytesView)
}

private func text(_ string: String) -> WebSocketInput { .text(ByteBuffer(string: string)) }

struct WebSocketAssemblerTests {
    @Test func theExamplesOfTheRFC() {
        let hello = WebSocketFrameTests.hello
        let masked = WebSocketFrameTests.key + WebSocketFrameTests.maskedHello
        #expect(AssemblerOutcome(.client, [[0x81, 0x05] + hello]).inputs == [text("Hello")])
        #expect(AssemblerOutcome(.server, [[0x81, 0x85] + masked]).inputs == [text("Hello")])
        #expect(
            AssemblerOutcome(.client, [[0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]]).inputs == [
                text("Hello")
            ]
        )
        #expect(AssemblerOutcome(.client, [[0x89, 0x05] + hello]).inputs == [.ping(ByteBuffer(bytes: hello))])
        #expect(AssemblerOutcome(.server, [[0x8A, 0x85] + masked]).inputs == [.pong])
        let binary256 = [0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 0, count: 256)
        #expect(AssemblerOutcome(.client, [binary256]).inputs == [.binary])
        let binary64K = [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 65_536)
        #expect(AssemblerOutcome(.client, [binary64K]).inputs == [.binary])
    }

    /// Text, a fragmented text with a ping and a pong inside, binary, an empty text, a longer text, and a close.
    static func stream(_ key: UInt32?) -> [UInt8] {
        frameBytes(0x81, Array("one".utf8), maskingKey: key)
            + frameBytes(0x01, Array("fr".utf8), maskingKey: key)
            + frameBytes(0x89, Array("?".utf8), maskingKey: key)
            + frameBytes(0x00, [], maskingKey: key)
            + frameBytes(0x8A, [], maskingKey: key)
            + frameBytes(0x80, Array("agments".utf8), maskingKey: key)
            + frameBytes(0x82, [1, 2, 3], maskingKey: key)
            + frameBytes(0x81, [], maskingKey: key)
            + frameBytes(0x81, Array(repeating: 0x7A, count: 130), maskingKey: key)
            + frameBytes(0x88, [0x03, 0xE8] + Array("bye".utf8), maskingKey: key)
    }

    static let inputs: [WebSocketInput] = [
        text("one"), .ping(ByteBuffer(string: "?")), .pong, text("fragments"), .binary, text(""),
        text(String(repeating: "z", count: 130)), .close(1000),
    ]

    static let sides: [(WebSocketRole, UInt32?)] = [(.server, 0xA1B2_C3D4), (.client, nil)]

    @Test(arguments: sides)
    func everySplitGivesTheSame(role: WebSocketRole, key: UInt32?) {
        let stream = Self.stream(key)
        #expect(AssemblerOutcome(role, [stream]).inputs == Self.inputs)
        #expect(AssemblerOutcome(role, stream.map { [$0] }).inputs == Self.inputs)
        for split in 0...stream.count {
            let outcome = AssemblerOutcome(role, [stream[..<split], stream[split...]])
            #expect(outcome.violation == nil)
            #expect(outcome.inputs == Self.inputs, "split at \(split)")
        }
        for size in 2...20 {
            let pieces = stride(from: 0, to: stream.count, by: size).map { stream[$0..<min($0 + size, stream.count)] }
            #expect(AssemblerOutcome(role, pieces).inputs == Self.inputs, "pieces of \(size)")
        }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536])
    func lengths(length: Int) {
        let payload = (0..<length).map { UInt8(0x20 + $0 % 90) }
        let frame = frameBytes(0x81, payload, maskingKey: 0x1234_5678)
        let expected = [WebSocketInput.text(ByteBuffer(bytes: payload)), text("end")]
        let end = frameBytes(0x81, Array("end".utf8), maskingKey: 7)
        #expect(AssemblerOutcome(.server, [frame + end]).inputs == expected)
        #expect(AssemblerOutcome(.server, [frame.dropLast(), frame.suffix(1) + end]).inputs == expected)
    }

    @Test func oneByteTooManyIsRefusedBeforeItComes() {
        let frame = frameBytes(0x81, Array(repeating: 0x61, count: 65_537), maskingKey: 1)
        #expect(AssemblerOutcome(.server, [frame.prefix(10)]).violation == .tooBig)
        #expect(AssemblerOutcome(.server, [frame.prefix(9)]).violation == nil)
    }

    @Test(arguments: [
        [65_535, 1], [1, 65_535], [30_000, 30_000, 5536], [65_536, 0], [0, 0, 65_536], [60_000, 5536, 0],
    ])
    func fragmentsCountTogether(sizes: [Int]) {
        func stream(_ sizes: [Int]) -> [[UInt8]] {
            sizes.enumerated().map { index, size in
                let first: UInt8 = (index == 0 ? 0x01 : 0x00) | (index == sizes.count - 1 ? 0x80 : 0x00)
                return frameBytes(first, Array(repeating: 0x61, count: size), maskingKey: 9)
            }
        }
        let whole = WebSocketInput.text(ByteBuffer(bytes: Array(repeating: 0x61, count: 65_536)))
        #expect(AssemblerOutcome(.server, stream(sizes)).inputs == [whole])
        let over = AssemblerOutcome(.server, stream(sizes + [1]))
        #expect(over.violation == .tooBig)
        #expect(over.inputs.isEmpty)
    }

    static let violations: [([UInt8], WebSocketViolation)] = [
        ([0x80, 0x00], .unexpectedContinuation),
        ([0x00, 0x01, 0x61], .unexpectedContinuation),
        // A finished message leaves nothing to go on with.
        ([0x01, 0x00, 0x80, 0x00, 0x80, 0x00], .unexpectedContinuation),
        ([0x01, 0x00, 0x81, 0x00], .interleavedMessage),
        ([0x01, 0x00, 0x82, 0x00], .interleavedMessage),
        ([0x02, 0x00, 0x01, 0x00], .interleavedMessage),
        ([0x88, 0x01, 0x03], .badCloseFrame),
        // 0, 999, 1004 to 1006, 1015, 1016, 2999, 5000; and a reason that is not UTF-8.
        ([0x88, 0x02, 0x00, 0x00], .badCloseFrame),
        ([0x88, 0x02, 0x03, 0xE7], .badCloseFrame),
        ([0x88, 0x02, 0x03, 0xEC], .badCloseFrame),
        ([0x88, 0x02, 0x03, 0xED], .badCloseFrame),
        ([0x88, 0x02, 0x03, 0xEE], .badCloseFrame),
        ([0x88, 0x02, 0x03, 0xF7], .badCloseFrame),
        ([0x88, 0x02, 0x03, 0xF8], .badCloseFrame),
        ([0x88, 0x02, 0x0B, 0xB7], .badCloseFrame),
        ([0x88, 0x02, 0x13, 0x88], .badCloseFrame),
        ([0x88, 0x03, 0x03, 0xE8, 0xFF], .badCloseFrame),
        ([0xC1, 0x00], .reservedBits),
        ([0x83, 0x00], .reservedOpcode),
        ([0x09, 0x00], .fragmentedControl),
        ([0x89, 0x7E, 0x00, 0x7E], .longControl),
        ([0x81, 0x80, 0x00, 0x00, 0x00, 0x00], .wrongMasking),
        ([0x81, 0x7F, 0, 0, 0, 0, 0, 1, 0, 1], .tooBig),
    ]

    @Test(arguments: violations)
    func violates(bytes: [UInt8], violation: WebSocketViolation) {
        let valid = frameBytes(0x81, Array("ok".utf8))
        let whole = AssemblerOutcome(.client, [valid + bytes])
        #expect(whole.violation == violation)
        #expect(whole.inputs.first == text("ok"))
        #expect(AssemblerOutcome(.client, (valid + bytes).map { [$0] }) == whole)
    }

    @Test func controlFramesOf125Bytes() {
        let payload = [UInt8](repeating: 0x61, count: 125)
        #expect(AssemblerOutcome(.client, [frameBytes(0x89, payload)]).inputs == [.ping(ByteBuffer(bytes: payload))])
    }

    static let closes: [([UInt8], UInt16?)] = [
        ([], nil), ([0x03, 0xE8], 1000), ([0x03, 0xF5, 0x78], 1013), ([0x0B, 0xB8], 3000),
    ]

    @Test(arguments: closes)
    func closeCodes(payload: [UInt8], code: UInt16?) {
        #expect(AssemblerOutcome(.client, [frameBytes(0x88, payload)]).inputs == [.close(code)])
    }

    /// Told with its first fragment: who refuses it need not wait for the rest.
    @Test func fragmentedBinaryIsOneBinary() {
        #expect(AssemblerOutcome(.client, [[0x02, 0x01, 0x00]]).inputs == [.binary])
        #expect(AssemblerOutcome(.client, [[0x02, 0x01, 0x00, 0x00, 0x00, 0x80, 0x01, 0x00]]).inputs == [.binary])
    }

    @Test func manySmallFragments() {
        let first = frameBytes(0x01, [0x61])
        let middle = (0..<20_000).flatMap { _ in frameBytes(0x00, [0x61]) }
        let last = frameBytes(0x80, [0x61])
        let whole = WebSocketInput.text(ByteBuffer(bytes: Array(repeating: 0x61, count: 20_002)))
        #expect(AssemblerOutcome(.client, [first + middle + last]).inputs == [whole])
    }

    @Test func emptyReadsAreNothing() {
        #expect(AssemblerOutcome(.client, [[], [], [0x81], [], [0x00]]).inputs == [text("")])
    }

    /// Unmasking works in place, but never in bytes that somebody else holds.
    @Test func callersBytesStayAsTheyAre() throws {
        let bytes = frameBytes(0x81, Array("secret".utf8), maskingKey: 0x0A0B_0C0D)
        let buffer = ByteBuffer(bytes: bytes + bytes)
        var assembler = WebSocketAssembler(role: .server)
        assembler.feed(buffer)
        #expect(try assembler.next() == text("secret"))
        #expect(try assembler.next() == text("secret"))
        #expect(try assembler.next() == nil)
        #expect(Array(buffer.readableBytesView) == bytes + bytes)
    }
}
