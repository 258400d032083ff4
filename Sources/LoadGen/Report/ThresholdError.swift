/// Why a rule is none. The description says what is wrong, and what would be right.
enum ThresholdError: Error, Sendable, Equatable, CustomStringConvertible {
    case empty
    case operatorMissing(String)
    case operatorUnknown(String)
    case metricMissing(String)
    case metricUnknown(String, nearest: [String])
    case valueMissing(String, ThresholdUnit)
    case notANumber(String, metric: String, ThresholdUnit)
    case unitMissing(String, metric: String, ThresholdUnit)
    case unitWrong(String, metric: String, ThresholdUnit)

    private static let example = "METRIC OP VALUE, as in \"deliver.p99 < 250ms\""

    /// What people write for an operator in other languages.
    private static let meant = [
        "=": "==", "===": "==", "=<": "<=", "=>": ">=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!=", "!": "!=",
        "<<": "<", ">>": ">",
    ]

    var description: String {
        switch self {
        case .empty:
            return "the threshold is empty; write \(Self.example)"
        case .operatorMissing(let rule):
            return "\"\(rule)\" compares nothing; write \(Self.example), with one of < <= > >= == !="
        case .operatorUnknown(let symbol):
            let hint = Self.meant[symbol].map { "write \($0)" } ?? "use one of < <= > >= == !="
            return "\"\(symbol)\" is no operator; \(hint)"
        case .metricMissing(let rule):
            return "\"\(rule)\" names no metric; write \(Self.example)"
        case .metricUnknown(let name, let nearest):
            return "there is no metric \"\(name)\"; \(Self.hint(nearest))"
        case .valueMissing(let rule, let unit):
            return "\"\(rule)\" has no value; write \(unit.expectation)"
        case .notANumber(let text, let metric, let unit):
            return "\"\(text)\" is no value for \(metric); write \(unit.expectation)"
        case .unitMissing(let text, let metric, let unit):
            return "\"\(text)\" needs a unit for \(metric); write \(unit.expectation)"
        case .unitWrong(let suffix, let metric, let unit):
            return "\"\(suffix)\" is no unit for \(metric); write \(unit.expectation)"
        }
    }

    private static func hint(_ nearest: [String]) -> String {
        guard let last = nearest.last else {
            return "metrics are a latency series and a statistic, as in deliver.p99, or a count, as in integrity.lost"
        }
        let others = nearest.dropLast().joined(separator: ", ")
        return "did you mean \(others.isEmpty ? last : "\(others) or \(last)")?"
    }
}
