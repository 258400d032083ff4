import Foundation

extension [FigureResult] {
    /// Aligned columns for a reader: what was measured, its floor, and whether the target holds.
    var table: String {
        let header = ["", "figure", "measured", "floor", "ratio", "target", "unit"]
        let rows = map { figure in
            [
                figure.mark, figure.name, figure.failed == nil ? figure.median.map(\.compact) ?? "–" : "failed",
                figure.floor?.values.median.map(\.compact) ?? "–",
                figure.ratio.map { String(format: "%.2f", $0) } ?? "–", figure.target.text, figure.unit,
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.reduce(0, Swift.max) }
        let lines = ([header] + rows).map { row in
            row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return (2...4).contains(column) ? padding + row[column] : row[column] + padding
            }.joined(separator: "  ").trimmingSuffix(" ")
        }
        let failures = filter { $0.failed != nil }.map { "  \($0.name) could not be measured: \($0.failed ?? "")" }
        return (lines.map { "  " + $0 } + failures).joined(separator: "\n")
    }
}

extension FigureResult {
    var mark: String { failed != nil ? "!" : holds ? "✓" : "✗" }
}

extension Target {
    var text: String {
        switch self {
        case .atLeast(let bound): "≥ \(bound.compact)"
        case .atMost(let bound): "≤ \(bound.compact)"
        case .ratioAtLeast(let bound): "≥ \(bound.compact) x floor"
        case .ratioAtMost(let bound): "≤ \(bound.compact) x floor"
        }
    }
}

extension Double {
    /// Three digits that mean something; thousands with commas.
    var compact: String {
        guard abs(self) >= 100 else {
            let text = String(format: abs(self) >= 10 ? "%.1f" : "%.2f", self)
            return text.contains(".") ? text.trimmingSuffix("0").trimmingSuffix(".") : text
        }
        var digits = String(Int(abs(self).rounded()))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (self < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = self
        while text.last == character { text.removeLast() }
        return text
    }
}
