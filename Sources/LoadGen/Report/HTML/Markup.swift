/// HTML or SVG text that is safe to put into a document.
///
/// Text gets in through interpolation, which escapes it: `"<p>\(name)</p>"` is right whatever `name` holds, inside an
/// attribute's double quotes too. Only another `Markup` goes in as it is. So what a file or a server said cannot become
/// markup by somebody's forgetting. Never interpolate into a script or a style.
struct Markup: Sendable, Equatable {
    private(set) var text: String

    /// `text` is markup already. For literals of this program's own.
    init(trusted text: String) { self.text = text }

    static func text(_ text: String) -> Markup { Markup(trusted: escaped(text)) }

    static func + (left: Markup, right: Markup) -> Markup { Markup(trusted: left.text + right.text) }

    static func += (left: inout Markup, right: Markup) { left.text += right.text }

    /// Escaped for content and for quoted attributes. Control characters, which XML forbids, and those that turn the
    /// direction of text, with which a name could disguise itself, become the replacement character.
    static func escaped(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out.append(contentsOf: "&amp;".unicodeScalars)
            case "<": out.append(contentsOf: "&lt;".unicodeScalars)
            case ">": out.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": out.append(contentsOf: "&quot;".unicodeScalars)
            case "'": out.append(contentsOf: "&#39;".unicodeScalars)
            case "\n", "\t": out.append(scalar)
            case _ where isForbidden(scalar): out.append("\u{FFFD}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
            || scalar.properties.isNoncharacterCodePoint
    }
}

extension Markup: ExpressibleByStringInterpolation {
    init(stringLiteral value: String) { text = value }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 8)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ value: String) { text += Markup.escaped(value) }
        mutating func appendInterpolation(_ value: Markup) { text += value.text }
        mutating func appendInterpolation(_ value: Int) { text += String(value) }

        /// A coordinate: one decimal is a tenth of a pixel.
        mutating func appendInterpolation(_ value: Double) { text += Markup.coordinate(value) }
    }
}

extension Markup {
    static func coordinate(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e7 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let whole = tenths.magnitude / 10
        let sign = tenths < 0 ? "-" : ""
        return tenths % 10 == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(tenths.magnitude % 10)"
    }
}

extension Sequence<Markup> {
    func joined(separator: Markup = "") -> Markup {
        Markup(trusted: map(\.text).joined(separator: separator.text))
    }
}
