extension [Measurement] {
    /// An aligned table for a reader.
    var table: String {
        let header = ["benchmark", "best ns/op", "median ns/op", "iterations", "what"]
        let rows = map { row in
            [
                row.benchmark.name, row.best.oneDecimal, row.median.oneDecimal, "\(row.rounds) x \(row.iterations)",
                row.benchmark.summary,
            ]
        }
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.reduce(0, Swift.max)
        }
        return ([header] + rows).map { row in line(row, widths) }.joined(separator: "\n")
    }

    /// One JSON object for a script.
    var json: String {
        let rows = map { row in
            """
            {"name": "\(row.benchmark.name)", "best_ns": \(row.best.oneDecimal), \
            "median_ns": \(row.median.oneDecimal), "rounds": \(row.rounds), "iterations": \(row.iterations)}
            """
        }
        return "{\"schema\": 1, \"benchmarks\": [\n  \(rows.joined(separator: ",\n  "))\n]}"
    }

    /// Words to the left, figures to the right.
    private func line(_ row: [String], _ widths: [Int]) -> String {
        zip(row, widths).enumerated().map { column, cell in
            let (text, width) = cell
            let space = String(repeating: " ", count: width - text.count)
            return column == 0 ? text + space : column == row.count - 1 ? text : space + text
        }
        .joined(separator: "  ")
    }
}

extension Double {
    fileprivate var oneDecimal: String {
        let tenths = Int((self * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
