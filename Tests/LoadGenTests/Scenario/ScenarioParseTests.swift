import Testing

@testable import LoadGen

@Suite struct ScenarioParseTests {
    @Test func readsEveryField() throws {
        let scenario = try Scenario.parse(yaml: ScenarioFixtures.scenario, file: "s.yaml")
        let expected = Scenario(
            name: "fixture",
            clients: 100,
            rooms: RoomsSpec(count: 10, members: .fixed(20)),
            payloadBytes: 120,
            auth: .query,
            phases: [
                Phase(name: "connect", connectRate: 500),
                Phase(name: "warmup", duration: .seconds(5), rate: 100),
                Phase(name: "steady", duration: .seconds(20), rate: 500, measure: true),
            ],
            thresholds: ["ack.p99 < 100ms"],
            drain: .seconds(10),
            traceShare: 0.01
        )
        #expect(scenario == expected)
        #expect(scenario.thresholdLines == [10])
        #expect(scenario.measuredDuration == .seconds(20))
    }

    @Test func absentKeysHaveDefaults() throws {
        let yaml = """
            name: small
            clients: 1
            rooms: {count: 1, members: 1}
            phases: [{name: c, connect_rate: 1}, {name: m, duration: 1s, measure: true}]
            """
        let scenario = try Scenario.parse(yaml: yaml, file: "s.yaml")
        #expect(scenario.payloadBytes == 120)
        #expect(scenario.auth == .query)
        #expect(scenario.drain == .seconds(10))
        #expect(scenario.traceShare == 0.01)
        #expect(scenario.thresholds.isEmpty)
        #expect(scenario.phases[1].rate == 0)
    }

    @Test func thresholdsKeepTheirLines() throws {
        let rules = "thresholds:\n  - a < 1\n\n  # why\n  - \"b < 2\"\n"
        let yaml = ScenarioFixtures.scenario.replacing("thresholds: [\"ack.p99 < 100ms\"]\n", with: rules)
        let scenario = try Scenario.parse(yaml: yaml, file: "s.yaml")
        #expect(scenario.thresholds == ["a < 1", "b < 2"])
        #expect(scenario.thresholdLines == [11, 14])
    }

    /// Two scenarios with the same rules on other lines do the same.
    @Test func linesAreNoPartOfEquality() throws {
        let one = try Scenario.parse(yaml: ScenarioFixtures.scenario, file: "s.yaml")
        let two = try Scenario.parse(yaml: "# moved\n" + ScenarioFixtures.scenario, file: "s.yaml")
        #expect(one == two)
        #expect(one.thresholdLines != two.thresholdLines)
    }

    @Test func readsZipfMembersAndPrivateRooms() throws {
        let rooms = "{count: 10, members: {zipf: 1.1, max: 80}, private: true}"
        let yaml = ScenarioFixtures.scenario.replacing("{count: 10, members: 20}", with: rooms)
        let scenario = try Scenario.parse(yaml: yaml, file: "s.yaml")
        #expect(scenario.rooms == RoomsSpec(count: 10, members: .zipf(exponent: 1.1, max: 80), isPrivate: true))
    }

    @Test(arguments: ["{count: 0}", "{count: 0, members: 20}"])
    func noRoomsAreFineWithoutMessages(rooms: String) throws {
        let yaml = ScenarioFixtures.scenario.replacing("{count: 10, members: 20}", with: rooms)
            .replacing("rate: 100/s", with: "rate: 0").replacing("rate: 500/s, measure", with: "rate: 0, measure")
        let scenario = try Scenario.parse(yaml: yaml, file: "s.yaml")
        #expect(scenario.rooms == RoomsSpec(count: 0, members: .fixed(0)))
        #expect(scenario.rooms.memberCounts().isEmpty)
        #expect(try Scenario.parse(yaml: scenario.yaml(), file: "s.yaml") == scenario)
    }

    @Test(arguments: [
        ("clients: 100", "clients: +1_00"), ("trace: 1%", "trace: 0.01"), ("drain: 10s", "drain: 0s"),
        ("drain: 10s", "drain: \"10s\""), ("payload_bytes: 120", "payload_bytes: 4KB"),
        ("payload_bytes: 120", "payload_bytes: 80"), ("clients: 100", "clients: 200"),
        ("rate: 100/s", "rate: 6000/m"), ("auth: query", "auth: subprotocol"), ("auth: query", "auth: message"),
        ("thresholds: [\"ack.p99 < 100ms\"]", "thresholds: []"), ("name: warmup", "name: warm_up-2"),
        ("connect_rate: 500/s}", "connect_rate: 500/s, rate: 0, measure: false}"),
        ("measure: true", "measure: true, kill: instance"), ("measure: true", "measure: true, pause: redis"),
        ("measure: true", "measure: true, restart: postgres"), ("measure: true", "measure: true, reconnect: 50%"),
        ("measure: true", "measure: true, reconnect: {share: 0.5}"),
        ("measure: true", "measure: true, slow_readers: {share: 10%}"), ("measure: true", "measure: true, churn: 20/s"),
        ("rate: 500/s, measure", "in_flight: 8, measure"),
    ])
    func accepts(old: String, new: String) {
        #expect(ScenarioFixtures.problems(replacing: old, with: new) == [])
    }

