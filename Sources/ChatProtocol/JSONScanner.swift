/// Why a text is no JSON (RFC 8259), and where.
package struct JSONError: Error, Equatable, Sendable {
    package var offset: Int
    package var reason: StaticText

    /// A compile-time text: an error on the receive path must not allocate.
    package struct StaticText: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        private let value: StaticString
        package init(stringLiteral value: StaticString) { self.value = value }
        package var description: String { value.description }
        package static func == (a: Self, b: Self) -> Bool { a.description == b.description }
    }
}

/// A string token: where its text lies between the quotes, and what stands in it.
package struct JSONText: Equatable, Sendable {
    package var range: Range<Int>
    package var hasEscapes: Bool
    /// A `\ud800` to `\udfff` without its other half: grammatical, but no text (RFC 8259 section 8.2).
    package var hasLoneSurrogate: Bool
}

/// One value of an object's member. Nested values are checked for their grammar and left as a range.
package enum JSONValue: Equatable, Sendable {
    case string(JSONText)
    case integer(Int64)
    /// A number that is no 64-bit integer: with fraction or exponent, too large, or `-0`.
    case number(Range<Int>)
    case bool(Bool)
    case null
    case nested(Range<Int>)

    package var name: String {
        switch self {
        case .string: "a string"
        case .integer, .number: "a number"
        case .bool: "a boolean"
        case .null: "null"
        case .nested: "an object or array"
        }
    }
}

