import Foundation
import Logging
import TestSupport
import Testing

@testable import PostgresClient

/// All tests with a real server: one after the other, as they count threads and watch the clock.
@Suite(.serialized)
enum ServerTests {}

/// The servers that tests share.
enum TestServers {
    private static let plainServer = Result { try ThrowawayPostgres() }
    private static let tlsServer = Result { try ThrowawayPostgres(hasTLS: true) }
    private static let fragileServer = Result { try ThrowawayPostgres() }

    static var plain: ThrowawayPostgres { get throws { try plainServer.get() } }
    static var tls: ThrowawayPostgres { get throws { try tlsServer.get() } }
    /// For tests that stop it; each leaves it running.
    static var fragile: ThrowawayPostgres {
        get throws {
            let server = try fragileServer.get()
            server.thaw()
            try server.start()
            return server
        }
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func configuration(_ url: String, statement: Duration = .seconds(10), connect: Duration = .seconds(5)) throws
    -> PostgresConfiguration
{
    var configuration = try PostgresConfiguration(url: url)
    configuration.statementTimeout = statement
    configuration.connectTimeout = connect
    return configuration
}

func makePool(
    _ server: ThrowawayPostgres,
    size: Int = 2,
    maxWaiting: Int = 100,
    maxWait: Duration = .seconds(5),
    statement: Duration = .seconds(10),
    connect: Duration = .seconds(5)
) throws -> PostgresPool {
    PostgresPool(
        configuration: try configuration(server.url(), statement: statement, connect: connect),
        size: size,
        maxWaiting: maxWaiting,
        maxWait: maxWait,
        logger: quiet
    )
}

/// Waits until `condition` holds, for 5 s at most.
func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
    for _ in 0..<500 {
        if try condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}

extension PostgresError {
    var isUnavailable: Bool { if case .unavailable = self { true } else { false } }
    var isInvalid: Bool { if case .invalid = self { true } else { false } }
    var sqlState: String? { if case .server(let state, _, _) = self { state } else { nil } }
}

/// Runs what must fail.
func failure(_ body: () async throws -> Void) async throws -> PostgresError {
    try #require(await #expect(throws: PostgresError.self) { try await body() })
}

enum SQL {
    static let one = PostgresStatement("SELECT 1::bigint")
    static let pid = PostgresStatement("SELECT pg_backend_pid()")
    static let sleep = PostgresStatement("SELECT pg_sleep($1::bigint / 1000.0)")
    static let divide = PostgresStatement("SELECT 1 / $1::bigint")
    static let noTimeout = PostgresStatement("SET statement_timeout = 0")
}
