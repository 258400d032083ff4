import CLibPQ
import Glibc

/// A command that was sent, whose results are still to come.
private enum SentCommand {
    case prepare(PostgresStatement, types: [UInt32], name: String)
    case run
}

extension PostgresConnection {
    /// Runs a statement and waits for its rows.
    ///
    /// The connection is always in libpq's pipeline mode: whatever has to precede a statement, its preparation or
    /// `BEGIN`, goes out together with it, in one round trip.
    /// - Parameter meanwhile: runs on this thread while the server works; must not use the connection.
    /// - Throws: ``PostgresError``. After ``PostgresError/server(sqlState:message:constraint:)`` and
    ///   ``PostgresError/invalid(_:)`` the connection can be used on; after ``PostgresError/timeout`` only if it was
    ///   the server that gave up (see ``isOpen``).
    @discardableResult
    package func query(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = [],
        meanwhile: () -> Void = {}
    ) throws(PostgresError) -> PostgresResult {
        do throws(PostgresError) {
            return try exchange(statement, values, meanwhile: meanwhile)
        } catch {
            // "Cached plan must not change result type" and "prepared statement does not exist": somebody migrated the
            // schema, or said DISCARD ALL. Nothing was carried out.
            guard case .server(let sqlState, _, _) = error, sqlState == "0A000" || sqlState == "26000",
                prepared.name(of: statement, types: encoder.types) != nil
            else { throw error }
            prepared.remove(statement)
            // A transaction is over; its next try finds the statement anew.
            guard phase == .none else { throw error }
            return try exchange(statement, values)
        }
    }

