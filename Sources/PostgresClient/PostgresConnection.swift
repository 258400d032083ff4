import CLibPQ
import Glibc
import Logging

/// One connection to Postgres, on a thread of its own: statements run there one after the other and block nobody else.
///
/// To run several in a row hop over once, with ``PostgresPool/run(_:)`` or a method of one's own that is isolated to
/// the connection. Each wait has a deadline (``PostgresConfiguration/statementTimeout``). A connection whose state is
/// not known any more closes itself; every later call throws ``PostgresError/unavailable(_:)``.
package actor PostgresConnection {
    /// What a `transaction` has sent so far.
    enum TransactionPhase {
        case none
        /// The body runs; `BEGIN` goes out with its first statement.
        case announced
        case begun
    }

    let configuration: PostgresConfiguration
    let logger: Logger
    let encoder = ParameterEncoder()
    let noParameters = ParameterEncoder(capacity: 1)
    var handle: ConnectionHandle?
    var prepared = PreparedStatements()
    var phase = TransactionPhase.none
    private nonisolated let thread: ConnectionThread

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    private init(
        _ configuration: PostgresConfiguration,
        _ logger: Logger,
        _ threads: ConnectionThread.Count
    ) throws(PostgresError) {
        thread = try ConnectionThread(threads)
        self.configuration = configuration
        self.logger = logger
    }

    deinit {
        thread.stop()
    }

    /// Connects and logs in.
    /// - Throws: ``PostgresError/unavailable(_:)`` with the reason of each host that was tried.
    package static func open(
        _ configuration: PostgresConfiguration,
        logger: Logger
    ) async throws(PostgresError) -> PostgresConnection {
        try await open(configuration, logger: logger, threads: ConnectionThread.Count())
    }

    /// As above, with the thread counted.
    static func open(
        _ configuration: PostgresConfiguration,
        logger: Logger,
        threads: ConnectionThread.Count
    ) async throws(PostgresError) -> PostgresConnection {
        let connection = try PostgresConnection(configuration, logger, threads)
        try await connection.connect()
        return connection
    }

    /// Ends the session. What is open is rolled back. A second call does nothing.
    package func close() {
        handle = nil
        prepared = PreparedStatements()
        phase = .none
    }

    package var isOpen: Bool { handle != nil }

    /// The server's version, as `15.18 (Debian 15.18-0+deb12u1)`; nil once closed.
    package var serverVersion: String? {
        guard let version = handle.flatMap({ PQparameterStatus($0.pointer, "server_version") }) else { return nil }
        return String(cString: version)
    }

    /// Whether TLS is in use.
    package var isEncrypted: Bool {
        handle.map { PQsslInUse($0.pointer) != 0 } ?? false
    }

    /// Runs a pool's body, unless the server hung up meanwhile.
    func lend<T: Sendable>(_ body: @Sendable (isolated PostgresConnection) throws -> T) -> Lending<T> {
        guard isAlive() else {
            close()
            return .stale
        }
        let result = Result { try body(self) }
        if let handle, PQtransactionStatus(handle.pointer) != PQTRANS_IDLE {
            logger.warning("a connection to Postgres came back in a transaction; it is closed")
            close()
        }
        return .done(result, isReusable: isOpen)
    }

    /// Reads what the server sent while nobody asked: a notice is none of our business, an end of file is.
    private func isAlive() -> Bool {
        guard let handle else { return false }
        var look = Deadline(after: .zero)
        // Farewell and end of file come as two reads.
        for _ in 0..<8 {
            if look.poll(socket: PQsocket(handle.pointer), for: POLLIN) == 0 { return true }
            guard PQconsumeInput(handle.pointer) == 1 else { return false }
            _ = PQisBusy(handle.pointer)
            guard PQstatus(handle.pointer) == CONNECTION_OK else { return false }
            // The end follows the farewell within a fraction of that.
            look = Deadline(after: .milliseconds(1))
        }
        return false
    }
}

/// What became of a body that a pool lent a connection to.
enum Lending<T: Sendable>: Sendable {
    /// The connection had died while idle, and the body did not run.
    case stale
    case done(Result<T, any Error>, isReusable: Bool)
}
