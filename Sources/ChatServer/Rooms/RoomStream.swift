import ChatProtocol

/// The order of one room's messages at one receiver: `seq` is the truth, whatever the broker did.
///
/// Pure. Equal to what is expected: deliver; lower: drop; higher: hold, and read the hole from the store.
struct RoomStream<Element> {
    enum Verdict {
        /// Deliver these, in this order.
        case deliver([Element])
        case drop
        /// Held back: `missing` must be read from the store.
        case hold(missing: ClosedRange<Sequence64>)
        /// Held back until ``start(after:)``.
        case wait
    }

    /// The `seq` that comes next; nil before the start.
    private(set) var next: Sequence64?
    private var held: [Sequence64: Element] = [:]

    var heldCount: Int { held.count }

    mutating func offer(_ seq: Sequence64, _ element: Element) -> Verdict {
        guard let next else {
            held[seq] = element
            return .wait
        }
        guard seq >= next else { return .drop }
        guard seq == next else {
            let isKnown = held.updateValue(element, forKey: seq) != nil
            return isKnown ? .drop : .hold(missing: next...(held.keys.min() ?? seq) - 1)
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
