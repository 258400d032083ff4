/// The spelling of names, labels and numbers in an exposition.
enum MetricText {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    static func isMetricName(_ name: String) -> Bool {
        guard let first = name.utf8.first else { return false }
        return !isDigit(first) && name.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ":") }
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, and not one of the names that Prometheus keeps for itself.
    static func isLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first else { return false }
        return !isDigit(first) && name.utf8.allSatisfy(isWord) && !name.hasPrefix("__")
    }

    /// The nearest legal metric name: every byte outside the charset becomes `_`.
    static func sanitizedMetricName(_ name: String) -> String {
        sanitized(name) { isWord($0) || $0 == UInt8(ascii: ":") }
    }

    /// The nearest legal label name.
    static func sanitizedLabelName(_ name: String) -> String {
        var result = sanitized(name, keeping: isWord)
        while result.hasPrefix("__") { result.removeFirst() }
        return result
    }

    /// `name="value",…`, sorted by name, so that the order of a caller's array makes no second series.
    static func labels(_ labels: [(String, String)]) -> String {
        labels.sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\(escapedLabelValue($0.1))\"" }
            .joined(separator: ",")
    }

    static func escapedLabelValue(_ value: String) -> String {
        escaped(value, quotes: true)
    }

    /// OpenMetrics escapes the quotation mark in a HELP line too; in the text format that would be an error.
    static func escapedHelp(_ help: String, format: ExpositionFormat) -> String {
        escaped(help, quotes: format == .openMetrics)
    }

    /// A sample's value: whole numbers without a fraction, else the shortest text that reads back as the same double.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value.magnitude < 9_007_199_254_740_992, let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }

    /// The value of `le`. OpenMetrics wants floats ("1.0") there, which the text format's own libraries write as "1".
    static func bound(_ bound: Double, format: ExpositionFormat) -> String {
        format == .openMetrics && bound.isFinite ? bound.description : number(bound)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func sanitized(_ name: String, keeping isLegal: (UInt8) -> Bool) -> String {
        var bytes = name.utf8.map { isLegal($0) ? $0 : UInt8(ascii: "_") }
        if bytes.first.map(isDigit) ?? true { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: isDigit(byte)
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
