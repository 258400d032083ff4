/// Why a call to Postgres failed.
///
/// After ``unavailable(_:)`` or ``timeout`` in the middle of a statement nobody knows whether the server still carried
/// it out: only what can be repeated without harm should be.
package enum PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No connection could be made, or the connection broke.
    case unavailable(String)
    /// The statement's time was over.
    case timeout
    /// All connections are busy: the pool's queue is full, or its wait took too long. Nothing was sent.
    case overloaded
    /// The server refused the statement; the connection lives on.
    /// - Parameter sqlState: five characters, see the appendix "PostgreSQL Error Codes" of its manual.
    case server(sqlState: String, message: String, constraint: String?)
    /// The call itself is wrong: a bad URL, a NUL in a text, a column of another type. Nothing is wrong with the
    /// connection.
    case invalid(String)

    package var description: String {
        switch self {
        case .unavailable(let reason): "Postgres is unavailable: \(reason)"
        case .timeout: "Postgres took too long"
        case .overloaded: "all connections to Postgres are busy"
        case .server(let sqlState, let message, _): "Postgres answered \(sqlState): \(message)"
        case .invalid(let reason): "not valid for Postgres: \(reason)"
        }
    }

    /// Whether the same call may work a moment later.
    package var isTransient: Bool {
        switch self {
        case .unavailable, .timeout, .overloaded: true
        case .server(let sqlState, _, _):
            // Serialization failure, deadlock, lock not available, and class 53, insufficient resources.
            ["40001", "40P01", "55P03"].contains(sqlState) || sqlState.hasPrefix("53")
        case .invalid: false
        }
    }
}
