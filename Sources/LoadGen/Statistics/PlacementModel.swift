import Foundation

/// What placement alone makes of a scenario's rooms: which share of the deliveries crosses instances, how many broker
/// messages a publish costs, what an instance subscribes to, and how even it all is.
///
/// Means over all placements that the policy may give; the imbalance is simulated. It assumes that every client is
/// connected, that senders are drawn evenly from the clients and a sender's room evenly from its rooms (as the
/// generator does), that a sender gets its own message on its own connection (which is never across), and that an
/// instance subscribes to a room exactly while it has a member of it.
struct PlacementModel: Sendable, Equatable {
    let instances: Int
    /// Instances with a member of the message's room: what the broker sends for a publish. Redis sends to every
    /// subscriber, the origin too.
    let brokerDeliveries: Double
    /// The same without the origin: broker messages that bring news.
    let remoteInstances: Double
    /// The share of deliveries whose sender is on another instance, 0 to 1.
    let crossInstanceShare: Double
    /// Room subscriptions of an instance; a mean.
    let subscriptionsPerInstance: Double
    /// Connections of the fullest instance over the mean: the median of ``simulations``, and the 95th percentile.
    let imbalance: Double
    let imbalanceP95: Double

    static let simulations = 400

    /// - Parameter memberships: by client: its rooms, the first one first.
    init(memberships: [[Int]], instances: Int, placement: Placement, seed: UInt64 = 1) {
        let rooms = RoomTraffic.rooms(memberships)
        self.instances = instances
        var messages = 0.0
        var (deliveries, crossing, touched, subscriptions) = (0.0, 0.0, 0.0, 0.0)
        for room in rooms {
            let spread = RoomSpread(room, clients: memberships.count, instances: instances, placement: placement)
            let size = Double(room.members.count)
            messages += room.messages
            deliveries += room.messages * size
            crossing += room.messages * size * spread.crossing
            touched += room.messages * spread.touched
            subscriptions += spread.touched
        }
        crossInstanceShare = deliveries > 0 ? crossing / deliveries : 0
        brokerDeliveries = messages > 0 ? touched / messages : 0
        remoteInstances = messages > 0 ? touched / messages - 1 : 0
        subscriptionsPerInstance = subscriptions / Double(max(1, instances))
        var random = SeededGenerator(seed: seed)
        let loads = (0..<Self.simulations).map { _ in
            Self.imbalance(placement.draw(memberships, instances: instances, &random), instances: instances)
        }
        imbalance = Descriptive.median(loads) ?? 1
        imbalanceP95 = Descriptive.quantile(loads, 0.95) ?? 1
    }

    init(_ scenario: Scenario, instances: Int, placement: Placement, seed: UInt64 = 1) {
        self.init(
            memberships: RoomTraffic.dealt(scenario.rooms.memberCounts(), clients: scenario.clients),
            instances: instances, placement: placement, seed: seed)
    }

    /// Connections of the fullest instance over the mean.
    static func imbalance(_ places: [Int], instances: Int) -> Double {
        guard !places.isEmpty, instances > 0 else { return 1 }
        var counts = [Int](repeating: 0, count: instances)
        for place in places { counts[place] += 1 }
        return Double(counts.max() ?? 0) * Double(instances) / Double(places.count)
    }

    /// What a placement that is known makes of the rooms: nothing is left to chance but who sends.
    /// - Parameter places: by client: its instance.
    static func known(memberships: [[Int]], places: [Int]) -> (crossInstanceShare: Double, brokerDeliveries: Double) {
        var (messages, deliveries, crossing, touched) = (0.0, 0.0, 0.0, 0.0)
        for room in RoomTraffic.rooms(memberships) where !room.members.isEmpty {
            let spread = RoomSpread.measured(room, places: room.members.map { places[$0] })
            messages += room.messages
            deliveries += room.messages * Double(room.members.count)
            crossing += room.messages * Double(room.members.count) * spread.crossing
            touched += room.messages * spread.touched
        }
        return (deliveries > 0 ? crossing / deliveries : 0, messages > 0 ? touched / messages : 0)
    }

    /// What to expect beside a measurement, by the name of the metric.
    var expectations: [(name: String, value: Double)] {
        [
            ("messages.cross_instance_share", crossInstanceShare), ("broker.messages_per_publish", brokerDeliveries),
            ("broker.subscriptions_per_instance", subscriptionsPerInstance), ("connections.max_over_mean", imbalance),
        ]
    }
}

/// A room, and how much of the messages it gets.
struct RoomTraffic: Sendable {
    /// Clients, in the order of joining.
    var members: [Int] = []
    /// By member: the share of all messages that it sends to this room.
    var sends: [Double] = []
    /// By member: its first room, which is what room affinity places it by.
    var firstRooms: [Int] = []

    var messages: Double { sends.reduce(0, +) }

    /// The generator's way of filling rooms: clients in turn, room after room.
    static func dealt(_ sizes: [Int], clients: Int) -> [[Int]] {
        var memberships: [[Int]] = Array(repeating: [], count: clients)
        guard clients > 0 else { return [] }
        var next = 0
        for (room, size) in sizes.enumerated() {
            for _ in 0..<size {
                memberships[next % clients].append(room)
                next += 1
            }
        }
        return memberships
    }

    static func rooms(_ memberships: [[Int]]) -> [RoomTraffic] {
        let count = (memberships.flatMap(\.self).max() ?? -1) + 1
        var rooms = Array(repeating: RoomTraffic(), count: count)
        let senders = Double(max(1, memberships.count))
        for (client, joined) in memberships.enumerated() {
            for room in joined {
                rooms[room].members.append(client)
                rooms[room].sends.append(1 / senders / Double(joined.count))
                rooms[room].firstRooms.append(joined[0])
            }
        }
        return rooms
    }
}
