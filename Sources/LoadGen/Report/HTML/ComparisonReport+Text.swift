extension ComparisonReport {
    /// For a terminal, in the manner of benchstat.
    var text: String {
        var lines = ["", Format.printable(answer), lede, ""]
        for pair in document.pairs {
            let head = ["metric", pair.a, pair.b, "difference", "p", "n", "verdict"]
            let rows = document.comparisons(of: pair).map { comparison in
                [
                    comparison.metric, comparison.figureUnit.text(comparison.medianA),
                    comparison.figureUnit.text(comparison.medianB), comparison.interval,
                    ComparisonDocument.Comparison.probability(comparison.adjustedP ?? comparison.p),
                    "\(comparison.countA)+\(comparison.countB)",
                    comparison.finding == .none ? "~ " + comparison.outcome : comparison.outcome,
                ]
            }
            lines += TextTable.lines([head] + rows) + [""]
        }
        lines += document.notes.map(Format.printable)
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Columns of text; all but the first and the last aligned to the right.
enum TextTable {
    static func lines(_ rows: [[String]]) -> [String] {
        let cells = rows.map { $0.map(Format.printable) }
        let count = cells.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return cells.map { row in
            row.enumerated().map { column, cell in
                column == 0
                    ? Format.padded(cell, to: widths[column])
                    : column == count - 1 ? cell : Format.rightAligned(cell, to: widths[column])
            }.joined(separator: "  ")
        }
    }
}
