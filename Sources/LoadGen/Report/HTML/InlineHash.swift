import Foundation

/// SHA-256 (FIPS 180-4) of the page's own style and script, by which its Content-Security-Policy lets in these two and
/// nothing else. It hashes literals of this program, a few kilobytes once for a report: no reason to link a library.
enum InlineHash {
    /// `'sha256-…'`, as a policy names a source.
    static func source(_ text: String) -> String {
        "'sha256-\(Data(digest(Array(text.utf8))).base64EncodedString())'"
    }

    static func digest(_ message: [UInt8]) -> [UInt8] {
        var state = initial
        for block in padded(message).chunks(of: 64) { compress(block, into: &state) }
        return state.flatMap { word in
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }

    private static func padded(_ message: [UInt8]) -> [UInt8] {
        let zeros = (119 - message.count % 64) % 64
        let bits = UInt64(message.count) * 8
        let length = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> $0) }
        return message + [0x80] + [UInt8](repeating: 0, count: zeros) + length
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = block.chunks(of: 4).map { $0.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
        for index in 16..<64 {
            let (early, late) = (words[index - 15], words[index - 2])
            let first = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
            let second = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
            words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let choice = e & f ^ ~e & g
            let majority = a & b ^ a & c ^ b & c
            let mixed = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let first = h &+ mixed &+ choice &+ constants[index] &+ words[index]
            let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ majority
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        state = zip(state, [a, b, c, d, e, f, g, h]).map { $0 &+ $1 }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    /// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
    private static let initial = primes.prefix(8).map { fraction($0.squareRoot()) }
    /// The same of the cube roots of the first 64 primes.
    private static let constants = primes.map { fraction(cbrt($0)) }

    private static let primes: [Double] = (2...311).filter { candidate in
        !(2..<candidate).contains { candidate.isMultiple(of: $0) }
    }.map(Double.init)

    /// 53 bits of a double hold the 32 that are wanted behind a whole part below 18.
    private static func fraction(_ root: Double) -> UInt32 { UInt32((root - root.rounded(.down)) * 4_294_967_296) }
}

extension RandomAccessCollection where Index == Int {
    fileprivate func chunks(of size: Int) -> [SubSequence] {
        stride(from: startIndex, to: endIndex, by: size).map { self[$0..<Swift.min($0 + size, endIndex)] }
    }
}
