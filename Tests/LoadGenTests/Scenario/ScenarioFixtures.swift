import Testing

@testable import LoadGen

/// A valid scenario and setup, and ways to break one thing at a time.
enum ScenarioFixtures {
    static let scenario = """
        name: fixture
        clients: 100
        rooms: {count: 10, members: 20}
        payload_bytes: 120
        auth: query
        phases:
          - {name: connect, connect_rate: 500/s}
          - {name: warmup, duration: 5s, rate: 100/s}
          - {name: steady, duration: 20s, rate: 500/s, measure: true}
        thresholds: ["ack.p99 < 100ms"]
        drain: 10s
        trace: 1%
        """

    static let setup = """
        name: fixture
        instances: 2
        store: postgres
        broker: redis
        balancer: {kind: haproxy, policy: room}
        """

    /// What is reported for the scenario after a replacement; nothing if it is valid.
    static func problems(replacing old: String, with new: String, in yaml: String = scenario) -> [String] {
        precondition(yaml.contains(old), "the fixture has no '\(old)'")
        do {
            _ = try Scenario.parse(yaml: yaml.replacing(old, with: new), file: "s.yaml")
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    static func setupProblems(replacing old: String, with new: String) -> [String] {
        precondition(setup.contains(old), "the fixture has no '\(old)'")
        do {
            _ = try Setup.parse(yaml: setup.replacing(old, with: new), file: "s.yaml")
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }
}

/// A replacement in a fixture, and the error that it must bring.
struct Slip: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let error: String

    /// - Parameter error: The message, and the hint.
    init(_ old: String, _ new: String, _ error: String...) {
        self.old = old
        self.new = new
        self.error = error.joined(separator: "; ")
    }

    var testDescription: String { new }
}
