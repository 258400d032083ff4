import Foundation

enum StoreKind: String, Sendable, CaseIterable {
    case sqlite, postgres
}

enum BalancerKind: String, Sendable, CaseIterable {
    case none, haproxy, nginx
}

/// Which instance a new connection goes to.
enum BalancerPolicy: String, Sendable, CaseIterable {
    case roundRobin = "round-robin"
    case leastConn = "least-conn"
    /// By the client's address.
    case source
    /// By a cookie that the balancer sets.
    case cookie
    /// By the room in the address, so that a room's members meet on one instance.
    case room
}

/// What stands between the clients and the instances.
struct BalancerSpec: Sendable, Equatable {
    var kind: BalancerKind
    /// Means nothing if `kind` is `none`, and is `roundRobin` then.
    var policy: BalancerPolicy

    init(kind: BalancerKind = .none, policy: BalancerPolicy = .roundRobin) {
        self.kind = kind
        self.policy = policy
    }
}

/// The servers that a scenario runs against: what is started, and how many of it.
///
/// Values that come from `parse` are valid.
struct Setup: Sendable, Equatable {
    static let maximumInstances = 64

    var name: String
    var description: String
    var instances: Int
    var store: StoreKind
    var broker: BrokerSpec
    var balancer: BalancerSpec

    init(
        name: String,
        description: String = "",
        instances: Int = 1,
        store: StoreKind = .sqlite,
        broker: BrokerSpec = .memory,
        balancer: BalancerSpec = BalancerSpec()
    ) {
        self.name = name
        self.description = description
        self.instances = instances
        self.store = store
        self.broker = broker
        self.balancer = balancer
    }
}
