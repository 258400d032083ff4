import Foundation

/// What a figure in a report counts, and how it reads there: never a number without its unit.
enum FigureUnit: Sendable, Equatable {
    case nanoseconds, seconds, bytes
    /// Things; the noun stands behind the number where there is room.
    case count(String)
    case perSecond(String)
    /// Seconds of processor time in a second.
    case cores
    /// 0 to 1.
    case share

    /// For tables and hover: three digits and the unit.
    func text(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 9e18 else { return Format.none }
        return switch self {
        case .nanoseconds: Format.seconds(value / 1e9)
        case .seconds: Format.seconds(value)
        case .bytes: Format.bytes(Int(value))
        case .count(let noun): noun.isEmpty ? Format.number(value) : "\(Format.number(value)) \(noun)"
        case .perSecond(let noun): noun.isEmpty ? Format.rate(value) : "\(Format.number(value)) \(noun)/s"
        case .cores: String(format: value < 0.1 ? "%.3f cores" : "%.2f cores", value)
        case .share: Format.percent(value)
        }
    }

    /// A number without its unit, for the first of two that share one.
    static func bare(_ value: Double) -> String { Format.number(value) }

    func text(_ value: Double?) -> String { value.map { text($0) } ?? Format.none }

    /// For an axis: a round value in as few characters as it takes.
    func tick(_ value: Double) -> String {
        switch self {
        case .nanoseconds: Self.scaled(value, 1_000, ["ns", "µs", "ms", "s"])
        case .seconds: Self.clock(value)
        case .bytes: Self.scaled(value, 1_000, ["B", "KB", "MB", "GB", "TB"])
        case .count: Self.short(value)
        case .perSecond: Self.short(value) + "/s"
        case .cores: Self.plain(value)
        case .share: Self.plain(value * 100) + "%"
        }
    }

    /// A signed relative difference: `+4.2%`, `−0.8%`.
    static func difference(_ share: Double) -> String {
        guard share.isFinite else { return Format.none }
        let percent = (share * 1_000).rounded() / 10
        let sign = percent > 0 ? "+" : percent < 0 ? "\u{2212}" : "±"
        let digits = percent.magnitude >= 100 ? "%.0f%%" : "%.1f%%"
        return sign + String(format: digits, percent.magnitude)
    }

    /// The same for an axis: `+5%`, `0`.
    static func differenceTick(_ share: Double) -> String {
        let percent = (share * 1e4).rounded() / 100
        if percent == 0 { return "0" }
        return (percent > 0 ? "+" : "\u{2212}") + plain(percent.magnitude) + "%"
    }

    /// `12 s`, `1:30`, `1:00:00`.
    private static func clock(_ value: Double) -> String {
        let seconds = Int(value.rounded())
        if seconds < 120 { return value == value.rounded() ? "\(seconds) s" : plain(value) + " s" }
        let (hours, rest) = (seconds / 3_600, seconds % 3_600)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, rest / 60, rest % 60)
            : String(format: "%d:%02d", rest / 60, rest % 60)
    }

    private static func short(_ value: Double) -> String {
        if value.magnitude >= 1e6 { return plain(value / 1e6) + "M" }
        if value.magnitude >= 1e4 { return plain(value / 1e3) + "k" }
        return value == value.rounded() ? Format.count(Int(value)) : plain(value)
    }

    private static func scaled(_ value: Double, _ base: Double, _ units: [String]) -> String {
        if value == 0 { return "0" }
        var (value, unit) = (value, 0)
        while value.magnitude >= base * (1 - 1e-9), unit + 1 < units.count {
            value /= base
            unit += 1
        }
        return plain(value) + " " + units[unit]
    }

    /// Without zeros at the end, and without the noise of binary fractions.
    static func plain(_ value: Double) -> String {
        var text = String(format: "%.4f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }
}