/// A pull scanner over one JSON text (RFC 8259): reads a flat object member by member, allocates nothing, and never
/// recurses. The bytes must outlive it and be valid UTF-8 (see ``isValidUTF8(_:)``).
package struct JSONScanner {
    package let bytes: UnsafeBufferPointer<UInt8>
    package private(set) var position = 0
    private var isFirstMember = true

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes.assumingMemoryBound(to: UInt8.self)
    }

    /// Enters the object that the text must be.
    package mutating func beginObject() throws(JSONError) {
        skipWhitespace()
        guard peek() == UInt8(ascii: "{") else { throw error("expected an object") }
        position += 1
        isFirstMember = true
    }

    /// True if the text starts, after white space, like an object.
    package var startsObject: Bool {
        var copy = self
        copy.skipWhitespace()
        return copy.peek() == UInt8(ascii: "{")
    }

    /// The next member's key, or nil after the last.
    package mutating func nextKey() throws(JSONError) -> JSONText? {
        skipWhitespace()
        if peek() == UInt8(ascii: "}") {
            position += 1
            return nil
        }
        if !isFirstMember {
            guard peek() == UInt8(ascii: ",") else { throw error("expected ',' or '}'") }
            position += 1
            skipWhitespace()
        }
        isFirstMember = false
        guard peek() == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
        let key = try scanString()
        skipWhitespace()
        guard peek() == UInt8(ascii: ":") else { throw error("expected ':'") }
        position += 1
        skipWhitespace()
        return key
    }

    /// The value behind a key.
    package mutating func value() throws(JSONError) -> JSONValue {
        switch peek() {
        case UInt8(ascii: "\""): return .string(try scanString())
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let start = position
            try skipNested()
            return .nested(start..<position)
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        default: return try scanNumber()
        }
    }

    /// The text must end here, but for white space.
    package mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard position == bytes.count else { throw error("text after the object") }
    }

    /// The raw bytes of a range of the text.
    package func raw(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range])
    }

    /// True if the text between the quotes is this ASCII word, byte for byte (an escaped spelling is no match).
    @inline(__always)
    package func matches(_ text: JSONText, _ word: StaticString) -> Bool {
        guard text.range.count == word.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
        let start = base + text.range.lowerBound
        let wanted = word.utf8Start
        for index in 0..<text.range.count where start[index] != wanted[index] { return false }
        return true
    }

    // MARK: - Tokens

    @inline(__always)
    private func peek() -> UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// Passes white space.
    @inline(__always)
    package mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func error(_ reason: JSONError.StaticText) -> JSONError { JSONError(offset: position, reason: reason) }

    private mutating func expect(_ word: StaticString) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw error("unexpected end") }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
            throw error("unexpected word")
        }
        position += count
    }

    private mutating func scanString() throws(JSONError) -> JSONText {
        position += 1
        let start = position
        var hasEscapes = false
        var hasLoneSurrogate = false
        while true {
            position = endOfPlainJSONText(UnsafeRawBufferPointer(bytes), from: position)
            guard position < bytes.count else { throw error("unterminated string") }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let range = start..<position
                position += 1
                return JSONText(range: range, hasEscapes: hasEscapes, hasLoneSurrogate: hasLoneSurrogate)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                if try !skipEscape() { hasLoneSurrogate = true }
            default: throw error("control character in a string")
            }
        }
    }

    /// Passes one escape (or a pair of surrogates); false if it is a lone surrogate.
    private mutating func skipEscape() throws(JSONError) -> Bool {
        guard position + 1 < bytes.count else { throw error("unterminated string") }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
            return true
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(at: position + 2) else { throw error("bad \\u escape") }
            position += 6
            guard unit & 0xF800 == 0xD800 else { return true }
            if unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u"), let low = hexUnit(at: position + 2), low & 0xFC00 == 0xDC00
            {
                position += 6
                return true
            }
            return false
        default: throw error("unknown escape")
        }
    }

    fileprivate func hexUnit(at start: Int) -> UInt16? {
        guard start + 4 <= bytes.count else { return nil }
        var unit: UInt16 = 0
        for index in start..<start + 4 {
            let byte = bytes[index]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: return nil
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private mutating func scanNumber() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = peek() == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var value: Int64 = 0
        var overflow = false
        let firstDigit = position
        while position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 {
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowedToo) = product.subtractingReportingOverflow(Int64(digit))
            overflow = overflow || overflowed || overflowedToo
            value = sum
            position += 1
        }
        guard position > firstDigit else { throw error(start == position ? "expected a value" : "bad number") }
        guard bytes[firstDigit] != 0x30 || position == firstDigit + 1 else { throw error("number with leading zero") }
        var isInteger = true
        if peek() == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try skipDigits()
        }
        if peek() | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        // The digits were summed up as a negative number, since that side reaches one further.
        let fits = isNegative ? value != 0 : value != Int64.min
        guard isInteger, !overflow, fits else { return .number(start..<position) }
        return .integer(isNegative ? value : -value)
    }

    private mutating func skipDigits() throws(JSONError) {
        let first = position
        while position < bytes.count, bytes[position] &- 0x30 < 10 { position += 1 }
        guard position > first else { throw error("bad number") }
    }

    /// Passes one object or array, checking its grammar, with a bit stack instead of recursion (1: object, 0: array).
    /// Each 64 levels the stack moves to the heap, as far as the text is long.
    private mutating func skipNested() throws(JSONError) {
        var stack: UInt64 = 0
        var depth = 0
        var deeper: [UInt64] = []
        var expectsValue = true
        func pop() {
            depth -= 1
            stack >>= 1
            if depth > 0, depth % 64 == 0 { stack = deeper.removeLast() }
        }
        repeat {
            skipWhitespace()
            if expectsValue {
                switch peek() {
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    let isObject = peek() == UInt8(ascii: "{")
                    position += 1
                    if depth > 0, depth % 64 == 0 {
                        deeper.append(stack)
                        stack = 0
                    }
                    stack = stack << 1 | (isObject ? 1 : 0)
                    depth += 1
                    skipWhitespace()
                    if peek() == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                        position += 1
                        pop()
                        expectsValue = false
                    } else if isObject {
                        try skipMemberKey()
                    }
                    continue
                default:
                    _ = try value()
                    expectsValue = false
                }
                continue
            }
            let isObject = stack & 1 == 1
            switch peek() {
            case UInt8(ascii: ","):
                position += 1
                skipWhitespace()
                if isObject { try skipMemberKey() }
                expectsValue = true
            case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                position += 1
                pop()
            default: throw error("unbalanced object or array")
            }
        } while depth > 0
    }

    private mutating func skipMemberKey() throws(JSONError) {
        guard peek() == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
        _ = try scanString()
        skipWhitespace()
        guard peek() == UInt8(ascii: ":") else { throw error("expected ':'") }
        position += 1
    }
}

// MARK: - Text

extension JSONScanner {
    /// The text of a string token, its escapes resolved; nil if it holds a lone surrogate.
    package func string(_ text: JSONText) -> String? {
        guard !text.hasLoneSurrogate else { return nil }
        let raw = UnsafeBufferPointer(rebasing: bytes[text.range])
        guard text.hasEscapes else { return String(decoding: raw, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: raw.count) { out in
            var written = 0
            var index = text.range.lowerBound
            while index < text.range.upperBound {
                let byte = bytes[index]
                guard byte == UInt8(ascii: "\\") else {
                    out[written] = byte
                    written += 1
                    index += 1
                    continue
                }
                let kind = bytes[index + 1]
                guard kind == UInt8(ascii: "u") else {
                    out[written] = Self.unescaped(kind)
                    written += 1
                    index += 2
                    continue
                }
                var scalar = UInt32(hexUnit(at: index + 2) ?? 0)
                index += 6
                if scalar & 0xFC00 == 0xD800 {
                    let low = UInt32(hexUnit(at: index + 2) ?? 0)
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                    index += 6
                }
                // Never longer than its escape: 6 bytes for at most 3, 12 for 4.
                for unit in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
                    out[written] = unit
                    written += 1
                }
            }
            return written
        }
    }

    private static func unescaped(_ kind: UInt8) -> UInt8 {
        switch kind {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: kind
        }
    }
}