    /// CR LF, and the byte order mark that some editors write.
    @Test func readsWindowsFiles() throws {
        let yaml = "\u{FEFF}" + ScenarioFixtures.scenario.replacing("\n", with: "\r\n")
        let scenario = try Scenario.parse(yaml: yaml, file: "s.yaml")
        #expect(scenario == (try Scenario.parse(yaml: ScenarioFixtures.scenario, file: "s.yaml")))
    }
}

@Suite struct FaultParseTests {
    @Test func aPhaseSaysWhatItBreaks() throws {
        let yaml = ScenarioFixtures.scenario.replacing(
            "measure: true", with: "measure: true, kill: redis, reconnect: {share: 25%}")
        let scenario = try Scenario.parse(yaml: yaml, file: "s.yaml")
        #expect(scenario.phases.last?.fault == Fault(action: .kill, target: .redis))
        #expect(scenario.phases.last?.reconnectShare == 0.25)
        #expect(try Scenario.parse(yaml: scenario.yaml(), file: "s.yaml") == scenario)
    }

    @Test func aClosedLoopHasNoRate() throws {
        let yaml = ScenarioFixtures.scenario.replacing("rate: 500/s, measure", with: "in_flight: 8, measure")
        let scenario = try Scenario.parse(yaml: yaml, file: "s.yaml")
        #expect(scenario.phases.last?.inFlight == 8)
        #expect(try Scenario.parse(yaml: scenario.yaml(), file: "s.yaml") == scenario)
    }

    @Test(arguments: [
        ("kill: redis, pause: redis", "a phase can break one thing at a time"),
        ("kill: everything", "'kill' can't be 'everything'"),
        ("reconnect: 120%", "'reconnect': '120%' is more than all"),
        ("slow_readers: 120%", "'slow_readers': '120%' is more than all"),
        ("reconnect: {half: 1}", "unknown key 'half' in 'reconnect'"),
        ("in_flight: 8", "a phase can't have both rate and in_flight"),
    ])
    func whatCannotBeIsRefused(keys: String, message: String) {
        let problems = ScenarioFixtures.problems(replacing: "measure: true", with: "measure: true, \(keys)")
        #expect(problems.contains { $0.contains(message) }, "\(problems)")
    }

    @Test func aClosedLoopIsTheLastPhase() {
        let problems = ScenarioFixtures.problems(
            replacing: "{name: warmup, duration: 5s, rate: 100/s}", with: "{name: warmup, duration: 5s, in_flight: 4}")
        #expect(problems.contains { $0.contains("a phase with in_flight must be the last") }, "\(problems)")
    }

    @Test(arguments: [
        (Fault.Target.instance, true, true), (.redis, false, true), (.postgres, false, true), (.balancer, false, true),
    ])
    func aSetupMustHaveWhatIsBroken(target: Fault.Target, onEmbedded: Bool, onCluster: Bool) {
        let cluster = Setup(
            name: "c", instances: 2, store: .postgres, broker: .redis, balancer: BalancerSpec(kind: .haproxy))
        let fault = Fault(action: .kill, target: target)
        #expect((fault.problem(on: Setup(name: "e")) == nil) == onEmbedded)
        #expect((fault.problem(on: cluster) == nil) == onCluster)
    }
}

@Suite struct RoomsSpecTests {
    @Test(arguments: [
        (RoomsSpec(count: 3, members: .fixed(20)), [20, 20, 20]),
        (RoomsSpec(count: 0, members: .fixed(0)), []),
        (RoomsSpec(count: 6, members: .zipf(exponent: 1, max: 10)), [10, 5, 3, 3, 2, 2]),
        (RoomsSpec(count: 3, members: .zipf(exponent: 0, max: 7)), [7, 7, 7]),
        (RoomsSpec(count: 4, members: .zipf(exponent: 5, max: 500)), [500, 16, 2, 2]),
        (RoomsSpec(count: 2, members: .zipf(exponent: 1, max: 2)), [2, 2]),
    ])
    func sizes(rooms: RoomsSpec, counts: [Int]) {
        #expect(rooms.memberCounts() == counts)
        #expect(rooms.memberships == counts.reduce(0, +))
    }
}
