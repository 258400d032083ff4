import ChatProtocol
import Foundation
import NIOCore
import Testing

/// Changes bytes the way that breaks parsers: flips, deletions, doublings, and pieces of grammar put in.
private struct Mutator {
    var random: SplitMix

    private static let pieces: [[UInt8]] = [
        "\"", "\\", "{", "}", "[", "]", ":", ",", "0", "-", "1e3", ".", "null", "true", "\\u0000", "\\ud800", "\\udc00",
        "\\ud83d\\ude00", "é", "😀", " ", "\n", "\"x\":1,", "\"event\"", "9223372036854775808", "[[[[", "{\"a\":[",
        "\u{0}",
    ].map { Array($0.utf8) }

    mutating func mutate(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, at + Int.random(in: 0...6, using: &random))
            switch random.next() % 6 {
            case 0: if at < bytes.count { bytes[at] ^= 1 << UInt8(random.next() % 8) }
            case 1: if at < bytes.count { bytes[at] = UInt8(truncatingIfNeeded: random.next()) }
            case 2: bytes.removeSubrange(at..<end)
            case 3: bytes.insert(contentsOf: bytes[at..<end], at: at)
            case 4: bytes.insert(contentsOf: Self.pieces[Int(random.next() % UInt64(Self.pieces.count))], at: at)
            default: bytes.replaceSubrange(at..<end, with: Self.pieces[Int(random.next() % UInt64(Self.pieces.count))])
            }
        }
    }
}

struct FuzzTests {
    private static let clientFrames: [[UInt8]] =
        (ClientEventDecoderTests.happy.map(\.0) + ClientEventEncoderTests.golden.map(\.1)).map { Array($0.utf8) }
    private static let serverFrames: [[UInt8]] = ServerEventTests.golden.map { Array($0.1.utf8) }

    /// Foundation is stricter about two things that are grammatical: a lone surrogate, and a number that a Double does
    /// not hold.
    private func foundationMayRefuse(_ bytes: [UInt8]) -> Bool {
        var digits = 0
        var previous: UInt8 = 0
        for byte in bytes {
            let isDigit = (0x30...0x39).contains(byte)
            if previous == UInt8(ascii: "u"), byte | 0x20 == UInt8(ascii: "d") { return true }
            if digits > 0, byte | 0x20 == UInt8(ascii: "e") { return true }
            digits = isDigit ? digits + 1 : 0
            if digits > 18 { return true }
            previous = byte
        }
        return false
    }

    /// Foundation takes `{"a":1,}`, which is no JSON.
    private func hasTrailingComma(_ bytes: [UInt8]) -> Bool {
        var afterComma = false
        for byte in bytes where ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            if afterComma, byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { return true }
            afterComma = byte == UInt8(ascii: ",")
        }
        return false
    }

    private func foundationParses(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }

    @Test func clientEvents() {
        var mutator = Mutator(random: SplitMix(seed: 0x5EED))
        var accepted = 0
        var compared = 0
        var refused = 0
        for round in 0..<100_000 {
            var bytes = Self.clientFrames[round % Self.clientFrames.count]
            mutator.mutate(&bytes)
            let result = decode(bytes)
            guard bytes.withUnsafeBytes(isValidUTF8) else { continue }
            if let event = result.value {
                accepted += 1
                // A client event survives its own encoding.
                if decode(event.json) != .success(event) { Issue.record("no round trip: \(text(bytes))") }
            }
            // Every error but this one is about a text that is JSON.
            let isJSON = result.error?.code != .malformedJSON
            if !isJSON {
                refused += 1
                if !hasTrailingComma(bytes), foundationParses(bytes) {
                    Issue.record("JSON, but refused: \(text(bytes))")
                }
            } else if !foundationMayRefuse(bytes) {
                compared += 1
                if !foundationParses(bytes) { Issue.record("not JSON, but accepted: \(text(bytes))") }
            }
        }
        #expect(accepted > 5000)
        #expect(compared > 10_000)
        #expect(refused > 10_000)
    }

    @Test func serverEventViews() {
        var mutator = Mutator(random: SplitMix(seed: 0xFEED))
        var accepted = 0
        for round in 0..<50_000 {
            var bytes = Self.serverFrames[round % Self.serverFrames.count]
            mutator.mutate(&bytes)
            let isRead = bytes.withUnsafeBytes { raw in
                guard let view = try? ServerEventView(raw) else { return false }
                for token in [view.content, view.clientMessageID, view.epoch, view.instance, view.word, view.detail] {
                    let string = view.string(token)
                    if let token, (string == nil) != token.hasLoneSurrogate { Issue.record("token of \(text(bytes))") }
                }
                if view.hasTrace, view.trace == nil, bytes.contains(UInt8(ascii: "{")) {
                    // Only an array can be nested, grammatical, and no trace.
                    if !text(bytes).contains("[") { Issue.record("trace of \(text(bytes))") }
                }
                return true
            }
            guard isRead, bytes.withUnsafeBytes(isValidUTF8), !foundationMayRefuse(bytes) else { continue }
            accepted += 1
            if !foundationParses(bytes) { Issue.record("not JSON, but accepted: \(text(bytes))") }
        }
        #expect(accepted > 3000)
    }

    /// However the bytes are cut, the same inputs come out, and the same violation ends them.
    @Test func assembler() {
        var mutator = Mutator(random: SplitMix(seed: 0xF00D))
        var violations = 0
        for round in 0..<50_000 {
            let role: WebSocketRole = round % 2 == 0 ? .server : .client
            var bytes = WebSocketAssemblerTests.stream(role == .server ? 0x0102_0304 : nil)
            mutator.mutate(&bytes)
            let whole = AssemblerOutcome(role, [bytes], maxMessage: 200)
            if whole.violation != nil { violations += 1 }
            var pieces: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...60, using: &mutator.random))
                pieces.append(piece)
                rest = rest.dropFirst(piece.count)
            }
            if AssemblerOutcome(role, pieces, maxMessage: 200) != whole { Issue.record("cut \(bytes)") }
        }
        #expect(violations > 10_000)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
