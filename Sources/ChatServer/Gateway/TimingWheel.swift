import NIOCore

/// Coarse timers for many connections: a hashed timing wheel (Varghese and Lauck, 1987), confined to one event loop.
///
/// A connection's ping costs an array element here, where a scheduled task of the loop costs a heap entry and an
/// allocation. Timers fire up to a tick late, and cannot be cancelled: who no longer cares ignores them.
struct TimingWheel<Element> {
    private var slots: [[Element]]
    private var current = 0
    let tick: TimeAmount

    /// The longest delay is `tick * (slots - 1)`.
    init(tick: TimeAmount, slots: Int) {
        self.tick = tick
        self.slots = Array(repeating: [], count: slots)
    }

    /// Fires after the delay, cut to the wheel's horizon.
    mutating func schedule(_ element: Element, in delay: TimeAmount) {
        // One more, since the present tick is partly over: late is allowed, early is not.
        let ticks = 1 + (delay.nanoseconds + tick.nanoseconds - 1) / tick.nanoseconds
        slots[(current + min(Int(ticks), slots.count - 1)) % slots.count].append(element)
    }

    /// Goes on by one tick.
    /// - Returns: what is due.
    mutating func advance() -> [Element] {
        current = (current + 1) % slots.count
        let due = slots[current]
        slots[current] = []
        return due
    }
}
