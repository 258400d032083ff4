import ChatProtocol

/// The order of one room's messages at one receiver: `seq` is the truth, whatever the broker did.
///
/// Pure. Equal to what is expected: deliver; lower: drop; higher: hold, and read the hole from the store.
struct RoomStream<Element> {
    enum Verdict {
        /// Deliver these, in this order.
        case deliver([Element])
        case drop
        /// Held back behind a ``hole``.
        case hold
        /// Held back until ``start(after:)``.
        case wait
    }

    /// The `seq` that comes next; nil before the start.
    private(set) var next: Sequence64?
    private var held: [Sequence64: Element] = [:]
    /// What comes beyond this many held ones is dropped: the store has it too.
    private let bound: Int

    init(bound: Int = 4096) {
        self.bound = bound
    }

    var heldCount: Int { held.count }

    /// What is missing before the first that is held back; nil if nothing is.
    var hole: ClosedRange<Sequence64>? {
        guard let next, let first = held.keys.min() else { return nil }
        return next...first - 1
    }

    mutating func offer(_ seq: Sequence64, _ element: Element) -> Verdict {
        guard let next else {
            guard held.count < bound || held[seq] != nil else { return .drop }
            held[seq] = element
            return .wait
        }
        guard seq >= next else { return .drop }
        guard seq == next else {
            guard held[seq] == nil, held.count < bound else { return .drop }
            held[seq] = element
            return .hold
        }
        self.next = next + 1
        return .deliver([element] + takeHeld())
    }

    /// Starts behind a `seq`, if not started yet.
    /// - Returns: what was held and can be delivered now.
    mutating func start(after seq: Sequence64) -> [Element] {
        guard next == nil else { return [] }
        next = seq + 1
        held = held.filter { $0.key > seq }
        return takeHeld()
    }

    private mutating func takeHeld() -> [Element] {
        guard !held.isEmpty else { return [] }
        var elements: [Element] = []
        while let next, let element = held.removeValue(forKey: next) {
            elements.append(element)
            self.next = next + 1
        }
        return elements
    }
}