    /// Runs several statements, separated by semicolons, without parameters, in the simple protocol: for migrations.
    /// Outside of a `transaction` they are one of their own, unless they contain `BEGIN` or `COMMIT`.
    package func execute(script: String) throws(PostgresError) {
        guard !script.utf8.contains(0) else { throw .invalid("a script with U+0000") }
        if phase == .announced { _ = try exchange(Self.begin, []) }
        let deadline = Deadline(after: configuration.statementTimeout)
        let handle = try openHandle()
        // The simple protocol is not to be had in pipeline mode.
        guard PQexitPipelineMode(handle.pointer) == 1, PQsendQuery(handle.pointer, script) == 1 else {
            throw lost(handle)
        }
        try flush(handle, deadline)
        var failure: ResultError?
        while let result = try nextResult(handle, deadline) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: if failure == nil { failure = ResultError(result) }
            default:
                close()
                throw .invalid("COPY is not supported")
            }
        }
        try settle(handle, failure)
        guard PQenterPipelineMode(handle.pointer) == 1 else { throw lost(handle) }
        if let failure { throw failure.error }
    }

    static let begin = PostgresStatement("BEGIN")

    /// Sends a statement with what must precede it, and reads all that comes back.
    func exchange(
        _ statement: PostgresStatement,
        _ values: [PostgresValue],
        meanwhile: () -> Void = {}
    ) throws(PostgresError) -> PostgresResult {
        guard !statement.sql.utf8.contains(0) else { throw .invalid("a statement with U+0000") }
        let handle = try openHandle()
        let deadline = Deadline(after: configuration.statementTimeout)
        var sent: [SentCommand] = []
        try encoder.encode(values)
        if phase == .announced, statement.id != Self.begin.id {
            try send(Self.begin, noParameters, handle, &sent)
        }
        try send(statement, encoder, handle, &sent)
        return try finish(handle, sent, deadline, meanwhile: meanwhile)
    }

    private func send(
        _ statement: PostgresStatement,
        _ encoder: ParameterEncoder,
        _ handle: ConnectionHandle,
        _ sent: inout [SentCommand]
    ) throws(PostgresError) {
        let count = Int32(encoder.types.count)
        var name = prepared.name(of: statement, types: encoder.types)
        if name == nil {
            let new = prepared.newName()
            guard PQsendPrepare(handle.pointer, new, statement.sql, count, encoder.types) == 1 else {
                throw lost(handle)
            }
            sent.append(.prepare(statement, types: encoder.types, name: new))
            name = new
        }
        let accepted = encoder.withPointers { values in
            PQsendQueryPrepared(handle.pointer, name, count, values, encoder.lengths, encoder.formats, 1)
        }
        guard accepted == 1 else { throw lost(handle) }
        sent.append(.run)
    }

    /// - Returns: the result of the last command.
    private func finish(
        _ handle: ConnectionHandle,
        _ sent: [SentCommand],
        _ deadline: Deadline,
        meanwhile: () -> Void
    ) throws(PostgresError) -> PostgresResult {
        guard PQpipelineSync(handle.pointer) == 1 else { throw lost(handle) }
        // Whatever the socket takes at once; a server that reads no more does not hold the rest up.
        _ = PQflush(handle.pointer)
        meanwhile()
        try flush(handle, deadline)
        var failure: ResultError?
        var last: PostgresResult?
        var done = 0
        var isSynchronized = false
        while !isSynchronized {
            guard let result = try nextResult(handle, deadline) else {
                // Nil ends the results of one command. More of them than commands means that the two sides disagree.
                done += 1
                guard done <= sent.count, PQstatus(handle.pointer) == CONNECTION_OK else {
                    if let failure, failure.endsSession { break }
                    throw lost(handle)
                }
                continue
            }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                let result = PostgresResult(result)
                if done < sent.count, case .prepare(let statement, let types, let name) = sent[done] {
                    prepared.insert(statement, types: types, name: name)
                } else {
                    last = result
                }
            case PGRES_PIPELINE_SYNC:
                PQclear(result)
                isSynchronized = true
            case PGRES_PIPELINE_ABORTED:
                PQclear(result)
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                if failure == nil { failure = ResultError(result) }
                PQclear(result)
            default:
                PQclear(result)
                close()
                throw .invalid("COPY is not supported")
            }
        }
        try settle(handle, failure)
        // One nil more: it tells libpq that nothing is expected now.
        if try nextResult(handle, deadline) != nil { throw lost(handle) }
        if phase == .announced { phase = .begun }
        if let failure { throw failure.error }
        guard let last else { throw lost(handle) }
        return last
    }

    private func openHandle() throws(PostgresError) -> ConnectionHandle {
        guard let handle else { throw .unavailable("the connection is closed") }
        return handle
    }

    /// Closes the connection if it is of no use any more.
    private func settle(_ handle: ConnectionHandle, _ failure: ResultError?) throws(PostgresError) {
        let isBroken = PQstatus(handle.pointer) != CONNECTION_OK
        guard isBroken || failure?.endsSession == true else { return }
        let error = failure?.error ?? .unavailable(handle.message)
        close()
        throw error
    }

    /// Closes the connection.
    /// - Returns: why.
    private func lost(_ handle: ConnectionHandle) -> PostgresError {
        let message = handle.message
        close()
        return .unavailable(message)
    }

    /// Writes what libpq holds; reads meanwhile, or both sides might wait for each other.
    private func flush(_ handle: ConnectionHandle, _ deadline: Deadline) throws(PostgresError) {
        while true {
            switch PQflush(handle.pointer) {
            case 0: return
            case 1: try wait(handle, deadline, POLLIN | POLLOUT)
            default:
                // The server may have said why before it hung up; then that is the next result.
                if PQconsumeInput(handle.pointer) == 1 { return }
                throw lost(handle)
            }
        }
    }

    private func nextResult(_ handle: ConnectionHandle, _ deadline: Deadline) throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(handle.pointer) == 1 { try wait(handle, deadline, POLLIN) }
        return PQgetResult(handle.pointer)
    }

    private func wait(_ handle: ConnectionHandle, _ deadline: Deadline, _ events: Int32) throws(PostgresError) {
        guard PQsocket(handle.pointer) >= 0 else { throw lost(handle) }
        let ready = deadline.poll(socket: PQsocket(handle.pointer), for: events)
        guard ready != 0, !deadline.isOver else {
            close()
            throw .timeout
        }
        if ready & ~POLLOUT != 0, PQconsumeInput(handle.pointer) == 0 {
            // What was read before the end is still to be looked at.
            if PQisBusy(handle.pointer) == 0 { return }
            throw lost(handle)
        }
    }
}
