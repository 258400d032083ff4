/// One gauge of a family: a value that rises and falls.
///
/// Whole steps (`add`) go to the calling thread's own stripe, and cost what a counter costs. `set` and `add` may be
/// mixed: an `add` beside a `set` on another thread counts from the value that was set.
package final class GaugeCell: Sendable {
    /// The value is `base` plus the steps of all stripes, so that `add` needs no compare-and-exchange loop.
    private let base = AtomicDouble(0)
    private let steps = StripedWords(words: 1)

    init() {}

    /// Sets the value. Of two threads that set at once, one wins.
    package func set(_ value: Double) {
        self.base.store(value - Double(self.steps.sum(of: 0)))
    }

    /// Adds a whole, possibly negative, step.
    package func add(_ amount: Int64) {
        self.steps.add(amount, to: 0, stripe: self.steps.stripe)
    }

    /// Adds a fraction: a compare-and-exchange loop on one word, for swift-metrics' `Meter`.
    func add(fraction: Double) { self.base.add(fraction) }

    /// The value, summed over all threads.
    package var value: Double { self.base.value + Double(self.steps.sum(of: 0)) }
}
