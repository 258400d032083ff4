/// A comma-separated file with a header (RFC 4180), read by the names of its columns: a column that is not known is
/// passed over and one that is missing has no values, so that old and new files both read.
struct CSVTable: Sendable {
    struct Malformed: Error, CustomStringConvertible {
        /// Counted from 1, the header included.
        let line: Int
        let fields: Int
        let columns: Int

        var description: String { "line \(line) has \(fields) fields where the header has \(columns)" }
    }

    let columns: [String: Int]
    let rows: [[Substring]]

    /// A last line without its line break is what a killed program leaves behind: when it is short, it is left out.
    init(_ text: String) throws(Malformed) {
        var records = Self.records(text)
        let isWhole = text.isEmpty || text.last?.isNewline == true
        let header = records.isEmpty ? [] : records.removeFirst()
        columns = Dictionary(header.enumerated().map { (String($1), $0) }, uniquingKeysWith: { first, _ in first })
        if !isWhole, let last = records.last, last.count != header.count { records.removeLast() }
        for (index, record) in records.enumerated() where record.count != header.count {
            throw Malformed(line: index + 2, fields: record.count, columns: header.count)
        }
        rows = records
    }

    func text(_ row: [Substring], _ column: String) -> String? {
        columns[column].map { String(row[$0]) }
    }

    /// Nil where the column is missing, or the field is empty or no finite number.
    func number(_ row: [Substring], _ column: String) -> Double? {
        guard let index = columns[column], let value = Double(row[index]), value.isFinite else { return nil }
        return value
    }

    private static func records(_ text: String) -> [[Substring]] {
        var records: [[Substring]] = []
        var record: [Substring] = []
        var field = Substring()
        var isQuoted = false
        var previous: Character?
        func isBlank() -> Bool { record.isEmpty && field.isEmpty && previous != "," }
        for character in text {
            switch character {
            case "\"":
                // A doubled quote inside a quoted field closes it and opens it again, and stands for one quote.
                if !isQuoted, previous == "\"" { field.append("\"") }
                isQuoted.toggle()
            case "," where !isQuoted:
                record.append(field)
                field = Substring()
            case _ where character.isNewline && !isQuoted:
                if !isBlank() { records.append(record + [field]) }
                record = []
                field = Substring()
            default:
                field.append(character)
            }
            previous = character
        }
        if !isBlank() { records.append(record + [field]) }
        return records
    }
}
