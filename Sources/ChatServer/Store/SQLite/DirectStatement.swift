import GRDB
import GRDBSQLite

/// A cached statement of GRDB's that is bound and stepped without its boxes: an array of existentials for each message
/// cost nearly as much as SQLite's own work on it. Only for statements that change neither the schema nor the
/// transaction, which GRDB keeps its own account of.
struct DirectStatement {
    /// GRDB's, which keeps SQLite's alive.
    private let owner: Statement
    private let statement: OpaquePointer
    private let connection: OpaquePointer?

    /// - Throws: `DatabaseError` if the SQL is wrong.
    init(_ db: Database, _ sql: String) throws {
        owner = try db.cachedStatement(sql: sql)
        statement = owner.sqliteStatement
        connection = db.sqliteConnection
    }

    /// Runs it to its end, whatever rows it has.
    /// - Throws: `DatabaseError`.
    func run(_ bind: (DirectStatement) -> Void) throws {
        defer { sqlite3_reset(statement) }
        bind(self)
        while try step() {}
    }

    /// - Returns: what `read` makes of the first row; nil if there is none.
    /// - Throws: `DatabaseError`.
    func row<T>(bind: (DirectStatement) -> Void, read: (DirectStatement) -> T) throws -> T? {
        defer { sqlite3_reset(statement) }
        bind(self)
        return try step() ? read(self) : nil
    }

    /// - Parameter place: counts from 1.
    func bind(_ place: Int32, _ value: Int64) {
        sqlite3_bind_int64(statement, place, value)
    }

    /// The text is copied.
    func bind(_ place: Int32, _ value: String) {
        // SQLITE_TRANSIENT, a cast that Swift does not import.
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        var value = value
        value.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { text in
                _ = sqlite3_bind_text(statement, place, text.baseAddress, Int32(text.count), copies)
            }
        }
    }

    /// - Parameter column: counts from 0.
    func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    /// Rows that the connection's last statement changed.
    var changes: Int32 { sqlite3_changes(connection) }

    /// The row that was inserted last over the connection.
    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(connection) }

    /// - Returns: whether there is a row.
    private func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)))
        }
    }
}
