/// Addresses that are as good as each other, of which one is used at a time: a single server, or the nodes of a Redis
/// Cluster, whose bus carries what is published on any node to the subscribers of all.
package struct RedisGroup: Hashable, Sendable, CustomStringConvertible {
    /// At least one; those that the configuration named come first.
    package private(set) var servers: [RedisServer]
    package let isCluster: Bool
    /// How many of ``servers`` were configured; the others were learnt from the cluster.
    private let configured: Int

    /// - Parameters:
    ///   - servers: at least one.
    ///   - learnt: further nodes, as the cluster told.
    package init(_ servers: [RedisServer], isCluster: Bool = false, learnt: [RedisServer] = []) {
        precondition(!servers.isEmpty, "a group wants a server")
        self.servers = servers
        self.isCluster = isCluster
        configured = servers.count
        learn(learnt)
    }

    /// Names the group in a ``HashRing``: the same in every process with the same configuration.
    package var name: String { servers[..<configured].map(\.description).sorted().joined(separator: ",") }

    package var description: String { servers.map(\.description).joined(separator: ",") }

    /// Replaces what was learnt before; what was configured stays.
    mutating func learn(_ nodes: [RedisServer]) {
        var known = Array(servers[..<configured])
        for node in nodes where !known.contains(where: { $0.endpoint == node.endpoint }) { known.append(node) }
        servers = known
    }
}
