import Testing

@testable import LoadGen

/// The errors' texts are what a user works with; so they are compared in full.
@Suite struct ScenarioErrorTests {
    @Test(arguments: [
        Slip("name: fixture\n", "", "s.yaml:1:1: the scenario has no 'name'; add name: my-scenario"),
        Slip("clients: 100\n", "", "s.yaml:1:1: the scenario has no 'clients'; add clients: 1000"),
        Slip("clients: 100", "clients:", "s.yaml:2:1: 'clients' has no value"),
        Slip(
            "clients: 100", "clinets: 100\nclients: 100",
            "s.yaml:2:1: unknown key 'clinets' in the scenario; did you mean 'clients'?"),
        Slip(
            "name: fixture", "name: ../x",
            "s.yaml:1:7: '../x' can't be a name",
            "use at most 64 letters, digits, '.', '_' and '-', the first a letter or digit"),
        Slip("clients: 100", "clients: 0", "s.yaml:2:10: 'clients' is 0, and must be from 1 to 100000"),
        Slip("clients: 100", "clients: -1", "s.yaml:2:10: 'clients' is -1, and must be from 1 to 100000"),
        Slip("clients: 100", "clients: 100001", "s.yaml:2:10: 'clients' is 100001, and must be from 1 to 100000"),
        Slip(
            "clients: 100", "clients: many", "s.yaml:2:10: 'clients' is 'many', not a whole number; write digits only"),
        Slip(
            "clients: 100", "clients: 0144", "s.yaml:2:10: 'clients' is '0144', not a whole number; write digits only"),
        Slip(
            "clients: 100", "clients: \"100\"",
            "s.yaml:2:10: 'clients' is a text, not a whole number; leave the quotes out"),
        Slip("clients: 100", "clients: [100]", "s.yaml:2:10: 'clients' is a list, not a whole number"),
        Slip(
            "clients: 100", "clients: 99999999999999999999",
            "s.yaml:2:10: 'clients' is 99999999999999999999, and must be from 1 to 100000"),
        Slip(
            "payload_bytes: 120", "payload_bytes: 79",
            "s.yaml:4:16: 'payload_bytes' is 79, and must be from 80 to 4000",
            "the stamp that every message carries needs 80"
        ),
        Slip(
            "payload_bytes: 120", "payload_bytes: 4KiB",
            "s.yaml:4:16: 'payload_bytes' is 4KiB, and must be from 80 to 4000",
            "the stamp that every message carries needs 80"
        ),
        Slip("auth: query", "auth: quary", "s.yaml:5:7: 'auth' can't be 'quary'; did you mean 'query'?"),
        Slip("auth: query", "auth: basic", "s.yaml:5:7: 'auth' can't be 'basic'; choices: query, subprotocol, message"),
        Slip(
            "[\"ack.p99 < 100ms\"]", "fast",
            "s.yaml:10:13: 'thresholds' is a single value, not a list; write [\"ack.p99 < 100ms\"]"),
        Slip("[\"ack.p99 < 100ms\"]", "[\" \"]", "s.yaml:10:14: 'thresholds' is empty"),
        Slip(
            "drain: 10s", "drain: 10",
            "s.yaml:11:8: 'drain': '10' has no unit; write 10s for seconds or 10ms for milliseconds"),
        Slip("drain: 10s", "drain: 1h", "s.yaml:11:8: 'drain' is 1h, and must be from 0s to 10m"),
        Slip(
            "trace: 1%", "trace: 5",
            "s.yaml:12:8: 'trace': '5' is more than all; a bare number goes from 0 to 1; for percent write 5%"),
    ])
    func fields(slip: Slip) {
        #expect(ScenarioFixtures.problems(replacing: slip.old, with: slip.new) == [slip.error])
    }

