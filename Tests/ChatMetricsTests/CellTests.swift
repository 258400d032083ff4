import Dispatch
import Testing

@testable import ChatMetrics

@Suite struct CellTests {
    @Test func counterOnlyRises() {
        let counter = CounterCell()
        counter.increment()
        counter.increment(by: 41)
        counter.increment(by: 0)
        counter.increment(by: -5)
        #expect(counter.value == 42)
        counter.reset()
        #expect(counter.value == 0)
    }

    @Test func gaugeMixesStepsAndValues() {
        let gauge = GaugeCell()
        gauge.add(5)
        gauge.add(-7)
        #expect(gauge.value == -2)
        gauge.set(10.5)
        #expect(gauge.value == 10.5)
        gauge.add(2)
        gauge.add(fraction: 0.25)
        #expect(gauge.value == 12.75)
        gauge.set(0)
        #expect(gauge.value == 0)
    }

    @Test func gaugeSetFromAnotherThreadForgetsEveryStep() {
        let gauge = GaugeCell()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in gauge.add(3) }
        gauge.set(1)
        #expect(gauge.value == 1)
    }

    /// Each bound in nanoseconds: one below and the bound itself are in its bucket, one above is in the next.
    @Test(arguments: ChatBuckets.seconds.indices)
    func valueOnABoundIsInItsBucket(index: Int) {
        let bound = Int64((ChatBuckets.seconds[index] * 1e9).rounded())
        for (value, bucket) in [(bound - 1, index), (bound, index), (bound + 1, index + 1)] {
            let histogram = HistogramCell(scale: .seconds, bounds: ChatBuckets.seconds)
            histogram.observe(nanoseconds: value)
            let expected = (0...ChatBuckets.seconds.count).map { Int64($0 >= bucket ? 1 : 0) }
            #expect(histogram.cumulativeCounts == expected)
        }
    }

    @Test func rowsAreCountedByPowersOfTwo() {
        #expect(ChatBuckets.rows == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
        let histogram = HistogramCell(scale: .count, bounds: ChatBuckets.rows)
        for rows in [1, 2, 3, 4, 5, 512, 513] as [Int64] { histogram.observe(count: rows) }
        #expect(histogram.cumulativeCounts == [1, 2, 4, 5, 5, 5, 5, 5, 5, 6, 7])
        #expect(histogram.sum == 1040)
        #expect(histogram.count == 7)
    }

    @Test func bucketSearchAgreesWithALinearOne() {
        let bounds: [Double] = [0, 3, 4, 5, 6, 7, 100, 1e6, 1e18]
        var generator = SplitMix(seed: 7)
        for _ in 0..<2_000 {
            let value = Int64(generator.next() >> 1) >> Int64(generator.next() % 63)
            let histogram = HistogramCell(scale: .count, bounds: bounds)
            histogram.observe(count: value)
            let bucket = bounds.firstIndex { value <= Int64($0) } ?? bounds.count
            #expect(histogram.cumulativeCounts.firstIndex(of: 1) == bucket, "\(value)")
        }
    }

    @Test(arguments: [Int64.min, -1, 0])
    func durationsBelowZeroCountAsZero(value: Int64) {
        let histogram = HistogramCell(scale: .seconds, bounds: ChatBuckets.seconds)
        histogram.observe(nanoseconds: value)
        #expect(histogram.cumulativeCounts.first == 1)
        #expect(histogram.sum == 0)
    }

    @Test func hugeValuesAreInTheLastBucket() {
        let histogram = HistogramCell(scale: .seconds, bounds: ChatBuckets.seconds)
        histogram.observe(nanoseconds: .max)
        #expect(histogram.cumulativeCounts.dropLast().allSatisfy { $0 == 0 })
        #expect(histogram.count == 1)
    }

    @Test func additionsOfManyThreadsAreAllThere() {
        let counter = CounterCell()
        let gauge = GaugeCell()
        let fractions = FloatCounterCell()
        let histogram = HistogramCell(scale: .seconds, bounds: ChatBuckets.seconds)
        let threads = 12
        let rounds = 20_000
        onThreads(threads) { thread in
            for round in 0..<rounds {
                counter.increment(by: 2)
                gauge.add(thread % 2 == 0 ? 3 : -1)
                fractions.increment(by: 0.5)
                histogram.observe(nanoseconds: Int64(round) * 1_000)
            }
        }
        #expect(counter.value == Int64(2 * threads * rounds))
        #expect(gauge.value == Double(threads * rounds))
        #expect(fractions.value == Double(threads * rounds) / 2)
        #expect(histogram.count == Int64(threads * rounds))
        let sum = Double(threads * rounds * (rounds - 1) / 2) * 1_000 / 1e9
        #expect(histogram.sum == sum)
    }
}
