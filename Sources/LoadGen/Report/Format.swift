import Foundation

/// Numbers as people read them: three significant digits, a unit that fits, never more precision than there is.
enum Format {
    /// What stands in place of a number that there is not.
    static let none = "–"

    /// Nanoseconds as `850 ns`, `1.23 µs`, `45.6 ms`, `7.89 s`, `2m 05s`, `1h 02m`.
    static func duration(_ nanoseconds: Int64) -> String {
        let sign = nanoseconds < 0 ? "-" : ""
        let magnitude = nanoseconds.magnitude
        if magnitude < 1_000 { return "\(sign)\(magnitude) ns" }
        let seconds = Double(magnitude) / 1e9
        if seconds.rounded() >= 60 { return sign + minutes(UInt64(seconds.rounded())) }
        return sign + scaled(Double(magnitude), units: ["ns", "µs", "ms", "s"])
    }

    /// Seconds, for spans of a run rather than latencies.
    static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite else { return none }
        let nanoseconds = seconds * 1e9
        guard nanoseconds.magnitude < 9.2e18 else { return none }
        return duration(Int64(nanoseconds.rounded()))
    }

    /// An integer with thousands separated: `12,345`.
    static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var out = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { out.append(",") }
            out.append(digit)
        }
        return out
    }

    /// Bytes in powers of 1,000: `512 B`, `5.30 KB`, `45.2 MB`.
    static func bytes(_ value: Int) -> String {
        let sign = value < 0 ? "-" : ""
        let magnitude = value.magnitude
        if magnitude < 1_000 { return "\(sign)\(magnitude) B" }
        return sign + scaled(Double(magnitude), units: ["B", "KB", "MB", "GB", "TB", "PB", "EB"])
    }

    /// Events a second: `12,345/s`, `12.5/s`.
    static func rate(_ perSecond: Double) -> String {
        number(perSecond) + (perSecond.isFinite ? "/s" : "")
    }

    /// A share of 1 as `12.3%`. What is not quite nothing or not quite everything never reads as 0% or 100%.
    static func percent(_ share: Double) -> String {
        guard share.isFinite else { return none }
        let percent = share * 100
        if percent > 0, percent < 0.05 { return "<0.1%" }
        if percent < 100, percent >= 99.95 { return ">99.9%" }
        let rounded = (percent * 10).rounded() / 10
        if rounded == rounded.rounded() { return "\(number(rounded))%" }
        return String(format: "%.1f%%", rounded)
    }

    /// A plain number: whole from 100 up, else with as many decimals as it has, two at most.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 9e18 else { return none }
        if value.magnitude >= 99.95 || value == value.rounded() { return count(Int(value.rounded())) }
        return String(format: value.magnitude < 10 ? "%.2f" : "%.1f", value)
    }

    /// Three significant digits in the largest unit that keeps the number at 1 or above, after rounding: 999.6 µs is
    /// `1.00 ms`, not `1000 µs`.
    private static func scaled(_ magnitude: Double, units: [String]) -> String {
        var value = magnitude
        var unit = 0
        while value >= 999.5, unit + 1 < units.count {
            value /= 1_000
            unit += 1
        }
        let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        return String(format: "%.\(decimals)f ", value) + units[unit]
    }

    private static func minutes(_ seconds: UInt64) -> String {
        if seconds < 3_600 { return String(format: "%dm %02ds", Int(seconds / 60), Int(seconds % 60)) }
        let minutes = (seconds + 30) / 60
        return String(format: "%dh %02dm", Int(minutes / 60), Int(minutes % 60))
    }
}
