import Testing

@testable import ChatProtocol

struct TextScanningTests {
    private func isValid(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes(isValidUTF8) }

    static let bad: [[UInt8]] = [
        // A continuation without a start, and starts that never are.
        [0x80], [0xBF], [0xC0], [0xC1], [0xF5], [0xF8], [0xFC], [0xFE], [0xFF],
        // Overlong forms.
        [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF],
        // Surrogates.
        [0xED, 0xA0, 0x80], [0xED, 0xAF, 0xBF], [0xED, 0xB0, 0x80], [0xED, 0xBF, 0xBF],
        [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
        // Beyond U+10FFFF.
        [0xF4, 0x90, 0x80, 0x80], [0xF4, 0xBF, 0xBF, 0xBF], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        // Truncated.
        [0xC3], [0xE4], [0xE4, 0xB8], [0xF0], [0xF0, 0x9F], [0xF0, 0x9F, 0x98],
        // Another byte where a continuation must be.
        [0xC3, 0x41], [0xC3, 0xC3], [0xE4, 0x41, 0x96], [0xE4, 0xB8, 0x41], [0xF0, 0x9F, 0x41, 0x80],
        [0xF0, 0x9F, 0x98, 0xC0],
        // One continuation too many.
        [0xC3, 0xA9, 0xA9], [0xF0, 0x9F, 0x98, 0x80, 0x80],
    ]

    @Test(arguments: bad)
    func refusesAtEveryAlignment(bytes: [UInt8]) {
        for before in 0...17 {
            for after in 0...9 {
                let head = [UInt8](repeating: 0x61, count: before)
                let tail = [UInt8](repeating: 0x62, count: after)
                #expect(!isValid(head + bytes + tail), "\(before) before, \(after) after")
                #expect(!isValid(Array("é".utf8) + head + bytes + tail))
            }
        }
    }

    @Test(arguments: [
        "", "a", "\u{0}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}",
        "\u{3FFFF}",
        "\u{40000}", "\u{FFFFF}", "\u{100000}", "\u{10FFFF}", "\u{FEFF}", "мир 世界 🌍",
    ])
    func acceptsAtEveryAlignment(text: String) {
        for before in 0...17 {
            for after in 0...9 {
                let padded = String(repeating: "a", count: before) + text + String(repeating: "b", count: after)
                #expect(isValid(Array(padded.utf8)), "\(before) before, \(after) after")
            }
        }
    }

    @Test func everyScalar() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            guard isValid(Array(String(scalar).utf8)) else {
                Issue.record("U+\(String(value, radix: 16))")
                return
            }
        }
    }

    /// Every text of two bytes, and 200,000 others, against the standard library.
    @Test func agreesWithStandardLibrary() {
        func check(_ bytes: [UInt8]) -> Bool { isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil) }
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max where !check([first, second]) {
                Issue.record("\([first, second])")
            }
        }
        var random = SplitMix(seed: 8)
        let edges: [UInt8] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5,
        ]
        for _ in 0..<200_000 {
            let bytes = (0..<Int.random(in: 3...6, using: &random)).map { _ in edges[Int(random.next() % 17)] }
            if !check(bytes) { Issue.record("\(bytes)") }
        }
    }

    @Test func plainTextEndsWhereTheSlowWaySays() {
        var random = SplitMix(seed: 3)
        let alphabet: [UInt8] = [
            0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x61, 0x7F, 0x80, 0xA2, 0xDC, 0xFF,
        ]
        for round in 0..<20_000 {
            // Mostly plain, so that several words are passed.
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                random.next() % 16 == 0
                    ? alphabet[Int(random.next() % 15)] : [0x61, 0x80, 0xFF, 0x21][Int(random.next() % 4)]
            }
            let start = bytes.isEmpty ? 0 : round % bytes.count
            let slow = bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C } ?? bytes.count
            let fast = bytes.withUnsafeBytes { endOfPlainJSONText($0, from: start) }
            if fast != slow { Issue.record("\(bytes) from \(start): \(fast), not \(slow)") }
        }
    }
}
