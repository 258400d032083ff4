import Foundation
import Logging
import PostgresClient

/// The store's work with no server around it.
struct BareStore: Sendable {
    private static let append = PostgresStatement("SELECT count(*) FROM append_messages($1, $2, $3, $4, now())")
    private static let insert = PostgresStatement("INSERT INTO bare (room_id, content) VALUES ($1, $2)")
    private static let rooms = PostgresStatement("SELECT id FROM rooms ORDER BY id")
    private static let users = PostgresStatement("SELECT id FROM users ORDER BY id")
    private static let content = String(repeating: "x", count: RoomTarget.contentBytes)

    private let configuration: PostgresConfiguration
    private let quiet = Logger(label: "perf") { _ in SwiftLogNoOpLogHandler() }

    init(_ url: String) throws { configuration = try PostgresConfiguration(url: url) }

    /// The batch function that the server calls, called straight: one batch after the other, on so many connections
    /// that share the rooms as the server's writers do.
    /// - Returns: messages a second.
    func appended(rows: Int, connections: Int, seconds: Double) async throws -> Double {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for place in 0..<connections {
                group.addTask { try await append(rows, place, of: connections, for: .seconds(seconds)) }
            }
            return Double(try await group.reduce(0, +)) / seconds
        }
    }

    private func append(_ rows: Int, _ place: Int, of connections: Int, for duration: Duration) async throws -> Int {
        let connection = try await PostgresConnection.open(configuration, logger: quiet)
        let rooms = try await connection.numbers(Self.rooms).filter { Int($0) % connections == place }
        let users = try await connection.numbers(Self.users)
        let contents = Array(repeating: Self.content, count: rows)
        let end = ContinuousClock.now + duration
        var stored = 0
        while ContinuousClock.now < end {
            let values: [PostgresValue] = [
                .int64Array((0..<rows).map { _ in rooms.randomElement() ?? 0 }),
                .int64Array((0..<rows).map { _ in users.randomElement() ?? 0 }),
                .textArray((0..<rows).map { "\(place)-\(stored + $0)-\(UInt32.random(in: 0 ... .max))" }),
                .textArray(contents),
            ]
            stored += try await connection.numbers(Self.append, values).reduce(0) { $0 + Int($1) }
        }
        await connection.close()
        return stored
    }

    /// Has everything written that waits for it, so that what came before does not slow down what follows.
    func settle() async throws {
        let connection = try await PostgresConnection.open(configuration, logger: quiet)
        try await connection.execute(script: "CHECKPOINT")
        await connection.close()
    }

    /// The batch function with one message, at a steady pace.
    /// - Returns: the median in seconds.
    func appendOne(perSecond: Int, seconds: Double) async throws -> Double {
        let connection = try await PostgresConnection.open(configuration, logger: quiet)
        let room = try await connection.numbers(Self.rooms).first ?? 0
        let user = try await connection.numbers(Self.users).first ?? 0
        let median = try await Paced.median(perSecond: perSecond, seconds: seconds) {
            let values: [PostgresValue] = [
                .int64Array([room]), .int64Array([user]), .textArray(["one-\(UInt64.random(in: 0 ... .max))"]),
                .textArray([Self.content]),
            ]
            _ = try await connection.numbers(Self.append, values)
        }
        await connection.close()
        return median
    }

    /// One row and its commit, at a steady pace.
    /// - Returns: the median in seconds.
    func commit(perSecond: Int, seconds: Double) async throws -> Double {
        let connection = try await PostgresConnection.open(configuration, logger: quiet)
        try await connection.execute(
            script: "CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
                + "room_id bigint, content text)")
        let median = try await Paced.median(perSecond: perSecond, seconds: seconds) {
            _ = try await connection.numbers(Self.insert, [.int64(1), .text(Self.content)])
        }
        await connection.close()
        return median
    }
}

enum Paced {
    /// The median of what a body takes, in seconds, when it is called at a steady pace.
    static func median(
        perSecond: Int, seconds: Double, _ body: @Sendable () async throws -> Void
    ) async throws -> Double {
        var times: [Double] = []
        for _ in 0..<Int(Double(perSecond) * seconds) {
            let start = ContinuousClock.now
            try await body()
            times.append((ContinuousClock.now - start) / .seconds(1))
            try await Task.sleep(until: start + .seconds(1) / perSecond)
        }
        guard let median = times.median else { throw Failure("nothing was timed") }
        return median
    }
}

extension PostgresConnection {
    /// The first column of what a statement answers.
    fileprivate func numbers(_ statement: PostgresStatement, _ values: [PostgresValue] = []) throws -> [Int64] {
        try query(statement, values).map { try $0.int64(0) }
    }
}
