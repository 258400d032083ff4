import ChatProtocol

/// What one receiver has had of one room: the next `seq` it waits for, and what came beyond it. Pure and small, since
/// a run has one for every membership.
struct ReceiverTrack: Sendable, Equatable {
    enum Verdict: Equatable {
        case inOrder
        /// Nothing wrong yet: what is between may come late, or never.
        case early
        /// It comes after a later one.
        case outOfOrder
        case duplicate
    }

    /// The room's `seq` when the receiver joined; it expects everything after.
    let base: Sequence64
    private(set) var next: Sequence64
    /// Ranges beyond `next` that came already, ascending, disjoint, not touching; nearly always empty.
    private(set) var early: [ClosedRange<Sequence64>] = []

    init(base: Sequence64) {
        self.base = base
        self.next = base + 1
    }

    /// The highest `seq` that came, or `base`.
    var highest: Sequence64 { early.last?.upperBound ?? next - 1 }

    mutating func received(_ seq: Sequence64) -> Verdict {
        if seq == next {
            next += 1
            guard let first = early.first else { return .inOrder }
            if first.lowerBound == next {
                next = first.upperBound + 1
                early.removeFirst()
            }
            return .outOfOrder
        }
        guard seq > next, !early.contains(where: { $0.contains(seq) }) else { return .duplicate }
        let isLate = seq < highest
        insert(seq)
        return isLate ? .outOfOrder : .early
    }

    private mutating func insert(_ seq: Sequence64) {
        let index = early.firstIndex { $0.lowerBound > seq } ?? early.count
        var range = seq...seq
        var place = index
        if index < early.count, early[index].lowerBound == seq + 1 {
            range = seq...early[index].upperBound
            early.remove(at: index)
        }
        if place > 0, early[place - 1].upperBound == seq - 1 {
            place -= 1
            range = early[place].lowerBound...range.upperBound
            early.remove(at: place)
        }
        early.insert(range, at: place)
    }

    /// The `seq`s up to `last` that never came.
    func missing(through last: Sequence64) -> [ClosedRange<Sequence64>] {
        var holes: [ClosedRange<Sequence64>] = []
        var start = next
        for range in early where range.lowerBound <= last {
            if range.lowerBound > start { holes.append(start...range.lowerBound - 1) }
            start = range.upperBound + 1
        }
        if start <= last { holes.append(start...last) }
        return holes
    }
}