    @Test(arguments: [
        Slip(
            "{count: 10, members: 20}", "10",
            "s.yaml:3:8: 'rooms' is a single value, not a mapping; write {count: …, members: …}"),
        Slip(
            "members: 20", "member: 20, members: 20",
            "s.yaml:3:20: unknown key 'member' in 'rooms'; did you mean 'members'?"),
        Slip(", members: 20", "", "s.yaml:3:8: 'rooms' has no 'members'; add members: 20"),
        Slip("members: 20", "members: 0", "s.yaml:3:29: 'members' is 0, and must be from 1 to 100000"),
        Slip(
            "members: 20", "members: [20]",
            "s.yaml:3:29: 'members' is a list, not a number; write members: 20, or members: {zipf: 1.1, max: 500}"),
        Slip("members: 20", "members: {zipf: 1.1}", "s.yaml:3:29: 'members' has no 'max'; add max: 500"),
        Slip(
            "members: 20", "members: {zipf: steep, max: 50}",
            "s.yaml:3:36: 'zipf': 'steep' is not a number; write a number such as 1.1"),
        Slip("members: 20", "members: {zipf: 6, max: 50}", "s.yaml:3:36: 'zipf' is 6, and must be from 0 to 5"),
        Slip("members: 20", "members: {zipf: 1, max: 1}", "s.yaml:3:44: 'max' is 1, and must be from 2 to 100000"),
        Slip("members: 20}", "members: 20, private: yes}", "s.yaml:3:42: 'private' is 'yes'; write true or false"),
        Slip(
            "members: 20", "members: 101",
            "s.yaml:3:8: a room has 101 members, but there are only 100 clients",
            "give a room at most as many members as there are clients"
        ),
        Slip(
            "members: 20", "members: {zipf: 1, max: 101}",
            "s.yaml:3:8: a room has 101 members, but there are only 100 clients",
            "give a room at most as many members as there are clients"
        ),
        Slip(
            "members: 20", "members: 9",
            "s.yaml:3:8: the rooms have 90 places together, too few for 100 clients",
            "each client must be in at least one room: raise count or members, or use count: 0 for no rooms"
        ),
        Slip(
            "{count: 10, members: 20}", "{count: 0}",
            "s.yaml:8:40: there are no rooms to send to; set rate to 0, or add rooms"),
    ])
    func rooms(slip: Slip) {
        #expect(ScenarioFixtures.problems(replacing: slip.old, with: slip.new) == [slip.error])
    }

