import Testing

@testable import LoadGen

@Suite struct SettingTests {
    private func scenario(setting arguments: [String]) throws -> Scenario {
        var scenario = try Scenario.parse(yaml: ScenarioFixtures.scenario, file: "s.yaml")
        try scenario.apply(Settings(parsing: arguments).scenario)
        return scenario
    }

    private func setup(setting arguments: [String]) throws -> Setup {
        var setup = try Setup.parse(yaml: ScenarioFixtures.setup, file: "s.yaml")
        try setup.apply(Settings(parsing: arguments).setup)
        return setup
    }

    @Test func scenarioValues() throws {
        let scenario = try scenario(setting: [
            "rooms.count=20", "rooms.members=5", "rooms.private=true", "payload_bytes=200", "auth=message",
            "phases.steady.rate=50/s", "phases.warmup.duration=1s", "phases.connect.connect_rate=10/s", "drain=3s",
            "trace=1", "thresholds=[ack.p50 < 1ms]", "scenario.name=other", "scenario.description=Another one",
        ])
        let expected = Scenario(
            name: "other",
            description: "Another one",
            clients: 100,
            rooms: RoomsSpec(count: 20, members: .fixed(5), isPrivate: true),
            payloadBytes: 200,
            auth: .message,
            phases: [
                Phase(name: "connect", connectRate: 10),
                Phase(name: "warmup", duration: .seconds(1), rate: 100),
                Phase(name: "steady", duration: .seconds(20), rate: 50, measure: true),
            ],
            thresholds: ["ack.p50 < 1ms"],
            drain: .seconds(3),
            traceShare: 1
        )
        #expect(scenario == expected)
        #expect(scenario.thresholdLines.isEmpty)
    }

    @Test func membersTurnIntoZipfAndBack() throws {
        let zipf = try scenario(setting: ["rooms.members.zipf=1.5", "rooms.members.max=90"])
        #expect(zipf.rooms.members == .zipf(exponent: 1.5, max: 90))
        let whole = try scenario(setting: ["rooms={count: 10, members: {zipf: 1.5, max: 90}}"])
        #expect(whole.rooms == zipf.rooms)
        #expect(whole.thresholdLines == [10])
        var back = zipf
        try back.apply(Settings(parsing: ["rooms.members=20"]).scenario)
        #expect(back.rooms.members == .fixed(20))
    }

    @Test func theLastOneWins() throws {
        #expect(try scenario(setting: ["drain=3s", "drain=4s"]).drain == .seconds(4))
    }

    /// Values that only together make sense are judged together.
    @Test func settingsAreJudgedTogether() throws {
        let scenario = try scenario(setting: ["rooms.count=2", "rooms.members=50"])
        #expect(scenario.rooms == RoomsSpec(count: 2, members: .fixed(50)))
    }

    @Test func setupValues() throws {
        let setup = try setup(setting: ["instances=3", "balancer.policy=cookie", "balancer.kind=nginx"])
        #expect(setup.instances == 3)
        #expect(setup.balancer == BalancerSpec(kind: .nginx, policy: .cookie))
        #expect(try self.setup(setting: ["setup.instances=4"]).instances == 4)
    }

    @Test func withoutABalancerThereIsNoPolicy() throws {
        #expect(try setup(setting: ["balancer.kind=none"]).balancer == BalancerSpec())
    }

    @Test func keysGoToTheirFile() throws {
        let settings = try Settings(parsing: [
            "clients=5", "instances=2", "setup.name=a", "scenario.name=b", "drain=1s",
        ])
        #expect(settings.scenario.map(\.path) == [["clients"], ["name"], ["drain"]])
        #expect(settings.setup.map(\.path) == [["instances"], ["name"]])
    }

    @Test func equalsSignsInValuesStay() throws {
        let settings = try Settings(parsing: ["thresholds=[integrity.lost == 0]"])
        #expect(settings.scenario.map(\.value) == ["[integrity.lost == 0]"])
    }

