extension Comparison {
    /// What the model of placement expects of a setup, beside the medians of its blocks. One instance has nothing to
    /// expect.
    static func model(of label: String, _ scenario: Scenario, _ setup: Setup, _ runs: [Run]) -> [ModelRow] {
        guard setup.instances > 1, scenario.rooms.count > 0 else { return [] }
        let model = PlacementModel(scenario, instances: setup.instances, placement: Placement(setup))
        let expected = [
            ("messages.cross_instance_share", model.crossInstanceShare),
            ("broker.messages_per_publish", model.brokerDeliveries),
            ("rooms.per_instance", model.subscriptionsPerInstance),
            ("connections.max_over_mean", model.imbalance),
        ]
        return expected.map { name, value in
            let measured = Descriptive.median(runs.compactMap { $0.metrics[name] })
            return ModelRow(setup: label, name: name, expected: value, measured: measured)
        }
    }
}
