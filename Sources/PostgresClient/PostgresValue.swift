/// A parameter of a statement, sent in Postgres's binary format under an explicit type.
///
/// A nil is a NULL of that type. ``null`` leaves the type to the server, which must be able to tell it from the SQL.
/// Arrays have one dimension and no NULL in them.
package enum PostgresValue: Sendable {
    case null
    case bool(Bool?)
    case int64(Int64?)
    /// Without U+0000, which Postgres cannot store.
    case text(String?)
    case bytes([UInt8]?)
    /// `timestamptz`, in microseconds since the Unix epoch. `Int64.max` is `infinity`, `Int64.min` `-infinity`.
    case timestamp(Int64?)
    case boolArray([Bool]?)
    case int64Array([Int64]?)
    case textArray([String]?)
    case bytesArray([[UInt8]]?)
    case timestampArray([Int64]?)

    /// The type's object id, 0 for an untyped NULL.
    var type: PostgresType {
        switch self {
        case .null: .unspecified
        case .bool: .bool
        case .int64: .int8
        case .text: .text
        case .bytes: .bytea
        case .timestamp: .timestamptz
        case .boolArray: .boolArray
        case .int64Array: .int8Array
        case .textArray: .textArray
        case .bytesArray: .byteaArray
        case .timestampArray: .timestamptzArray
        }
    }
}

/// Object ids of the types that the client speaks; they are fixed, see `pg_type.dat` in Postgres's source.
enum PostgresType: UInt32 {
    case unspecified = 0
    case bool = 16
    case bytea = 17
    case name = 19
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case text = 25
    case boolArray = 1_000
    case byteaArray = 1_001
    case textArray = 1_009
    case int8Array = 1_016
    case bpchar = 1_042
    case varchar = 1_043
    case timestamptz = 1_184
    case timestamptzArray = 1_185
}

/// The binary `timestamptz`: microseconds since 2000-01-01 00:00 UTC.
enum PostgresTime {
    /// 2000-01-01 in microseconds since the Unix epoch.
    private static let epoch: Int64 = 946_684_800_000_000

    /// - Parameter unix: microseconds since the Unix epoch.
    /// - Returns: nil if it is out of range.
    static func encode(unix: Int64) -> Int64? {
        if unix == .max || unix == .min { return unix }
        let (ticks, overflow) = unix.subtractingReportingOverflow(epoch)
        return overflow || ticks == .min ? nil : ticks
    }

    /// - Returns: microseconds since the Unix epoch; what is beyond the range of `Int64` is infinite.
    static func decode(ticks: Int64) -> Int64 {
        if ticks == .max || ticks == .min { return ticks }
        let (unix, overflow) = ticks.addingReportingOverflow(epoch)
        return overflow ? .max : unix
    }
}
