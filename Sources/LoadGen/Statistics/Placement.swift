/// How clients come to instances: what the placement model assumes of a balancer.
enum Placement: Sendable, Equatable {
    /// Each instance has the same number of clients, and who is where has nothing to do with the rooms.
    case even
    /// Every client goes to an instance of its own accord: a hash of something that differs from client to client.
    case independent(Hashing)
    /// Client i goes to instance i modulo N. With the generator's rooms, whose members follow one another, this spreads
    /// each room as evenly as can be: more of it crosses than in ``even``, most of all in small rooms.
    case inTurn
    /// A client goes where its first room hashes to.
    case byFirstRoom(Hashing)

    /// How a hash is mapped to an instance.
    enum Hashing: Sendable, Equatable {
        /// Each instance is as likely as the others.
        case uniform
        /// A consistent hash with so many points an instance on the ring. The arcs differ, so some instances get more.
        case ring(points: Int)

        /// HAProxy 2.6 places 16 points for a server of weight 1 (`BE_WEIGHT_SCALE`); nginx 160.
        static func of(_ kind: BalancerKind) -> Hashing {
            switch kind {
            case .haproxy: .ring(points: 16)
            case .nginx: .ring(points: 160)
            case .none: .uniform
            }
        }

        /// The chance that two different keys come to different instances, over all rings.
        ///
        /// The share of an instance on a ring of n·N random points is Beta(n, n(N - 1)), so the expected sum of the
        /// squared shares is (n + 1) / (nN + 1); with ever more points this goes to 1/N.
        func crossing(_ instances: Int) -> Double {
            let n = Double(instances)
            guard n > 1 else { return 0 }
            switch self {
            case .uniform: return (n - 1) / n
            case .ring(let points): return 1 - (Double(points) + 1) / (Double(points) * n + 1)
            }
        }

        /// The chance that none of so many different keys comes to a given instance, over all rings.
        ///
        /// E[(1 - share)^keys] for the Beta distribution: a product of (b + i) / (a + b + i).
        func missing(_ instances: Int, keys: Int) -> Double {
            let n = Double(instances)
            switch self {
            case .uniform:
                return (0..<keys).reduce(1) { chance, _ in chance * (1 - 1 / n) }
            case .ring(let points):
                let (all, others) = (Double(points) * n, Double(points) * (n - 1))
                return (0..<keys).reduce(1) { chance, key in chance * (others + Double(key)) / (all + Double(key)) }
            }
        }

        /// Each instance's share of the keys: one draw of the ring.
        func shares(_ instances: Int, _ random: inout SeededGenerator) -> [Double] {
            guard case .ring(let points) = self else {
                return Array(repeating: 1 / Double(instances), count: instances)
            }
            let ring = (0..<instances * points).map {
                (at: Double.random(in: 0..<1, using: &random), owner: $0 % instances)
            }
            .sorted { $0.at < $1.at }
            var shares = [Double](repeating: 0, count: instances)
            guard var before = ring.last.map({ $0.at - 1 }) else { return shares }
            for point in ring {
                shares[point.owner] += point.at - before
                before = point.at
            }
            return shares
        }
    }

    /// What the setup's balancer does with the load generator's clients.
    ///
    /// Taking turns and the cookie deal in the order of connecting, which is random here; so does the fewest
    /// connections, as long as none closes. By address: the generator has few, which the model takes for many.
    init(_ setup: Setup) {
        switch setup.balancer.policy {
        case _ where setup.balancer.kind == .none: self = .even
        case .roundRobin, .leastConn: self = .even
        // nginx's cookie is a random value, hashed.
        case .cookie: self = setup.balancer.kind == .nginx ? .independent(.of(.nginx)) : .even
        case .source: self = .independent(.of(setup.balancer.kind))
        case .room: self = .byFirstRoom(.of(setup.balancer.kind))
        }
    }
}
