/// The two text formats of a scrape.
package enum ExpositionFormat: Sendable, Equatable, CaseIterable {
    /// Prometheus text exposition 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The value of the answer's `Content-Type`.
    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that a request's `Accept` asks for (RFC 9110, section 12.5.1).
    ///
    /// OpenMetrics only if it is named, in version 1.0.0 or none, with a weight above 0 and no lower than the one that
    /// `text/plain` has (by name, else by `text/*`, else by `*/*`). Anything else, nothing included, gets the text
    /// format: a person with curl, or a scraper of old, must never be refused. Items that can't be read are skipped.
    package static func negotiate(accept: String?) -> ExpositionFormat {
        guard let accept else { return .prometheus }
        var openMetrics: Double?
        var plain: Double?
        var anyText: Double?
        var anything: Double?
        for item in splitOutsideQuotes(accept, at: ",") {
            guard let range = MediaRange(item) else { continue }
            switch range.type {
            case "application/openmetrics-text" where range.version == nil || range.version == "1.0.0":
                openMetrics = max(openMetrics ?? 0, range.weight)
            case "text/plain": plain = max(plain ?? 0, range.weight)
            case "text/*": anyText = max(anyText ?? 0, range.weight)
            case "*/*": anything = max(anything ?? 0, range.weight)
            default: break
            }
        }
        guard let openMetrics, openMetrics > 0 else { return .prometheus }
        return openMetrics >= plain ?? anyText ?? anything ?? 0 ? .openMetrics : .prometheus
    }
}

/// One item of an `Accept` field.
private struct MediaRange {
    let type: String
    var version: String?
    var weight = 1.0

    init?(_ text: Substring) {
        let parts = splitOutsideQuotes(text, at: ";").map(trimmed)
        guard let type = parts.first, type.contains("/") else { return nil }
        self.type = type.lowercased()
        for parameter in parts.dropFirst() {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            let name = trimmed(parameter[..<equals]).lowercased()
            var value = trimmed(parameter[parameter.index(after: equals)...])
            if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            switch name {
            case "version": self.version = String(value)
            case "q":
                guard let weight = Double(value), (0...1).contains(weight) else { return nil }
                self.weight = weight
            default: break
            }
        }
    }
}

private func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
}

private func splitOutsideQuotes(_ text: some StringProtocol, at separator: Character) -> [Substring] {
    let text = Substring(text)
    var parts: [Substring] = []
    var start = text.startIndex
    var quoted = false
    for index in text.indices {
        if text[index] == "\"" { quoted.toggle() }
        if text[index] == separator, !quoted {
            parts.append(text[start..<index])
            start = text.index(after: index)
        }
    }
    parts.append(text[start...])
    return parts
}
