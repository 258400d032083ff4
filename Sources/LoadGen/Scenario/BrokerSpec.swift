import Yams

enum BrokerKind: String, Sendable, CaseIterable {
    case memory, redis
}

/// What carries messages between a setup's instances.
struct BrokerSpec: Sendable, Equatable {
    /// How many Redis servers there are, and what they know of each other.
    enum Layout: Sendable, Equatable {
        /// They know nothing of each other; ChatServer spreads the rooms.
        case servers(Int)
        /// One Redis Cluster with so many masters.
        case cluster(Int)
    }

    static let memory = BrokerSpec(kind: .memory)
    static let redis = BrokerSpec(kind: .redis)
    /// Of independent servers.
    static let servers = 1...16
    /// Of a cluster: fewer than three masters do not form one.
    static let nodes = 3...16

    var kind: BrokerKind
    var layout = Layout.servers(1)

    /// Its value in a setup file.
    var yaml: String {
        switch layout {
        case .servers(1): kind.rawValue
        case .servers(let count): "{kind: \(kind.rawValue), servers: \(count)}"
        case .cluster(let count): "{kind: \(kind.rawValue), cluster: \(count)}"
        }
    }

    /// `redis`, or `{kind: redis, servers: 2}`, or `{kind: redis, cluster: 3}`.
    static func read(_ node: Node, _ diagnostics: inout Diagnostics) -> BrokerSpec? {
        guard node.mapping != nil else {
            return diagnostics.choice(node, "broker", as: BrokerKind.self).map { BrokerSpec(kind: $0) }
        }
        let keys = ["kind", "servers", "cluster"]
        guard let mapping = MappingReader(node, place: "'broker'", keys: keys, &diagnostics) else { return nil }
        let kind = diagnostics.choice(mapping.optional("kind"), "kind", as: BrokerKind.self)
        let servers = diagnostics.integer(mapping.optional("servers"), "servers", in: Self.servers)
        let hint = "three masters are the least that form a Redis Cluster"
        let cluster = diagnostics.integer(mapping.optional("cluster"), "cluster", in: nodes, why: hint)
        if mapping.has("servers"), let clusterNode = mapping.optional("cluster") {
            let hint = "give servers or cluster"
            diagnostics.report("Redis is either so many servers or one cluster", hint: hint, at: clusterNode)
        }
        if kind == .memory, let layout = mapping.optional("servers") ?? mapping.optional("cluster") {
            diagnostics.report("a memory broker has no servers", hint: "use kind: redis", at: layout)
        }
        var spec = BrokerSpec(kind: kind ?? .redis)
        if let servers { spec.layout = .servers(servers) }
        if let cluster { spec.layout = .cluster(cluster) }
        return spec
    }
}
