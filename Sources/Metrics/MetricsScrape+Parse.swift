extension MetricsScrape {
    /// Reads a scrape, in either format. Timestamps and exemplars are checked for shape only, UNIT lines and other
    /// comments are skipped.
    package static func parse(_ text: String) throws(MetricsParseError) -> MetricsScrape {
        var scrape = MetricsScrape()
        var ended = false
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            do throws(MetricsLineError) {
                var cursor = MetricsLineCursor(line)
                cursor.skipBlanks()
                guard !cursor.atEnd else { continue }
                guard !ended else { throw MetricsLineError("text after # EOF") }
                if cursor.skip("#") {
                    ended = try scrape.readComment(&cursor)
                } else {
                    scrape.samples.append(try cursor.sample())
                }
            } catch {
                throw MetricsParseError(line: number, reason: error.reason)
            }
        }
        return scrape
    }

    private static let knownTypes: Set<String> = [
        "counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram",
    ]

    /// True for OpenMetrics' last line.
    private mutating func readComment(_ cursor: inout MetricsLineCursor) throws(MetricsLineError) -> Bool {
        cursor.skipBlanks()
        let keyword = cursor.word()
        if keyword == "EOF", cursor.atEnd { return true }
        guard keyword == "HELP" || keyword == "TYPE" else { return false }
        cursor.skipBlanks()
        let name = try cursor.metricName()
        cursor.skipBlanks()
        if keyword == "HELP" {
            guard self.help[name] == nil else { throw MetricsLineError("a second HELP for \(name)") }
            self.help[name] = try cursor.helpText()
            return false
        }
        let type = cursor.word()
        cursor.skipBlanks()
        guard cursor.atEnd, Self.knownTypes.contains(type) else {
            throw MetricsLineError("unknown type \"\(type)\" for \(name)")
        }
        guard self.types.updateValue(type, forKey: name) == nil else {
            throw MetricsLineError("a second TYPE for \(name)")
        }
        return false
    }
}

/// What is wrong with the line at hand.
struct MetricsLineError: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension MetricsLineCursor {
    /// `name{labels} value [timestamp] [# exemplar]`
    fileprivate mutating func sample() throws(MetricsLineError) -> MetricSample {
        let name = try self.metricName()
        self.skipBlanks()
        let labels = self.skip("{") ? try self.labels() : [:]
        self.skipBlanks()
        let value = try self.number("value")
        self.skipBlanks()
        if !self.atEnd, !self.peek("#") {
            _ = try self.number("timestamp")
            self.skipBlanks()
        }
        if self.skip("#") {
            try self.exemplar()
            self.skipBlanks()
        }
        guard self.atEnd else { throw MetricsLineError("unexpected text after the sample of \(name)") }
        return MetricSample(name: name, labels: labels, value: value)
    }

    /// `{labels} value [timestamp]`, after the `#`.
    private mutating func exemplar() throws(MetricsLineError) {
        self.skipBlanks()
        guard self.skip("{") else { throw MetricsLineError("an exemplar without labels") }
        _ = try self.labels()
        self.skipBlanks()
        _ = try self.number("exemplar's value")
        self.skipBlanks()
        if !self.atEnd { _ = try self.number("exemplar's timestamp") }
    }

    /// The labels, after the `{`. A comma may stand after the last, as in the text format.
    private mutating func labels() throws(MetricsLineError) -> [String: String] {
        var labels: [String: String] = [:]
        while true {
            self.skipBlanks()
            if self.skip("}") { return labels }
            let name = try self.labelName()
            self.skipBlanks()
            guard self.skip("=") else { throw MetricsLineError("no = after the label \(name)") }
            self.skipBlanks()
            guard labels.updateValue(try self.quoted(), forKey: name) == nil else {
                throw MetricsLineError("the label \(name) is twice there")
            }
            self.skipBlanks()
            guard self.skip(",") || self.peek("}") else {
                throw MetricsLineError("no , or } after the label \(name)")
            }
        }
    }
}
