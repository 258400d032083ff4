import Foundation

/// One run of LoadGen, by what it writes.
struct LoadGenRun: Sendable {
    let child: Child
    private let results: URL

    /// Starts it.
    init(_ bench: Bench, _ scenario: String, _ arguments: [String]) throws {
        results = bench.file("run-\(UUID().uuidString)")
        let file = bench.file("scenario-\(UUID().uuidString).yaml")
        try scenario.write(to: file, atomically: true, encoding: .utf8)
        child = try Child(
            "LoadGen", bench.loadGen,
            ["run", file.path, "--out", results.path, "--quiet", "--no-color"] + arguments,
            log: bench.file("LoadGen.log"))
    }

    /// Statuses of runs that are none, to others: the generator sent late, so that nothing is said of latencies, but a time
    /// that it only made longer is still a bound; and nothing was verified, as the scenario asked.
    static let void: Int32 = 96
    static let unverified: Int32 = 69

    /// Waits for its end.
    /// - Parameter takes: the statuses that count all the same.
    /// - Throws: ``Failure`` unless the run passed, thresholds aside: a lost message is no cheap one.
    func summary(timeout: Duration = .seconds(120), takes: Set<Int32> = []) async throws -> LoadGenSummary {
        let status = try await child.wait(timeout: timeout)
        guard status == 0 || status == 99 || takes.contains(status) else {
            throw Failure("LoadGen ended with \(status): \(child.lastWords)")
        }
        let folders = try FileManager.default.contentsOfDirectory(atPath: results.path)
        guard let folder = folders.first else { throw Failure("LoadGen left no result") }
        let file = results.appendingPathComponent(folder).appendingPathComponent("summary.json")
        let summary = try JSONDecoder().decode(LoadGenSummary.self, from: Data(contentsOf: file))
        guard summary.integrity.values.allSatisfy({ $0 == 0 }) else { throw Failure("lost: \(summary.integrity)") }
        return summary
    }
}

/// What is read of `summary.json`.
struct LoadGenSummary: Decodable, Sendable {
    struct Clients: Decodable, Sendable {
        var target: Int
        var connected: Int
        var disconnected: Int
        var reconnected: Int
    }

    struct Messages: Decodable, Sendable {
        var acked: Int
        var delivered: Int
    }

    struct Generator: Decodable, Sendable {
        var cpuSeconds: Double
        var isVoid: Bool

        private enum CodingKeys: String, CodingKey {
            case cpuSeconds = "cpu_seconds"
            case isVoid = "void"
        }
    }

    /// In nanoseconds.
    struct Latency: Decodable, Sendable {
        var count: Int
        var p50: Double
        var p99: Double
        var max: Double
    }

    struct Server: Decodable, Sendable {
        var cpuSeconds: Double

        private enum CodingKeys: String, CodingKey {
            case cpuSeconds = "cpu_seconds"
        }
    }

    var clients: Clients
    /// Violations of each kind.
    var integrity: [String: Int]
    var duration: Double
    var messages: Messages
    var generator: Generator
    var latency: [String: Latency]
    var servers: [Server]

    private enum CodingKeys: String, CodingKey {
        case clients, integrity
        case duration = "duration_s"
        case messages, generator
        case latency = "latency_ns"
        case servers
    }
}
