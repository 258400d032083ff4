import CLibPQ

/// The rows that a statement returned. It belongs to the connection's thread: map the rows to values there.
package final class PostgresResult: RandomAccessCollection {
    private let pointer: OpaquePointer
    package let count: Int
    fileprivate let columns: Int

    /// Takes over a `PGresult`, and frees it at the end.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        count = Int(PQntuples(pointer))
        columns = Int(PQnfields(pointer))
    }

    deinit {
        PQclear(pointer)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(row: Int) -> PostgresRow {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        return PostgresRow(result: self, row: row)
    }

    /// Rows that an INSERT, UPDATE or DELETE changed, or a SELECT returned; 0 for other commands.
    package var affectedRows: Int {
        Int(String(cString: PQcmdTuples(pointer))) ?? 0
    }

    /// `COMMIT`, `INSERT 0 1`, …
    var commandTag: String {
        String(cString: PQcmdStatus(pointer))
    }

    /// A value's bytes, nil for NULL; valid as long as the result is.
    fileprivate func value(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        guard PQgetisnull(pointer, Int32(row), Int32(column)) == 0 else { return nil }
        let length = Int(PQgetlength(pointer, Int32(row), Int32(column)))
        return UnsafeRawBufferPointer(start: PQgetvalue(pointer, Int32(row), Int32(column)), count: length)
    }

    fileprivate func type(_ column: Int) -> UInt32 {
        PQftype(pointer, Int32(column))
    }
}

/// One row of a ``PostgresResult``. Columns count from 0.
///
/// Each getter throws ``PostgresError/invalid(_:)`` if there is no such column, if it has another type, or, where the
/// type is not optional, if it is NULL.
package struct PostgresRow {
    fileprivate let result: PostgresResult
    fileprivate let row: Int

    /// `bigint`, `integer` or `smallint`.
    package func int64(_ column: Int) throws(PostgresError) -> Int64 {
        try present(optionalInt64(column), column)
    }

    package func optionalInt64(_ column: Int) throws(PostgresError) -> Int64? {
        let (bytes, type) = try value(column)
        switch type {
        case .int8: return bytes.map { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
        case .int4: return bytes.map { Int64(Int32(bigEndian: $0.loadUnaligned(as: Int32.self))) }
        case .int2: return bytes.map { Int64(Int16(bigEndian: $0.loadUnaligned(as: Int16.self))) }
        default: throw mismatch(column, "bigint")
        }
    }

    /// `text`, `varchar`, `char(n)` or `name`.
    package func text(_ column: Int) throws(PostgresError) -> String {
        try present(optionalText(column), column)
    }

    package func optionalText(_ column: Int) throws(PostgresError) -> String? {
        let (bytes, type) = try value(column)
        switch type {
        case .text, .varchar, .bpchar, .name: return bytes.map { String(decoding: $0, as: UTF8.self) }
        default: throw mismatch(column, "text")
        }
    }

    /// `bytea`.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        try present(optionalBytes(column), column)
    }

    package func optionalBytes(_ column: Int) throws(PostgresError) -> [UInt8]? {
        let (bytes, type) = try value(column)
        guard type == .bytea else { throw mismatch(column, "bytea") }
        return bytes.map { Array($0) }
    }

    /// `boolean`.
    package func bool(_ column: Int) throws(PostgresError) -> Bool {
        try present(optionalBool(column), column)
    }

    package func optionalBool(_ column: Int) throws(PostgresError) -> Bool? {
        let (bytes, type) = try value(column)
        guard type == .bool else { throw mismatch(column, "boolean") }
        return bytes.map { $0[0] != 0 }
    }

    /// `timestamptz`, in microseconds since the Unix epoch; `infinity` is `Int64.max`, `-infinity` `Int64.min`.
    package func timestamp(_ column: Int) throws(PostgresError) -> Int64 {
        try present(optionalTimestamp(column), column)
    }

    package func optionalTimestamp(_ column: Int) throws(PostgresError) -> Int64? {
        let (bytes, type) = try value(column)
        guard type == .timestamptz else { throw mismatch(column, "timestamptz") }
        return bytes.map { PostgresTime.decode(ticks: Int64(bigEndian: $0.loadUnaligned(as: Int64.self))) }
    }

    private func value(_ column: Int) throws(PostgresError) -> (UnsafeRawBufferPointer?, PostgresType?) {
        guard column >= 0 && column < result.columns else {
            throw .invalid("column \(column) of \(result.columns)")
        }
        return (result.value(row, column), PostgresType(rawValue: result.type(column)))
    }

    private func present<T>(_ value: T?, _ column: Int) throws(PostgresError) -> T {
        guard let value else { throw .invalid("column \(column) is NULL") }
        return value
    }

    private func mismatch(_ column: Int, _ wanted: String) -> PostgresError {
        .invalid("column \(column) is no \(wanted): its type is \(result.type(column))")
    }
}
