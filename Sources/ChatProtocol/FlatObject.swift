/// The members of one flat object that somebody asked for by name: each at most once, everything else tolerated.
///
/// Reads the text once and keeps tokens, not copies; the bytes must outlive it.
package struct FlatObject {
    /// The names that are kept, as a list of at most 32.
    package typealias Names = [StaticString]

    package private(set) var scanner: JSONScanner
    private let names: Names
    private var values: [JSONValue?]
    /// The first key that came twice.
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
        var others: [Range<Int>] = []
        var manyOthers: Set<String> = []
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            let index = position(of: key)
            let value = try scanner.value()
            if let index {
                if values[index] != nil { note(duplicate: key) } else { values[index] = value }
            } else if others.count < 32 {
                // A duplicate that nobody reads is refused as well: two readers could disagree on which one counts.
                let bytes = scanner.raw(key.range)
                if others.contains(where: { scanner.raw($0).elementsEqual(bytes) }) { note(duplicate: key) }
                others.append(key.range)
            } else {
                if manyOthers.isEmpty {
                    manyOthers = Set(others.map { String(decoding: scanner.raw($0), as: UTF8.self) })
                }
                let text = String(decoding: scanner.raw(key.range), as: UTF8.self)
                if !manyOthers.insert(text).inserted { note(duplicate: key) }
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
        if duplicate == nil { duplicate = scanner.string(key) ?? "?" }
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
