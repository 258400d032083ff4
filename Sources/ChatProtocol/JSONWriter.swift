import NIOCore

extension ByteBuffer {
    /// Writes text as the inside of a JSON string: escapes quotes, backslashes and control characters (RFC 8259
    /// section 7), everything else as it is.
    package mutating func writeJSONEscaped(_ text: String) {
        var text = text
        text.withUTF8 { writeJSONEscaped(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a JSON string, with its quotes.
    package mutating func writeJSONString(_ text: String) {
        writeInteger(UInt8(ascii: "\""))
        writeJSONEscaped(text)
        writeInteger(UInt8(ascii: "\""))
    }

    /// Writes a decimal number.
    package mutating func writeDecimal(_ value: Int64) {
        // 20 bytes hold every 64-bit integer with its sign.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value.magnitude
            var index = 20
            repeat {
                index -= 1
                digits[index] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                index -= 1
                digits[index] = UInt8(ascii: "-")
            }
            writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[index...]))
        }
    }

    private mutating func writeJSONEscaped(_ bytes: UnsafeRawBufferPointer) {
        var start = 0
        while start < bytes.count {
            let end = endOfPlainJSONText(bytes, from: start)
            writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            guard end < bytes.count else { return }
            writeEscape(bytes[end])
            start = end + 1
        }
    }

    private mutating func writeEscape(_ byte: UInt8) {
        writeInteger(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: writeInteger(byte)
        case 0x0A: writeInteger(UInt8(ascii: "n"))
        case 0x0D: writeInteger(UInt8(ascii: "r"))
        case 0x09: writeInteger(UInt8(ascii: "t"))
        default:
            let hex: StaticString = "0123456789abcdef"
            writeStaticString("u00")
            writeInteger(hex.utf8Start[Int(byte >> 4)])
            writeInteger(hex.utf8Start[Int(byte & 15)])
        }
    }
}
