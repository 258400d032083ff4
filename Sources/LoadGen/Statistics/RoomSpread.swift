/// How one room lies over the instances; means over all placements.
struct RoomSpread: Sendable, Equatable {
    /// Instances with a member.
    let touched: Double
    /// The share of a message's deliveries that are across, the sender's own counted as not.
    let crossing: Double

    init(_ room: RoomTraffic, clients: Int, instances: Int, placement: Placement) {
        let m = Double(room.members.count)
        guard m > 0, instances > 0 else {
            (touched, crossing) = (0, 0)
            return
        }
        let n = Double(instances)
        // The sender is one of the m who get the message.
        let others = (m - 1) / m
        switch placement {
        case .even:
            // Two clients are on different instances in (C - C/N) of C - 1 cases; N(1 - 1/N)^m becomes a product, as the
            // members are drawn from the clients without replacement.
            let all = Double(max(clients, room.members.count))
            let elsewhere = all - all / n
            crossing = all > 1 ? others * elsewhere / (all - 1) : 0
            touched =
                n
                * (1
                    - (0..<room.members.count).reduce(1) { chance, member in
                        chance * max(0, elsewhere - Double(member)) / (all - Double(member))
                    })
        case .independent(let hashing):
            crossing = others * hashing.crossing(instances)
            touched = n * (1 - hashing.missing(instances, keys: room.members.count))
        case .inTurn:
            (touched, crossing) = Self.measured(room, places: room.members.map { $0 % instances })
        case .byFirstRoom(let hashing):
            // Members with the same first room are together for certain, others by chance. Whose message it is counts:
            // who is in many rooms sends less to each.
            let groups = Dictionary(zip(room.firstRooms, room.sends).map { ($0, ($1, 1.0)) }) {
                ($0.0 + $1.0, $0.1 + $1.1)
            }
            let apart = groups.values.reduce(0) { $0 + $1.0 * (m - $1.1) / m }
            crossing = room.messages > 0 ? hashing.crossing(instances) * apart / room.messages : 0
            touched = n * (1 - hashing.missing(instances, keys: groups.count))
        }
    }

    /// Of a placement that is known.
    /// - Parameter places: by member: its instance.
    static func measured(_ room: RoomTraffic, places: [Int]) -> (touched: Double, crossing: Double) {
        let sizes = Dictionary(places.map { ($0, 1.0) }, uniquingKeysWith: +)
        let m = Double(places.count)
        let apart = zip(room.sends, places).reduce(0) { $0 + $1.0 * (m - (sizes[$1.1] ?? 0)) / m }
        return (Double(sizes.count), room.messages > 0 ? apart / room.messages : 0)
    }
}

extension Placement {
    /// One placement that the policy may give.
    /// - Returns: by client: its instance.
    func draw(_ memberships: [[Int]], instances: Int, _ random: inout SeededGenerator) -> [Int] {
        switch self {
        case .even: return memberships.indices.map { $0 % instances }.shuffled(using: &random)
        case .inTurn: return memberships.indices.map { $0 % instances }
        case .independent(let hashing):
            let shares = hashing.shares(instances, &random)
            return memberships.map { _ in Self.pick(shares, &random) }
        case .byFirstRoom(let hashing):
            let shares = hashing.shares(instances, &random)
            var homes: [Int: Int] = [:]
            return memberships.map { joined in
                // Who is in no room says none, and goes anywhere.
                guard let first = joined.first else { return Int.random(in: 0..<instances, using: &random) }
                if let home = homes[first] { return home }
                let home = Self.pick(shares, &random)
                homes[first] = home
                return home
            }
        }
    }

    private static func pick(_ shares: [Double], _ random: inout SeededGenerator) -> Int {
        var rest = Double.random(in: 0..<1, using: &random)
        for (place, share) in shares.enumerated() {
            rest -= share
            if rest < 0 { return place }
        }
        return shares.count - 1
    }
}
