/// A place in one line of an exposition, and the tokens that can be read from there.
struct MetricsLineCursor {
    private var rest: Substring.UTF8View

    init(_ line: Substring.UTF8View) {
        self.rest = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }

    var atEnd: Bool { self.rest.isEmpty }

    func peek(_ character: Unicode.Scalar) -> Bool { self.rest.first == UInt8(ascii: character) }

    /// Steps over `character` if it is next.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard self.peek(character) else { return false }
        self.rest.removeFirst()
        return true
    }

    mutating func skipBlanks() {
        self.rest = self.rest.drop(while: Self.isBlank)
    }

    /// Up to the next blank; may be empty.
    mutating func word() -> String {
        self.take { !Self.isBlank($0) }
    }

    mutating func metricName() throws(MetricsLineError) -> String {
        let name = self.take { MetricText.isWord($0) || $0 == UInt8(ascii: ":") }
        guard MetricText.isMetricName(name) else { throw self.unexpected("a metric name", after: name) }
        return name
    }

    mutating func labelName() throws(MetricsLineError) -> String {
        let name = self.take(while: MetricText.isWord)
        guard let first = name.utf8.first, !MetricText.isDigit(first) else {
            throw self.unexpected("a label name", after: name)
        }
        return name
    }

    /// A number as Go reads and writes it; `what` names it in the error.
    mutating func number(_ what: String) throws(MetricsLineError) -> Double {
        let text = self.word()
        guard !text.isEmpty else { throw MetricsLineError("no \(what)") }
        guard let number = Double(text) else { throw MetricsLineError("the \(what) \"\(text)\" is no number") }
        return number
    }

    /// A string in quotation marks, unescaped.
    mutating func quoted() throws(MetricsLineError) -> String {
        guard self.skip("\"") else { throw self.unexpected("a quotation mark", after: "") }
        var bytes: [UInt8] = []
        while let byte = self.rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"): bytes.append(try self.escaped())
            default: bytes.append(byte)
            }
        }
        throw MetricsLineError("a string without its closing quotation mark")
    }

    /// The rest of the line, unescaped.
    mutating func helpText() throws(MetricsLineError) -> String {
        var bytes: [UInt8] = []
        while let byte = self.rest.popFirst() {
            bytes.append(byte == UInt8(ascii: "\\") ? try self.escaped() : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func escaped() throws(MetricsLineError) -> UInt8 {
        switch self.rest.popFirst() {
        case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
        case UInt8(ascii: "\""): return UInt8(ascii: "\"")
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case nil: throw MetricsLineError("a backslash at the end")
        case .some(let byte): throw MetricsLineError("unknown escape \\\(Unicode.Scalar(byte))")
        }
    }

    private mutating func take(while belongs: (UInt8) -> Bool) -> String {
        let taken = self.rest.prefix(while: belongs)
        self.rest = self.rest[taken.endIndex...]
        return String(decoding: taken, as: UTF8.self)
    }

    private func unexpected(_ wanted: String, after token: String) -> MetricsLineError {
        let found = token + String(decoding: self.rest.prefix(20), as: UTF8.self)
        return MetricsLineError(found.isEmpty ? "\(wanted) is missing" : "\(wanted) is missing at \"\(found)\"")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
