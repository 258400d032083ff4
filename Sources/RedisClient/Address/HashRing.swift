/// Consistent hashing (Karger and others, 1997): which server a room belongs to.
///
/// A server stands at many points of a ring of 64-bit numbers, and a room belongs to the next point. The points depend
/// on the servers' names alone, so every process with the same servers, in whatever order, places rooms alike; and a
/// server that goes moves its own rooms only.
package struct HashRing: Sendable {
    /// More points spread the rooms more evenly: 160 keep the fullest of a few servers within about 1.2 of the mean.
    static let pointsPerServer = 160

    private let points: [(position: UInt64, server: Int)]

    /// - Parameter names: one for each server, at least one.
    package init(names: [String]) {
        precondition(!names.isEmpty, "a ring wants a server")
        var points: [(position: UInt64, server: Int)] = []
        points.reserveCapacity(names.count * Self.pointsPerServer)
        for (server, name) in names.enumerated() {
            let seed = Self.hash(name.utf8)
            for point in 0..<UInt64(Self.pointsPerServer) {
                points.append((Self.mix(seed &+ point &* 0x9E37_79B9_7F4A_7C15), server))
            }
        }
        // A tie goes to the lesser name, not to the lesser index: the order given must not matter.
        self.points = points.sorted { ($0.position, names[$0.server]) < ($1.position, names[$1.server]) }
    }

    package init(_ groups: [RedisGroup]) {
        self.init(names: groups.map(\.name))
    }

    /// - Returns: the index of the room's server, as given to the initializer.
    package func server(of room: Int64) -> Int {
        let position = Self.mix(UInt64(bitPattern: room) &+ 0x9E37_79B9_7F4A_7C15)
        var (low, high) = (0, points.count)
        while low < high {
            let middle = (low + high) / 2
            if points[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return points[low == points.count ? 0 : low].server
    }

    /// FNV-1a, 64 bits: the same in every process, as `Hasher` is not.
    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// The finalizer of splitmix64 (Steele, Lea and Flood, 2014), which spreads near numbers over the ring.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
