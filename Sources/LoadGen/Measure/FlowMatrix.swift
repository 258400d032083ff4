/// Deliveries from each instance to each: instances by their numbers in ``InstanceNames``.
struct FlowMatrix: Sendable, Equatable {
    /// The setups' most; beyond it the last one stands for the rest.
    private static let width = Setup.maximumInstances
    /// Made at the first delivery: most loops of a small run have few.
    private var counts: [Int] = []

    mutating func add(from: Int, to: Int) {
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.width * Self.width) }
        counts[min(from, Self.width - 1) * Self.width + min(to, Self.width - 1)] += 1
    }

    func merging(_ other: FlowMatrix) -> FlowMatrix {
        guard !counts.isEmpty, !other.counts.isEmpty else { return counts.isEmpty ? other : self }
        var sum = self
        for (index, count) in other.counts.enumerated() { sum.counts[index] += count }
        return sum
    }

    /// The part of the deliveries, 0 to 1, that came from another instance.
    var crossShare: Double {
        let all = counts.reduce(0, +)
        let same = (0..<Self.width).reduce(0) { $0 + (counts.isEmpty ? 0 : counts[$1 * Self.width + $1]) }
        return all > 0 ? Double(all - same) / Double(all) : 0
    }

    /// Those that are not 0, by the senders' names, then the receivers'.
    func named(_ names: [String]) -> [Summary.Flow] {
        func name(_ number: Int) -> String { names.indices.contains(number) ? names[number] : "?" }
        let flows = counts.enumerated().filter { $0.element > 0 }.map { index, count in
            Summary.Flow(from: name(index / Self.width), to: name(index % Self.width), deliveries: count)
        }
        return flows.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }
}
