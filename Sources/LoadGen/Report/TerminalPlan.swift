import Foundation

/// What `LoadGen plan` prints: the model of placement for numbers of instances that no test machine holds, and what it
/// assumes.
struct TerminalPlan: Sendable {
    /// One way of placing clients, with the model for each number of instances.
    struct Policy: Sendable {
        let title: String
        let models: [PlacementModel]
    }

    /// The three that are compared, as HAProxy makes them.
    static func policies(_ scenario: Scenario, instances: [Int], seed: UInt64 = 1) -> [Policy] {
        let placements: [(title: String, placement: Placement)] = [
            ("any instance (even placement)", .even),
            ("client stickiness (hash of the client)", .independent(.of(.haproxy))),
            ("room affinity (hash of the first room)", .byFirstRoom(.of(.haproxy))),
        ]
        return placements.map { row in
            Policy(
                title: row.title,
                models: instances.map { PlacementModel(scenario, instances: $0, placement: row.placement, seed: seed) })
        }
    }

    static let assumptions = [
        "every client is connected, each is as likely to send as the others, and equally to each of its rooms",
        "a sender gets its own message on its own connection, which is never across: a room of m members crosses at"
            + " most (m - 1)/m",
        "an instance subscribes to a room while it has a member of it; broker messages count those to the origin, too",
        "even: each instance holds the same number of clients, and rooms do not matter to who is where",
        "by hash: HAProxy's consistent hash with 16 points an instance, so that the arcs, and with them the load, differ",
        "room affinity: a client is placed by its first room; its other rooms may lie elsewhere",
        "a cookie places as its balancer places a client without one: see even placement (HAProxy deals in turn); it"
            + " changes what happens at reconnects, not these figures",
        "fullest/mean: the median over simulated placements, and in parentheses what one in 20 exceeds",
        "nothing here says what a crossing costs: measure that with LoadGen compare",
    ]

    static func render(_ scenario: Scenario, policies: [Policy], color: Bool, width: Int) -> String {
        let palette = Palette(color: color)
        let sizes = scenario.rooms.memberCounts()
        let mean = sizes.isEmpty ? 0 : Double(sizes.reduce(0, +)) / Double(sizes.count)
        let summary =
            "\(Format.count(scenario.clients)) clients in \(Format.count(sizes.count)) rooms of"
            + " \(Format.number(mean)) members on average, \(Format.count(sizes.max() ?? 0)) at most"
        var lines = ["", "  " + palette.paint(Format.printable(scenario.name), .bold)]
        lines += Format.wrapped(summary, to: width - 2).map { "  " + palette.paint($0, .dim) }
        for policy in policies {
            lines += ["", "  " + palette.paint(policy.title, .bold), "  " + palette.paint(heading, .dim)]
            lines += policy.models.map { "  " + row($0) }
        }
        lines += ["", "  " + palette.paint("ASSUMES", .bold)]
        for assumption in assumptions {
            for (place, line) in Format.wrapped(assumption, to: width - 6).enumerated() {
                lines.append((place == 0 ? "    · " : "      ") + palette.paint(line, .dim))
            }
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    private static let widths = [9, 12, 15, 15, 20]

    private static var heading: String {
        cells(["instances", "across", "broker/publish", "subscriptions", "fullest/mean"])
    }

    private static func row(_ model: PlacementModel) -> String {
        let decimals = { (value: Double) in String(format: "%.2f", value) }
        return cells([
            Format.count(model.instances), Format.percent(model.crossInstanceShare), decimals(model.brokerDeliveries),
            Format.number(model.subscriptionsPerInstance),
            "\(decimals(model.imbalance)) (\(decimals(model.imbalanceP95)))",
        ])
    }

    private static func cells(_ texts: [String]) -> String {
        zip(texts, widths).map { Format.rightAligned($0, to: $1) }.joined()
    }
}
