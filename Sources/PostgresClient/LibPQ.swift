import CLibPQ
import Logging

/// Owns a `PGconn`: closes it at the end, and sends the server's notices to the log.
final class ConnectionHandle {
    let pointer: OpaquePointer
    private let notices: NoticeLog

    /// Begins to connect. Names are resolved here and in `PQconnectPoll`, which may take a while.
    /// - Throws: ``PostgresError/unavailable(_:)`` if memory is out or the parameters are unusable.
    init(parameters: [String: String], logger: Logger) throws(PostgresError) {
        notices = NoticeLog(logger: logger)
        let ordered = parameters.sorted { $0.key < $1.key }
        let started = withCStrings(ordered.map(\.key)) { keywords in
            withCStrings(ordered.map(\.value)) { values in PQconnectStartParams(keywords, values, 0) }
        }
        guard let started else { throw .unavailable("out of memory") }
        pointer = started
        PQsetNoticeProcessor(
            pointer,
            { argument, message in
                guard let argument, let message else { return }
                Unmanaged<NoticeLog>.fromOpaque(argument).takeUnretainedValue().log(String(cString: message))
            },
            Unmanaged.passUnretained(notices).toOpaque()
        )
    }

    /// Says goodbye to the server, as far as that does not block.
    deinit {
        PQfinish(pointer)
    }

    /// What went wrong last, on one line.
    var message: String {
        let lines = String(cString: PQerrorMessage(pointer)).split(whereSeparator: \.isNewline)
        return lines.isEmpty ? "the connection is broken" : lines.joined(separator: " ")
    }
}

private final class NoticeLog {
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func log(_ message: String) {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        logger.debug("notice of Postgres", metadata: ["notice": .string(line)])
    }
}

/// What the server or libpq says is wrong with a statement.
struct ResultError {
    var error: PostgresError
    /// The session is over, or of no use any more.
    var endsSession: Bool

    // Field codes of `postgres_ext.h`.
    private static let severity = Int32(UInt8(ascii: "V"))
    private static let sqlState = Int32(UInt8(ascii: "C"))
    private static let message = Int32(UInt8(ascii: "M"))
    private static let constraint = Int32(UInt8(ascii: "n"))

    /// - Parameter result: of status `PGRES_FATAL_ERROR` or `PGRES_BAD_RESPONSE`.
    init(_ result: OpaquePointer) {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        let message = field(Self.message)
        guard let sqlState = field(Self.sqlState) else {
            // libpq's own words: the connection is lost.
            let words = String(cString: PQresultErrorMessage(result)).split(whereSeparator: \.isNewline)
            error = .unavailable(message ?? words.joined(separator: " "))
            endsSession = true
            return
        }
        let severity = field(Self.severity)
        endsSession = severity == "FATAL" || severity == "PANIC" || sqlState == Self.readOnly
        if sqlState == Self.canceled {
            error = .timeout
        } else if endsSession || sqlState.hasPrefix("57P") || sqlState.hasPrefix("08") {
            error = .unavailable(message ?? sqlState)
        } else {
            error = .server(sqlState: sqlState, message: message ?? "", constraint: field(Self.constraint))
        }
    }

    /// `query_canceled`: the server's `statement_timeout`.
    private static let canceled = "57014"
    /// `read_only_sql_transaction`: after a failover this server is the primary no more; another connection finds it.
    private static let readOnly = "25006"
}

/// Calls `body` with an array of C strings that ends with nil.
func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(bytes.count)
        bytes.append(contentsOf: string.utf8CString)
    }
    return bytes.withUnsafeBufferPointer { buffer in
        let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
    }
}
