/// The members of one flat object that somebody asked for by name: each at most once, everything else tolerated.
///
/// Reads the text once and keeps tokens, not copies; the bytes must outlive it.
package struct FlatObject {
    /// The names that are kept, as a list of at most 32.
    package typealias Names = [StaticString]

    package private(set) var scanner: JSONScanner
    private let names: Names
    private var values: [JSONValue?]
    /// The first key that came twice, cut to an excerpt.
    package private(set) var duplicate: String?
    /// Set if the text broke off or was no JSON; what was read before it is still there.
    package private(set) var failure: JSONError?
    /// True if the text is JSON, but no object.
    package private(set) var isObject = true

    package init(_ bytes: UnsafeRawBufferPointer, names: Names) {
        self.scanner = JSONScanner(bytes)
        self.names = names
        self.values = Array(repeating: nil, count: names.count)
        do throws(JSONError) {
            isObject = scanner.startsObject
            if isObject { try readMembers() } else { try readOther() }
        } catch {
            failure = error
        }
    }

    private mutating func readMembers() throws(JSONError) {
        // A duplicate that nobody reads is refused as well: two readers could disagree on which one counts.
        var others: Set<[UInt8]> = []
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            let index = position(of: key)
            let value = try scanner.value()
            if let index {
                if values[index] != nil { note(duplicate: key) } else { values[index] = value }
            } else if !others.insert(spelling(of: key)).inserted {
                note(duplicate: key)
            }
        }
        try scanner.finish()
    }

    private mutating func readOther() throws(JSONError) {
        scanner.skipWhitespace()
        _ = try scanner.value()
        try scanner.finish()
    }

    private mutating func note(duplicate key: JSONText) {
        if duplicate == nil { duplicate = scanner.string(key)?.excerpt ?? "?" }
    }

    /// A key's text, however it was escaped; as bytes, since equal Strings may be of different scalars.
    private func spelling(of key: JSONText) -> [UInt8] {
        guard key.hasEscapes, let text = scanner.string(key) else { return Array(scanner.raw(key.range)) }
        return Array(text.utf8)
    }

    private func position(of key: JSONText) -> Int? {
        if key.hasEscapes {
            guard let text = scanner.string(key) else { return nil }
            return names.firstIndex { $0.description == text }
        }
        return names.firstIndex { scanner.matches(key, $0) }
    }

    /// The token of the name at this place of the list, or nil if the object has no such member.
    package subscript(index: Int) -> JSONValue? { values[index] }
}

extension String {
    /// The start of a text that a peer sent, short enough for an error message. Counts scalars: one Character can be
    /// as long as the whole text.
    var excerpt: String { String(String.UnicodeScalarView(unicodeScalars.prefix(64))) }
}
