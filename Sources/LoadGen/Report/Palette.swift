import Foundation

/// Terminal colours, or none: the text is the same either way.
struct Palette: Sendable {
    enum Style: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "1;31"
        case green = "32"
        case yellow = "33"
        /// White on red, for what must not be missed.
        case alarm = "1;37;41"
    }

    /// What the environment asks for: `NO_COLOR` that is set and not empty (no-color.org), or a terminal without any.
    static var isWanted: Bool {
        let environment = ProcessInfo.processInfo.environment
        return (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    let color: Bool

    func paint(_ text: String, _ style: Style) -> String {
        color ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}
