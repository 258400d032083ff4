import Foundation
import Testing

@testable import LoadGen

@Suite struct RoundTripTests {
    static let scenarios: [Scenario] = {
        let connect = Phase(name: "connect", connectRate: 500)
        let steady = Phase(name: "steady", duration: .seconds(20), rate: 500, measure: true)
        var plain = Scenario(
            name: "plain",
            clients: 100,
            rooms: RoomsSpec(count: 10, members: .fixed(20)),
            phases: [connect, steady]
        )
        var odd = plain
        odd.name = "null"
        odd.description = "Quotes \" ' \\, colons: and # hashes,\ttabs\nlines \u{2028}, NEL \u{85}, é 日本 😀 \u{FEFF}."
        odd.rooms = RoomsSpec(count: 7, members: .zipf(exponent: 1.1, max: 99), isPrivate: true)
        odd.payloadBytes = 4000
        odd.auth = .subprotocol
        odd.phases[0].name = "yes"
        odd.phases[0].connectRate = 1.0 / 3
        odd.phases.insert(Phase(name: "123", duration: .nanoseconds(1_000_001), rate: 1e-07), at: 1)
        odd.thresholds = ["deliver.p99 < 250ms", "- \"x\": {y}"]
        odd.drain = .zero
        odd.traceShare = 1.0 / 3
        odd.isVerified = false
        return [plain, odd]
    }()

    @Test(arguments: scenarios)
    func scenariosReadBack(scenario: Scenario) throws {
        #expect(try Scenario.parse(yaml: scenario.yaml(), file: "s.yaml") == scenario)
    }

    @Test func theWrittenFileIsPlain() throws {
        let scenario = try Scenario.parse(yaml: ScenarioFixtures.scenario, file: "s.yaml")
        #expect(
            scenario.yaml() == """
                name: fixture
                clients: 100
                rooms: {count: 10, members: 20}
                payload_bytes: 120
                auth: query
                phases:
                  - {name: connect, connect_rate: 500/s}
                  - {name: warmup, duration: 5s, rate: 100/s}
                  - {name: steady, duration: 20s, rate: 500/s, measure: true}
                thresholds:
                  - "ack.p99 < 100ms"
                drain: 10s
                trace: 0.01

                """
        )
    }

    @Test func setupsReadBack() throws {
        let setup = try Setup.parse(yaml: ScenarioFixtures.setup, file: "s.yaml")
        #expect(try Setup.parse(yaml: setup.yaml(), file: "s.yaml") == setup)
        #expect(setup.yaml() == ScenarioFixtures.setup + "\n")
    }
}

/// The files that ship are the first that anybody runs.
@Suite struct ShippedFilesTests {
    static let library: ConfigurationLibrary = {
        let file = URL(fileURLWithPath: #filePath)
        let repository = (1...4).reduce(file) { url, _ in url.deletingLastPathComponent() }
        return ConfigurationLibrary(roots: [repository.path])
    }()

    @Test(arguments: ["big-room", "idle", "private-rooms", "quick", "steady-rooms"])
    func scenarioShips(name: String) throws {
        let scenario = try Self.library.scenario(named: name).scenario
        #expect(scenario.name == name)
        #expect(scenario.thresholds.contains("integrity.lost == 0"))
    }

    @Test func everyShippedFileIsValidAndNamedLikeItsFile() throws {
        let scenarios = Self.library.allScenarios()
        let setups = Self.library.allSetups()
        #expect(scenarios.count >= 5)
        #expect(setups.map(\.name).contains("embedded"))
        for entry in scenarios {
            let scenario = try entry.result.get()
            #expect(scenario.name == entry.name)
            #expect(!scenario.description.isEmpty && scenario.description.count <= 72)
            #expect(try Scenario.parse(yaml: scenario.yaml(), file: entry.path) == scenario)
        }
        for entry in setups {
            let setup = try entry.result.get()
            #expect(setup.name == entry.name)
            #expect(!setup.description.isEmpty && setup.description.count <= 72)
            #expect(try Setup.parse(yaml: setup.yaml(), file: entry.path) == setup)
        }
    }

    @Test func theBigRoomIsBigEnough() throws {
        let scenario = try Self.library.scenario(named: "big-room").scenario
        let rate = scenario.measuredPhases.map(\.rate).max() ?? 0
        #expect(rate * Double(scenario.rooms.memberships) >= 100_000)
    }
}
