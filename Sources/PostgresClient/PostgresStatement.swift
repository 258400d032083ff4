import Synchronization

/// One SQL statement with parameters `$1`, `$2` …, prepared by each connection when it first uses it.
///
/// Keep it in a `static let`: every value made here is a statement of its own, and a connection keeps at most
/// ``PreparedStatements/limit`` of them prepared.
package struct PostgresStatement: Sendable {
    package let sql: String
    let id: Int

    private static let count = Atomic(0)

    package init(_ sql: String) {
        self.sql = sql
        id = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    }
}

/// What one connection has prepared: a statement may be there several times, for different types of its parameters.
struct PreparedStatements {
    /// Of one connection; a statement beyond it is parsed anew at each use.
    static let limit = 256

    private struct Variant {
        var types: [UInt32]
        var name: String
    }

    private var variants: [Int: [Variant]] = [:]
    private var count = 0
    /// Names are never used twice: one that the server may still know would be an error.
    private var lastNumber = 0

    func name(of statement: PostgresStatement, types: [UInt32]) -> String? {
        variants[statement.id]?.first { $0.types == types }?.name
    }

    /// A name for a statement about to be prepared; empty, which is Postgres's unnamed statement, at the limit.
    mutating func newName() -> String {
        guard count < Self.limit else { return "" }
        lastNumber += 1
        return "s\(lastNumber)"
    }

    /// The server has prepared it.
    mutating func insert(_ statement: PostgresStatement, types: [UInt32], name: String) {
        guard !name.isEmpty else { return }
        variants[statement.id, default: []].append(Variant(types: types, name: name))
        count += 1
    }

    /// The server cannot use it any more. It still counts, as the server may still hold it.
    mutating func remove(_ statement: PostgresStatement) {
        variants[statement.id] = nil
    }
}
