/// One piece of the hot path, by itself.
struct Benchmark: Sendable {
    /// Runs the operation so many times.
    /// - Returns: how many of them came to what they should.
    typealias Work = (_ operations: Int) throws -> Int

    /// A stable word: the budget's name.
    var name: String
    var summary: String
    /// Operations in the measured region, and as many before it, which warm up.
    var operations: Int
    /// Sets up what twice ``operations`` need.
    var prepare: @Sendable () async throws -> Work

    static let all = serverBenchmarks + clientBenchmarks + protocolBenchmarks + metricsBenchmarks
}

/// An operation did not come to what it should: its figures would mean nothing.
struct WrongResult: Error, CustomStringConvertible {
    var name: String
    var expected: Int
    var right: Int

    var description: String { "\(name): \(right) of \(expected) operations came to what they should" }
}
