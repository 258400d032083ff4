import Foundation

extension Threshold {
    private static let operatorCharacters: Set<Character> = ["<", ">", "=", "!", "~", "≤", "≥", "≠"]

    static func parse(_ rule: String) throws(ThresholdError) -> Threshold {
        let text = trimmed(rule[...])
        guard !text.isEmpty else { throw .empty }
        guard let start = text.firstIndex(where: operatorCharacters.contains) else { throw .operatorMissing(text) }
        let rest = text[start...]
        let symbol = String(rest.prefix(while: operatorCharacters.contains))
        guard let comparison = Comparison(rawValue: symbol) else { throw .operatorUnknown(symbol) }
        let name = trimmed(text[..<start])
        let value = trimmed(rest.dropFirst(symbol.count))
        guard !name.isEmpty else { throw .metricMissing(text) }
        guard let metric = ThresholdMetric.named(name) else {
            throw .metricUnknown(name, nearest: ThresholdMetric.nearest(to: name))
        }
        guard !value.isEmpty else { throw .valueMissing(text, metric.unit) }
        return Threshold(rule: text, metric: metric, comparison: comparison, limit: try limit(value, for: metric))
    }

    private static func limit(_ text: String, for metric: ThresholdMetric) throws(ThresholdError) -> Double {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), number.isFinite, digits.last != ".",
            !text.dropFirst(digits.count).starts(with: /[,_.0-9]/)
        else {
            throw .notANumber(text, metric: metric.name, metric.unit)
        }
        let suffix = trimmed(text.dropFirst(digits.count))
        let scale = metric.unit.scales[suffix]
        guard let scale else {
            throw suffix.isEmpty
                ? .unitMissing(text, metric: metric.name, metric.unit)
                : .unitWrong(suffix, metric: metric.name, metric.unit)
        }
        guard metric.unit != .count || number == number.rounded() else {
            throw .notANumber(text, metric: metric.name, metric.unit)
        }
        // Dividing by a whole number keeps 0.1% and 250 µs on the nearest double; multiplying by 0.01 would not.
        return scale < 1 ? number / (1 / scale).rounded() : number * scale
    }

    private static func trimmed(_ text: Substring) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
