import Synchronization

/// One counter of a family: a whole number that only rises.
///
/// Recording is one relaxed atomic addition on the calling thread's own stripe.
package final class CounterCell: Sendable {
    private let words = StripedWords(words: 1)

    init() {}

    /// Adds `amount`. A negative amount is ignored: a counter that falls looks like a restart to Prometheus.
    package func increment(by amount: Int64 = 1) {
        guard amount > 0 else { return }
        self.words.add(amount, to: 0, stripe: self.words.stripe)
    }

    /// The sum over all threads.
    package var value: Int64 { self.words.sum(of: 0) }

    /// Back to zero, for swift-metrics' `Counter.reset()`.
    package func reset() { self.words.reset() }
}

/// A counter of fractions, for swift-metrics' `FloatingPointCounter`; one word, so not for hot paths.
final class FloatCounterCell: Sendable {
    private let sum = AtomicDouble(0)

    init() {}

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        self.sum.add(amount)
    }

    var value: Double { self.sum.value }

    func reset() { self.sum.store(0) }
}

/// A `Double` in an atomic word.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits: Atomic<UInt64>

    init(_ value: Double) { self.bits = Atomic(value.bitPattern) }

    var value: Double { Double(bitPattern: self.bits.load(ordering: .relaxed)) }

    func store(_ value: Double) { self.bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var seen = self.bits.load(ordering: .relaxed)
        while true {
            let wanted = (Double(bitPattern: seen) + amount).bitPattern
            let (exchanged, original) = self.bits.weakCompareExchange(
                expected: seen,
                desired: wanted,
                ordering: .relaxed
            )
            if exchanged { return }
            seen = original
        }
    }
}