    @Test(arguments: [
        ("drain", "--set: 'drain' has no '='; write key=value, such as rooms.count=10"),
        ("=5", "--set: '=5' has no '='; write key=value, such as rooms.count=10"),
        ("room.count=5", "--set: unknown key 'room.count'; did you mean 'rooms.count'?"),
        ("count=5", "--set: unknown key 'count'; did you mean 'rooms.count'?"),
        ("phases.steady.ratee=5", "--set: unknown key 'phases.steady.ratee'; did you mean 'phases.steady.rate'?"),
        ("policy=room", "--set: unknown key 'policy'; did you mean 'balancer.policy'?"),
        ("name=x", "--set: unknown key 'name'; both files have one: write scenario.name or setup.name"),
        ("scenario.instances=2", "--set: unknown key 'scenario.instances'; did you mean 'instances'?"),
    ])
    func unknownKeys(argument: String, error: String) {
        let thrown = #expect(throws: ConfigurationErrors.self) { try Settings(parsing: [argument]) }
        #expect(thrown?.description == error)
    }

    @Test func aKeyLikeNoOtherListsThemAll() {
        let thrown = #expect(throws: ConfigurationErrors.self) { try Settings(parsing: ["zzz=1"]) }
        #expect(thrown?.description.contains("known keys: clients, rooms, rooms.count") == true)
        #expect(thrown?.description.contains("phases.PHASE.rate") == true)
    }

    @Test func allUnknownKeysComeAtOnce() {
        let thrown = #expect(throws: ConfigurationErrors.self) { try Settings(parsing: ["a=1", "drain=2s", "b=3"]) }
        #expect(thrown?.errors.count == 2)
    }

    @Test(arguments: [
        (["drain=3"], "--set drain=3: 'drain': '3' has no unit; write 3s for seconds or 3ms for milliseconds"),
        (["drain="], "--set drain=: has no value"),
        (["trace=1%", "clients=x"], "--set clients=x: 'clients' is 'x', not a whole number; write digits only"),
        (["auth=quer"], "--set auth=quer: 'auth' can't be 'quer'; did you mean 'query'?"),
        (["rooms.members={zipf: 1}"], "--set rooms.members={zipf: 1}: 'members' has no 'max'; add max: 500"),
        (["rooms.members.max=9"], "--set: 'members' has no 'zipf'; add zipf: 1.1"),
        (["phases.stedy.rate=5"], "--set phases.stedy.rate=5: no phase is named 'stedy'; did you mean 'steady'?"),
        (["phases.x.rate=5"], "--set phases.x.rate=5: no phase is named 'x'; phases: connect, warmup, steady"),
        (["phases.steady.measure=false"], "--set: no phase is measured; add measure: true to one"),
    ])
    func badScenarioValues(arguments: [String], error: String) {
        let thrown = #expect(throws: ConfigurationErrors.self) { try scenario(setting: arguments) }
        #expect(thrown?.description == error)
    }

    @Test func tooFewPlacesAreAnErrorOfTheSetting() {
        let thrown = #expect(throws: ConfigurationErrors.self) { try scenario(setting: ["rooms.count=4"]) }
        #expect(thrown?.description.hasPrefix("--set: the rooms have 80 places together, too few for 100") == true)
    }

    @Test func badSetupValues() {
        let store = #expect(throws: ConfigurationErrors.self) { try setup(setting: ["store=sqlite"]) }
        #expect(store?.description.hasPrefix("--set store=sqlite: 2 instances can't share a sqlite store") == true)
        let policy = #expect(throws: ConfigurationErrors.self) {
            try setup(setting: ["balancer.kind=none", "balancer.policy=room"])
        }
        #expect(policy?.description.hasPrefix("--set balancer.policy=room: a policy needs a balancer") == true)
    }

    @Test func invalidYAMLInAValue() {
        let thrown = #expect(throws: ConfigurationErrors.self) { try scenario(setting: ["rooms={count: 1"]) }
        #expect(thrown?.description.hasPrefix("--set rooms={count: 1: not valid YAML") == true)
        #expect(thrown?.errors.first?.line == nil)
    }
}
