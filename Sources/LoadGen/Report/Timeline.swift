import Foundation

/// What happened in one second of a run: a row of `timeline.csv`.
struct TimelineRow: Sendable, Equatable {
    var second = 0
    var phase = ""
    /// Messages in this second.
    var offered = 0
    var sent = 0
    var acked = 0
    var delivered = 0
    /// Delivery latency of this second.
    var p50Ns: Int64 = 0
    var p99Ns: Int64 = 0
    /// Open at the end of this second.
    var connections = 0
    /// The largest lag of this second.
    var generatorLagNs: Int64 = 0

    static let header = "second,phase,offered,sent,acked,delivered,p50_ns,p99_ns,connections,generator_lag_ns"

    var csv: String {
        let columns: [any CustomStringConvertible] = [
            second, Self.quoted(phase), offered, sent, acked, delivered, p50Ns, p99Ns, connections, generatorLagNs,
        ]
        return columns.map(\.description).joined(separator: ",")
    }

    /// RFC 4180: a field with a comma, a quote or a line break goes into quotes.
    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}

/// Writes `timeline.csv` row by row, while the run goes on.
///
/// Each row is one write to the file, with no buffer in between: a crash of the program keeps every row so far.
struct TimelineWriter: Sendable {
    private let file: FileHandle
    private let path: String

    init(creating url: URL) throws(ReportError) {
        path = url.path
        do {
            try Data((TimelineRow.header + "\n").utf8).write(to: url)
            file = try FileHandle(forWritingTo: url)
            try file.seekToEnd()
        } catch {
            throw ReportError(.unwritable, "cannot write \(url.path)", cause: error)
        }
    }

    func append(_ row: TimelineRow) throws(ReportError) {
        do {
            try file.write(contentsOf: Data((row.csv + "\n").utf8))
        } catch {
            throw ReportError(.unwritable, "cannot write \(path)", cause: error)
        }
    }

    func close() throws(ReportError) {
        do {
            try file.close()
        } catch {
            throw ReportError(.unwritable, "cannot finish \(path)", cause: error)
        }
    }
}
