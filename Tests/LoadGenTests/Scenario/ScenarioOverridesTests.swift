import Testing

@testable import LoadGen

@Suite struct ScenarioOverridesTests {
    private func scenario(
        clients: Int = 1000,
        rooms: RoomsSpec = RoomsSpec(count: 50, members: .fixed(20))
    ) -> Scenario {
        Scenario(
            name: "s",
            clients: clients,
            rooms: rooms,
            phases: [
                Phase(name: "connect", connectRate: 500),
                Phase(name: "warmup", duration: .seconds(5), rate: 100),
                Phase(name: "low", duration: .seconds(10), rate: 250, measure: true),
                Phase(name: "pause", duration: .seconds(1)),
                Phase(name: "high", duration: .seconds(20), rate: 500, measure: true),
            ]
        )
    }

    @Test(arguments: [
        (2000, 100, 20),  // Twice the clients, twice the rooms.
        (500, 25, 20),
        (1010, 51, 20),  // 50.5 rooms would leave ten clients without one.
        (10, 1, 10),  // No room can have more members than there are clients.
        (1, 1, 1),
        (100_000, 5000, 20),
    ])
    func roomsKeepTheirSize(clients: Int, count: Int, members: Int) throws {
        var scenario = scenario()
        try scenario.apply(ScenarioOverrides(clients: clients))
        #expect(scenario.clients == clients)
        #expect(scenario.rooms == RoomsSpec(count: count, members: .fixed(members)))
    }

    /// Clients that were in two rooms stay in two.
    @Test func overlapStays() throws {
        var scenario = scenario(clients: 500)
        try scenario.apply(ScenarioOverrides(clients: 100))
        #expect(scenario.rooms == RoomsSpec(count: 10, members: .fixed(20)))
    }

    @Test(arguments: [1, 250, 1000])
    func aSingleRoomGrowsAndShrinks(clients: Int) throws {
        var scenario = scenario(clients: 500, rooms: RoomsSpec(count: 1, members: .fixed(500), isPrivate: true))
        try scenario.apply(ScenarioOverrides(clients: clients))
        #expect(scenario.rooms == RoomsSpec(count: 1, members: .fixed(clients), isPrivate: true))
    }

    @Test(arguments: [1, 2, 7, 100, 999, 1000, 1001, 5000, 100_000])
    func zipfRoomsStayValid(clients: Int) throws {
        for rooms in [
            RoomsSpec(count: 50, members: .zipf(exponent: 1.1, max: 500)),
            RoomsSpec(count: 1, members: .zipf(exponent: 1.1, max: 1000)),
            RoomsSpec(count: 3, members: .zipf(exponent: 0, max: 400)),
        ] {
            var scenario = scenario(rooms: rooms)
            try scenario.apply(ScenarioOverrides(clients: clients))
            #expect(scenario.rooms.problem(forClients: clients) == nil)
        }
    }

    @Test func noRoomsStayNone() throws {
        var scenario = scenario(rooms: RoomsSpec(count: 0, members: .fixed(0)))
        for index in scenario.phases.indices { scenario.phases[index].rate = 0 }
        try scenario.apply(ScenarioOverrides(clients: 5000))
        #expect(scenario.rooms.count == 0)
        #expect(scenario.clients == 5000)
    }

    @Test func measuredPhasesGetTheRateAndOthersFollow() throws {
        var scenario = scenario()
        try scenario.apply(ScenarioOverrides(rate: 1000))
        #expect(scenario.phases.map(\.rate) == [0, 200, 1000, 0, 1000])
    }

    @Test func aRateFromNothingLeavesTheWarmUp() throws {
        var scenario = scenario()
        scenario.phases[2].rate = 0
        scenario.phases[4].rate = 0
        try scenario.apply(ScenarioOverrides(rate: 10))
        #expect(scenario.phases.map(\.rate) == [0, 100, 10, 0, 10])
    }

    @Test(arguments: [Duration.seconds(3), .seconds(60), .milliseconds(1001)])
    func measuredPhasesShareTheDuration(total: Duration) throws {
        var scenario = scenario()
        try scenario.apply(ScenarioOverrides(duration: total))
        #expect(scenario.measuredDuration == total)
        #expect(scenario.phases[1].duration == .seconds(5))
        let share = (scenario.phases[2].duration ?? .zero) / total
        #expect(abs(share - 1.0 / 3) < 0.001)
    }

    @Test func nothingChangesNothing() throws {
        var changed = scenario()
        try changed.apply(ScenarioOverrides())
        #expect(changed == scenario())
    }

    @Test(arguments: [
        (ScenarioOverrides(clients: 0), "command line: 'clients' is 0, and must be from 1 to 100000"),
        (ScenarioOverrides(clients: 100_001), "command line: 'clients' is 100001, and must be from 1 to 100000"),
        (ScenarioOverrides(rate: 2e6), "command line: 'rate' is 2000000/s, and must be from 0/s to 1000000/s"),
        (ScenarioOverrides(duration: .zero), "command line: 'duration' is 0s, and must be from 1ms to 24h"),
    ])
    func badOverridesChangeNothing(overrides: ScenarioOverrides, error: String) {
        var changed = scenario()
        let thrown = #expect(throws: ConfigurationErrors.self) { try changed.apply(overrides) }
        #expect(thrown?.description == error)
        #expect(changed == scenario())
    }

    @Test func linesOfThresholdsSurvive() throws {
        var scenario = try Scenario.parse(yaml: ScenarioFixtures.scenario, file: "s.yaml")
        try scenario.apply(ScenarioOverrides(clients: 200, rate: 5, duration: .seconds(2)))
        #expect(scenario.thresholdLines == [10])
    }
}