    @Test func tooManyMemberships() {
        let problems = ScenarioFixtures.problems(
            replacing: "clients: 100\nrooms: {count: 10, members: 20}",
            with: "clients: 2000\nrooms: {count: 10000, members: 1001}"
        )
        #expect(
            problems == [
                "s.yaml:3:8: the rooms have 10010000 memberships together, and each is a join; 10000000 is the most"
            ]
        )
    }

    @Test(arguments: [
        Slip("rate: 100/s", "ratee: 100/s", "s.yaml:8:34: unknown key 'ratee' in a phase; did you mean 'rate'?"),
        Slip(
            "rate: 100/s", "speed: 100/s",
            "s.yaml:8:34: unknown key 'speed' in a phase; known keys: name, connect_rate, duration, rate, in_flight, measure, kill, pause, restart, reconnect, slow_readers, churn"
        ),
        Slip(
            "{name: warmup, duration: 5s, rate: 100/s}", "warmup",
            "s.yaml:8:5: a phase is a single value, not a mapping; write {name: …, connect_rate: …}"),
        Slip("name: warmup, ", "", "s.yaml:8:5: a phase has no 'name'; add name: steady"),
        Slip(
            "name: warmup", "name: warm.up",
            "s.yaml:8:12: 'warm.up' can't be a name",
            "use at most 64 letters, digits, '_' and '-', the first a letter or digit"),
        Slip("name: warmup", "name: steady", "s.yaml:9:12: a second phase named 'steady'; give each its own name"),
        Slip("duration: 5s, ", "", "s.yaml:8:5: phase 'warmup' has no 'duration'; add duration: 20s"),
        Slip(
            "duration: 5s", "duration: 5",
            "s.yaml:8:30: 'duration': '5' has no unit; write 5s for seconds or 5ms for milliseconds"),
        Slip("duration: 5s", "duration: 0s", "s.yaml:8:30: 'duration' is 0s, and must be from 1ms to 24h"),
        Slip(
            "rate: 100/s", "rate: 100/day",
            "s.yaml:8:40: 'rate': '100/day' is not a rate; write a rate such as 500/s or 30/m"),
        Slip("rate: 100/s", "rate: 2000000/s", "s.yaml:8:40: 'rate' is 2000000/s, and must be from 0/s to 1000000/s"),
        Slip(
            "connect_rate: 500/s", "connect_rate: 0",
            "s.yaml:7:35: 'connect_rate' is 0, and must be from 0.1/s to 100000/s"),
        Slip(
            "connect_rate: 500/s", "connect_rate: 500/s, duration: 5s",
            "s.yaml:7:52: a phase can't have both connect_rate and duration",
            "leave duration out: the phase ends when all clients are connected"
        ),
        Slip(
            "connect_rate: 500/s", "connect_rate: 500/s, rate: 5/s",
            "s.yaml:7:48: a phase can't have both connect_rate and rate",
            "send in the phase after it, when everybody is there to receive"
        ),
        Slip(
            "connect_rate: 500/s", "connect_rate: 500/s, measure: true",
            "s.yaml:7:51: a connect phase can't be measured",
            "leave measure out: the time to connect is always recorded"),
        Slip(", measure: true", "", "s.yaml:7:3: no phase is measured; add measure: true to one"),
        Slip("measure: true", "measure: 1", "s.yaml:9:57: 'measure' is '1'; write true or false"),
        Slip(
            "  - {name: connect, connect_rate: 500/s}\n", "",
            "s.yaml:7:3: no phase connects the clients; start with {name: connect, connect_rate: 500/s}"),
        Slip(
            "{name: warmup, duration: 5s, rate: 100/s}", "{name: again, connect_rate: 5/s}",
            "s.yaml:8:5: a second phase with connect_rate; one phase connects all clients"),
        Slip(
            "  - {name: connect, connect_rate: 500/s}\n  - {name: warmup, duration: 5s, rate: 100/s}",
            "  - {name: warmup, duration: 5s, rate: 100/s}\n  - {name: connect, connect_rate: 500/s}",
            "s.yaml:8:5: the phase with connect_rate must be the first; move it up: nothing can be sent before it"),
    ])
    func phases(slip: Slip) {
        #expect(ScenarioFixtures.problems(replacing: slip.old, with: slip.new) == [slip.error])
    }

    @Test(arguments: [
        ("", "s.yaml:1: there is nothing in it"),
        ("# only a comment\n", "s.yaml:1: there is nothing in it"),
        ("- a\n", "s.yaml:1:1: the scenario is a list, not a mapping; write {name: …, description: …}"),
        ("name: a\nname: b\n", "s.yaml:1:1: 'name' is given more than once in the same mapping; keep one"),
        ("name: a\n[b]: c\n", "s.yaml:2:1: a list can't be a key in the scenario"),
        (
            "name: a\nrooms:\n\tcount: 1\n",
            "s.yaml:3:1: not valid YAML: found character that cannot start any token "
                + "while scanning for the next token (line 3); "
                + "YAML indents with spaces, and this line has a tab"
        ),
        (
            "name: a\nrooms: {count: 1\n",
            "s.yaml:3:1: not valid YAML: did not find expected ',' or '}' while parsing a flow mapping (line 2)"
        ),
        ("name: *x\n", "s.yaml:1:7: not valid YAML: found undefined alias"),
        ("a: 1\n---\nb: 2\n", "s.yaml:2:1: a second document begins here; write one document a file"),
    ])
    func documents(yaml: String, error: String) {
        let thrown = #expect(throws: ConfigurationErrors.self) { try Scenario.parse(yaml: yaml, file: "s.yaml") }
        #expect(thrown?.errors.map(\.description).contains(error) == true)
    }

    @Test func allProblemsComeAtOnceInTheFilesOrder() {
        let yaml = ScenarioFixtures.scenario
            .replacing("clients: 100", with: "clients: none")
            .replacing("auth: query", with: "auth: queri")
            .replacing("rate: 100/s", with: "ratee: 100/s")
            .replacing("drain: 10s", with: "drain: 10")
        let thrown = #expect(throws: ConfigurationErrors.self) { try Scenario.parse(yaml: yaml, file: "dir/s.yaml") }
        #expect(
            thrown?.description == """
                dir/s.yaml:2:10: 'clients' is 'none', not a whole number; write digits only
                dir/s.yaml:5:7: 'auth' can't be 'queri'; did you mean 'query'?
                dir/s.yaml:8:34: unknown key 'ratee' in a phase; did you mean 'rate'?
                dir/s.yaml:11:8: 'drain': '10' has no unit; write 10s for seconds or 10ms for milliseconds
                """
        )
    }
}
