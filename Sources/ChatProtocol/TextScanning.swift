/// The index of the next quote, backslash or control character, or the end: what stands before it needs no escape.
/// Looks at eight bytes at a time.
@inline(__always)
func endOfPlainJSONText(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    guard let base = bytes.baseAddress else { return start }
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var index = start
    while index + 8 <= bytes.count {
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5C)
        // A byte is zero, or below 0x20, if the subtraction borrows into its high bit (Mycroft). A borrow can go wrong
        // only above a true hit, and the lowest hit is what counts.
        let found = ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash) | ((word &- (ones &* 0x20)) & ~word)
        let hits = found & highs
        if hits != 0 { return index + hits.trailingZeroBitCount / 8 }
        index += 8
    }
    while index < bytes.count {
        let byte = bytes[index]
        if byte == 0x22 || byte == 0x5C || byte < 0x20 { return index }
        index += 1
    }
    return index
}

/// True if the bytes are well-formed UTF-8 (RFC 3629). ASCII is checked eight bytes at a time.
package func isValidUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    var index = 0
    while index < bytes.count {
        if index + 8 <= bytes.count,
            base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            index += 8
        } else if let length = scalarLength(bytes, at: index) {
            index += length
        } else {
            return false
        }
    }
    return true
}

/// The length of the well-formed sequence that starts here, or nil (Unicode standard, table 3-7: the bounds of the
/// second byte keep out overlong forms, surrogates and what lies beyond U+10FFFF).
@inline(__always)
private func scalarLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch bytes[index] {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
        length = 3
        if bytes[index] == 0xE0 { second = 0xA0...0xBF }
        if bytes[index] == 0xED { second = 0x80...0x9F }
    case 0xF0...0xF4:
        length = 4
        if bytes[index] == 0xF0 { second = 0x90...0xBF }
        if bytes[index] == 0xF4 { second = 0x80...0x8F }
    default: return nil
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
    for offset in 2..<length where bytes[index + offset] & 0xC0 != 0x80 { return nil }
    return length
}
