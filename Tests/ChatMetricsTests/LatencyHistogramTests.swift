import Foundation
import Testing

@testable import ChatMetrics

@Suite struct LatencyHistogramTests {
    /// Values spread over nine decades, as a log-uniform distribution.
    private static func values(_ count: Int, seed: UInt64) -> [Int64] {
        var generator = SplitMix(seed: seed)
        return (0..<count).map { _ in Int64(exp(Double.random(in: 0...log(3e12), using: &generator))) }
    }

    private static func recorded(_ values: [Int64]) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for value in values { histogram.record(value) }
        return histogram
    }

    @Test(arguments: [1, 2, 10, 999, 1_000, 20_011])
    func percentilesAgreeWithASortedArray(count: Int) {
        let values = Self.values(count, seed: UInt64(count))
        let sorted = values.sorted()
        let histogram = Self.recorded(values)
        for percentile in [0, 0.01, 1, 25, 50, 75, 90, 99, 99.9, 99.99, 99.999, 100] {
            let rank = max(1, Int((percentile.nextDown * Double(count) / 100).rounded(.up)))
            let exact = sorted[rank - 1]
            let found = histogram.percentile(percentile)
            #expect(found >= exact, "p\(percentile)")
            #expect(Double(found - exact) <= Double(exact) / 1024, "p\(percentile): \(found), exactly \(exact)")
        }
        #expect(histogram.percentile(0) == sorted.first)
        #expect(histogram.percentile(100) == sorted.last)
        #expect(histogram.count == UInt64(count))
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(count)
        #expect(abs(histogram.mean - mean) <= mean * 1e-12)
    }

    @Test func smallValuesAreExact() {
        for value in [0, 1, 2, 999, 1_000, 2_047] as [Int64] {
            let histogram = Self.recorded([value, 5_000_000])
            #expect(histogram.percentile(50) == value)
        }
    }

    @Test func summary() throws {
        let histogram = Self.recorded((1...1_000).map { Int64($0) })
        let summary = histogram.summary
        #expect(
            summary
                == LatencySummary(
                    count: 1_000,
                    min: 1,
                    mean: 501,
                    p50: 500,
                    p90: 900,
                    p99: 990,
                    p999: 999,
                    p9999: 1_000,
                    max: 1_000
                )
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(summary), as: UTF8.self)
        let figures = #""p50":500,"p90":900,"p99":990,"p999":999,"p9999":1000"#
        #expect(json == #"{"count":1000,"max":1000,"mean":501,"min":1,\#(figures)}"#)
    }

    @Test func emptyIsAllZero() {
        let histogram = LatencyHistogram()
        #expect(histogram.summary == LatencySummary())
        #expect(histogram.percentile(50) == 0 && histogram.percentile(100) == 0)
        #expect(histogram.min == 0 && histogram.max == 0 && histogram.mean == 0)
    }

    @Test func nothingIsDropped() {
        let histogram = Self.recorded([-1, .min, 0, 5, LatencyHistogram.highest, LatencyHistogram.highest + 1, .max])
        #expect(histogram.count == 7)
        #expect(histogram.negative == 2)
        #expect(histogram.aboveRange == 2)
        #expect(histogram.min == 0)
        #expect(histogram.max == LatencyHistogram.highest)
        #expect(histogram.percentile(40) == 0)
        #expect(histogram.percentile(60) == LatencyHistogram.highest)
    }

    /// A total of six million hours, which 64 bits can't hold: neither figures nor text may trap.
    @Test func aGreatTotalDoesNotOverflow() {
        var histogram = Self.recorded([.max])
        for _ in 0..<23 {
            let other = histogram
            histogram.merge(other)
        }
        #expect(histogram.count == 1 << 23)
        #expect(histogram.mean == Double(LatencyHistogram.highest))
        #expect(histogram.summary.p50 == LatencyHistogram.highest)
        #expect(histogram.hgrm().contains("8388608"))
    }

    @Test func mergingIsRecordingAllInOne() {
        let values = Self.values(9_000, seed: 3) + [-5, .max]
        var merged = LatencyHistogram()
        for part in 0..<4 {
            merged.merge(Self.recorded(values.indices.filter { $0 % 4 == part }.map { values[$0] }))
        }
        merged.merge(LatencyHistogram())
        let all = Self.recorded(values)
        #expect(merged.summary == all.summary)
        #expect(merged.negative == 1 && merged.aboveRange == 1)
        #expect(merged.hgrm() == all.hgrm())
        var fromEmpty = LatencyHistogram()
        fromEmpty.merge(LatencyHistogram())
        #expect(fromEmpty.summary == LatencySummary())
    }

    @Test func copiesAreApart() {
        var histogram = Self.recorded([10])
        let copy = histogram
        histogram.record(20)
        #expect(copy.count == 1 && copy.max == 10)
        #expect(histogram.count == 2)
    }
}
