import CLibPQ

extension PostgresConnection {
    private static let commit = PostgresStatement("COMMIT")
    private static let rollback = PostgresStatement("ROLLBACK")

    /// Runs `body` in a transaction: commits if it returns, rolls back if it throws.
    ///
    /// `BEGIN` goes out with the first statement, so a transaction of n statements takes n + 1 round trips, and one
    /// without any takes none.
    /// - Throws: what `body` throws; ``PostgresError/invalid(_:)`` inside another transaction, or if `body` hid the
    ///   failure of a statement: then everything was rolled back. If the connection breaks while it commits
    ///   (``PostgresError/unavailable(_:)``, ``PostgresError/timeout``), the transaction may have been committed.
    package func transaction<T>(_ body: (isolated PostgresConnection) throws -> T) throws -> T {
        guard phase == .none else { throw PostgresError.invalid("a transaction in a transaction") }
        phase = .announced
        let value: T
        do {
            value = try body(self)
        } catch {
            rollBack()
            throw error
        }
        guard isOpen else { throw PostgresError.unavailable("the connection was lost in the transaction") }
        try commit()
        return value
    }

    private func commit() throws(PostgresError) {
        defer { phase = .none }
        guard phase == .begun else { return }
        let result: PostgresResult
        do throws(PostgresError) {
            result = try exchange(Self.commit, [])
        } catch {
            // A deferred constraint, for one, fails here; the server has rolled back then.
            if let handle, PQtransactionStatus(handle.pointer) != PQTRANS_IDLE { close() }
            throw error
        }
        guard result.commandTag == "COMMIT" else {
            throw .invalid("a statement of the transaction had failed, and it was rolled back")
        }
    }

    /// Closes the connection if it cannot roll back: the server does then.
    private func rollBack() {
        defer { phase = .none }
        guard phase == .begun, isOpen else { return }
        do throws(PostgresError) {
            _ = try exchange(Self.rollback, [])
        } catch {
            logger.warning("cannot roll back; the connection is closed", metadata: ["error": "\(error)"])
            close()
        }
    }
}
