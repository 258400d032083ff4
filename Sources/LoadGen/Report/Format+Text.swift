import Foundation

extension Format {
    /// RFC 3339 in UTC with microseconds: `2026-11-23T23:30:00.000000Z`.
    static func timestamp(_ date: Date) -> String {
        let (parts, microseconds) = utc(date)
        return String(
            format: "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0,
            parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0, microseconds)
    }

    /// The same to the second, without separators that a file name can't have everywhere: `20261123T233000Z`.
    static func compactTimestamp(_ date: Date) -> String {
        let (parts, _) = utc(date)
        return String(
            format: "%04d%02d%02dT%02d%02d%02dZ", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0, parts.hour ?? 0,
            parts.minute ?? 0, parts.second ?? 0)
    }

    private static func utc(_ date: Date) -> (DateComponents, Int) {
        // Rounded before it is split, so that 0.9999999 s carries into the seconds.
        let microseconds = (date.timeIntervalSince1970 * 1e6).rounded()
        let seconds = (microseconds / 1e6).rounded(.down)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: seconds))
        return (parts, Int(microseconds - seconds * 1e6))
    }

    /// Text from outside without control characters: a server's error code must not steer the terminal.
    static func printable(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
            out.append(isControl ? "?" : scalar)
        }
        return String(out)
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func rightAligned(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// `text` in at most `width` columns, with an ellipsis for what is cut.
    static func truncated(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        return width < 1 ? "" : text.prefix(width - 1) + "…"
    }

    /// Breaks prose at spaces. A word longer than the width keeps its line.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
