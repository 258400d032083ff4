import Foundation

/// The text of a quantity that could not be read.
struct QuantityError: Error, Sendable, Equatable {
    /// What is wrong, the text quoted.
    var message: String
    /// What would be right.
    var hint: String
}

/// Numbers with units, as they stand in files and on command lines.
enum Quantity {
    private static let nanosecondsPerUnit: [(unit: String, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1000), ("ns", 1),
    ]

    /// `20s`, `500ms`, `2m`, `1h`, `1m30s`, `1.5s`. A bare number is an error: nobody could tell its unit.
    static func duration(_ text: String) throws(QuantityError) -> Duration {
        let hint = "write a number with its unit, such as 20s, 500ms, 2m or 1h"
        var rest = text[...]
        var nanoseconds = 0.0
        repeat {
            guard let number = takeNumber(&rest) else {
                throw QuantityError(message: "'\(text)' is not a duration", hint: hint)
            }
            if rest.first == " ", rest.dropFirst().first?.isLetter == true {
                throw QuantityError(
                    message: "'\(text)' has a space before its unit", hint: "write \(text.replacing(" ", with: ""))")
            }
            let unit = rest.prefix { $0.isLetter }
            guard let scale = nanosecondsPerUnit.first(where: { $0.unit == unit }) else {
                let isBare = unit.isEmpty && rest.isEmpty
                let hint = isBare ? "write \(text)s for seconds or \(text)ms for milliseconds" : hint
                let problem = unit.isEmpty ? "has no unit" : "has the unknown unit '\(unit)'"
                throw QuantityError(message: "'\(text)' \(problem)", hint: hint)
            }
            rest = rest.dropFirst(unit.count)
            nanoseconds += number * Double(scale.nanoseconds)
        } while !rest.isEmpty
        guard nanoseconds < 9e18 else { throw QuantityError(message: "'\(text)' is too long", hint: hint) }
        return .nanoseconds(Int64(nanoseconds.rounded()))
    }

    /// `500/s`, `30/m`, `100/h`; a bare number counts a second. In events a second.
    static func rate(_ text: String) throws(QuantityError) -> Double {
        let hint = "write a rate such as 500/s or 30/m"
        var rest = text[...]
        guard let number = takeNumber(&rest) else {
            throw QuantityError(message: "'\(text)' is not a rate", hint: hint)
        }
        switch rest {
        case "", "/s": return number
        case "/m": return number / 60
        case "/h": return number / 3600
        default: throw QuantityError(message: "'\(text)' is not a rate", hint: hint)
        }
    }

    /// `1%` or `0.01`, as a number from 0 to 1.
    static func share(_ text: String) throws(QuantityError) -> Double {
        var rest = text[...]
        guard let number = takeNumber(&rest), rest.isEmpty || rest == "%" else {
            throw QuantityError(message: "'\(text)' is not a share", hint: "write a share such as 1% or 0.01")
        }
        guard number <= (rest.isEmpty ? 1 : 100) else {
            throw QuantityError(
                message: "'\(text)' is more than all",
                hint: rest.isEmpty ? "a bare number goes from 0 to 1; for percent write \(text)%" : "100% is the most"
            )
        }
        return rest.isEmpty ? number : number / 100
    }

    /// `120`, `120B`, `4KB` (1000), `4KiB` (1024).
    static func bytes(_ text: String) throws(QuantityError) -> Int {
        let scales = ["": 1.0, "B": 1, "KB": 1000, "MB": 1_000_000, "KiB": 1024, "MiB": 1_048_576]
        var rest = text[...]
        guard let number = takeNumber(&rest), let scale = scales[String(rest)] else {
            throw QuantityError(message: "'\(text)' is not a size", hint: "write a size such as 120, 4KB or 1KiB")
        }
        guard let size = Int(exactly: number * scale) else {
            let hint = "write a size such as 120 or 4KB"
            throw QuantityError(message: "'\(text)' is no whole number of bytes", hint: hint)
        }
        return size
    }

    /// The shortest text that `duration` reads back as the same value.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        let fit = nanosecondsPerUnit.first { nanoseconds != 0 && nanoseconds % $0.nanoseconds == 0 }
        guard let fit else { return "0s" }
        return "\(nanoseconds / fit.nanoseconds)\(fit.unit)"
    }

    /// Events a second, as `500/s`.
    static func text(rate: Double) -> String { text(number: rate) + "/s" }

    /// The shortest text that is read back as the same number; whole numbers without ".0".
    static func text(number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }

    /// Takes `12`, `1_000`, `0.5` or `1e-05` off the front. Signs are refused: nothing here can be negative.
    private static func takeNumber(_ text: inout Substring) -> Double? {
        let pattern = /[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]+)?/
        guard let match = text.prefixMatch(of: pattern) else { return nil }
        guard let number = Double(match.output.0.filter { $0 != "_" }), number.isFinite else { return nil }
        text = text[match.range.upperBound...]
        return number
    }
}
