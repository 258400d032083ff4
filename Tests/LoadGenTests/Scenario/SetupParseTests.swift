import Testing

@testable import LoadGen

@Suite struct SetupParseTests {
    @Test func readsEveryField() throws {
        let setup = try Setup.parse(yaml: "description: Two of them\n" + ScenarioFixtures.setup, file: "s.yaml")
        let expected = Setup(
            name: "fixture",
            description: "Two of them",
            instances: 2,
            store: .postgres,
            broker: .redis,
            balancer: BalancerSpec(kind: .haproxy, policy: .room)
        )
        #expect(setup == expected)
    }

    @Test func absentKeysHaveDefaults() throws {
        let setup = try Setup.parse(yaml: "{name: a, store: sqlite, broker: memory}", file: "s.yaml")
        #expect(setup == Setup(name: "a"))
    }

    @Test func aBalancerGoesRoundByDefault() throws {
        let yaml = ScenarioFixtures.setup.replacing(", policy: room", with: "")
        let setup = try Setup.parse(yaml: yaml, file: "s.yaml")
        #expect(setup.balancer == BalancerSpec(kind: .haproxy, policy: .roundRobin))
    }

    @Test(arguments: StoreKind.allCases, BrokerKind.allCases)
    func oneInstanceTakesAnyStoreAndBroker(store: StoreKind, broker: BrokerKind) throws {
        let setup = Setup(name: "a", store: store, broker: BrokerSpec(kind: broker))
        #expect(try Setup.parse(yaml: setup.yaml(), file: "s.yaml") == setup)
    }

    @Test(arguments: [BrokerSpec.Layout.servers(2), .servers(16), .cluster(3), .cluster(16)])
    func everyLayoutOfRedisReadsBack(layout: BrokerSpec.Layout) throws {
        let broker = BrokerSpec(kind: .redis, layout: layout)
        let setup = Setup(name: "a", store: .postgres, broker: broker)
        #expect(try Setup.parse(yaml: setup.yaml(), file: "s.yaml") == setup)
    }

    @Test(arguments: [
        ("{kind: redis, cluster: 2}", "'cluster' is 2, and must be from 3 to 16"),
        ("{kind: redis, servers: 0}", "'servers' is 0, and must be from 1 to 16"),
        ("{kind: redis, servers: 2, cluster: 3}", "Redis is either so many servers or one cluster"),
        ("{kind: memory, servers: 2}", "a memory broker has no servers"),
        ("{shards: 2}", "unknown key 'shards' in 'broker'"),
    ])
    func aBrokerThatCannotBeIsRefused(broker: String, message: String) {
        let yaml = "{name: a, store: postgres, broker: \(broker)}"
        let errors = #expect(throws: ConfigurationErrors.self) { try Setup.parse(yaml: yaml, file: "s.yaml") }
        #expect(errors?.errors.first?.message == message)
    }

    @Test(arguments: [BalancerKind.haproxy, .nginx], BalancerPolicy.allCases)
    func everyBalancerAndPolicyReadsBack(kind: BalancerKind, policy: BalancerPolicy) throws {
        let balancer = BalancerSpec(kind: kind, policy: policy)
        let setup = Setup(name: "a", instances: 64, store: .postgres, broker: .redis, balancer: balancer)
        #expect(try Setup.parse(yaml: setup.yaml(), file: "s.yaml") == setup)
    }

    @Test(arguments: [
        Slip("name: fixture\n", "", "s.yaml:1:1: the setup has no 'name'; add name: my-setup"),
        Slip("store: postgres\n", "", "s.yaml:1:1: the setup has no 'store'; add store: sqlite"),
        Slip("broker: redis\n", "", "s.yaml:1:1: the setup has no 'broker'; add broker: memory"),
        Slip("instances: 2", "instances: 0", "s.yaml:2:12: 'instances' is 0, and must be from 1 to 64"),
        Slip("instances: 2", "instances: 65", "s.yaml:2:12: 'instances' is 65, and must be from 1 to 64"),
        Slip(
            "instances: 2", "instance: 2", "s.yaml:2:1: unknown key 'instance' in the setup",
            "did you mean 'instances'?"),
        Slip(
            "store: postgres", "store: postgresql",
            "s.yaml:3:8: 'store' can't be 'postgresql'; did you mean 'postgres'?"),
        Slip(
            "store: postgres", "store: sqlite",
            "s.yaml:3:8: 2 instances can't share a sqlite store: it belongs to one process",
            "use store: postgres, or instances: 1"
        ),
        Slip(
            "broker: redis", "broker: memory",
            "s.yaml:4:9: 2 instances can't share a memory broker: it reaches only its own process",
            "use broker: redis, or instances: 1"
        ),
        Slip(
            "{kind: haproxy, policy: room}", "haproxy",
            "s.yaml:5:11: 'balancer' is a single value, not a mapping; write {kind: …, policy: …}"),
        Slip(
            "kind: haproxy", "kind: none",
            "s.yaml:5:32: a policy needs a balancer to follow it",
            "add kind: haproxy or kind: nginx, or leave the policy out"
        ),
        Slip(
            "kind: haproxy, ", "",
            "s.yaml:5:20: a policy needs a balancer to follow it",
            "add kind: haproxy or kind: nginx, or leave the policy out"
        ),
        Slip("kind: haproxy, policy: room", "", "s.yaml:5:11: 'balancer' has no 'kind'; add kind: haproxy"),
        Slip(
            "policy: room", "policy: leastconn",
            "s.yaml:5:35: 'policy' can't be 'leastconn'; did you mean 'least-conn'?"),
    ])
    func errors(slip: Slip) {
        #expect(ScenarioFixtures.setupProblems(replacing: slip.old, with: slip.new) == [slip.error])
    }
}
