/// A comma-separated file with a header (RFC 4180), read by the names of its columns: a column that is not known is
/// passed over and one that is missing has no values, so that old and new files both read.
struct CSVTable: Sendable {
    enum Malformed: Error, CustomStringConvertible {
        /// Lines are counted from 1, the header included.
        case fields(Int, line: Int, columns: Int)
        case columnMissing(String)

        var description: String {
            switch self {
            case .fields(let fields, let line, let columns):
                "line \(line) has \(fields) fields where the header has \(columns)"
            case .columnMissing(let name): "its header has no column '\(name)'"
            }
        }
    }

    let columns: [String: Int]
    let rows: [[Substring]]

    /// A last line without its line break is what a killed program leaves behind: when it is short, it is left out.
    ///
    /// - Parameter key: the column without which a row says nothing.
    init(_ text: String, key: String) throws(Malformed) {
        var records = Self.records(text)
        let isWhole = text.isEmpty || text.last?.isNewline == true
        let header = records.isEmpty ? [] : records.removeFirst()
        columns = Dictionary(header.enumerated().map { (String($1), $0) }, uniquingKeysWith: { first, _ in first })
        guard columns[key] != nil || header.isEmpty else { throw .columnMissing(key) }
        if !isWhole, let last = records.last, last.count != header.count { records.removeLast() }
        for (index, record) in records.enumerated() where record.count != header.count {
            throw .fields(record.count, line: index + 2, columns: header.count)
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
