import Histogram
import Testing

@testable import ChatMetrics

@Suite struct DistributionTests {
    @Test func rowsOfASmallHistogram() {
        var histogram = LatencyHistogram()
        for millisecond in 1...4 { histogram.record(Int64(millisecond) * 1_000_000) }
        let expected = """
                   Value     Percentile TotalCount 1/(1-Percentile)

                1.000447 0.000000000000          1           1.00
                1.000447 0.100000000000          1           1.11
                1.000447 0.200000000000          1           1.25
                2.000895 0.300000000000          2           1.43
                2.000895 0.400000000000          2           1.67
                2.000895 0.500000000000          2           2.00
                3.000319 0.550000000000          3           2.22
                3.000319 0.600000000000          3           2.50
                3.000319 0.650000000000          3           2.86
                3.000319 0.700000000000          3           3.33
                3.000319 0.750000000000          3           4.00
                4.000000 0.775000000000          4           4.44
                4.000000 1.000000000000          4
            #[Mean    =     2.500000, StdDeviation   =     1.117820]
            #[Max     =     4.000000, Total count    =            4]
            #[Buckets =           32, SubBuckets     =         2048]

            """
        #expect(histogram.hgrm() == expected)
    }

    @Test func rowsRiseToTheMaximum() throws {
        var histogram = LatencyHistogram()
        var generator = SplitMix(seed: 11)
        for _ in 0..<50_000 { histogram.record(Int64.random(in: 100...50_000_000, using: &generator)) }
        let lines = histogram.hgrm().split(separator: "\n")
        let header = try #require(lines.first)
        #expect(header.split(separator: " ") == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"])
        let rows = try lines.dropFirst().filter { !$0.hasPrefix("#") }.map { line in
            try line.split(separator: " ").map { try #require(Double($0)) }
        }
        #expect(rows.count > 50)
        #expect(rows.dropLast().allSatisfy { $0.count == 4 })
        #expect(rows.last == [Double(histogram.max) / 1e6, 1, 50_000])
        for (row, next) in zip(rows, rows.dropFirst()) {
            #expect(row[0] <= next[0] && row[1] < next[1] && row[2] <= next[2])
            #expect(abs(1 / (1 - row[1]) - row[3]) <= 0.005 + row[3] * 1e-6)
        }
    }

    /// The library's own text has three decimals and rounds the maximum up, but the same rows at the same percentiles.
    @Test(arguments: [1, 2, 7, 1_000, 30_000])
    func rowsAreThoseOfTheLibrary(count: Int) throws {
        var ours = LatencyHistogram()
        var theirs = Histogram<UInt64>(highestTrackableValue: UInt64(LatencyHistogram.highest))
        var generator = SplitMix(seed: UInt64(count))
        for _ in 0..<count {
            let value = Int64.random(in: 0...9_000_000_000, using: &generator)
            ours.record(value)
            theirs.record(UInt64(value))
        }
        var text = ""
        theirs.outputPercentileDistribution(to: &text, outputValueUnitScalingRatio: 1e6)
        let expected = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
        let rows = ours.hgrm().split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
        #expect(rows.count == expected.count)
        for (row, other) in zip(rows, expected) {
            let columns = row.split(separator: " ")
            let others = other.split(separator: " ")
            #expect(columns.dropFirst() == others.dropFirst())
            let value = try #require(Double(columns[0]))
            let otherValue = try #require(Double(others[0]))
            #expect(value <= otherValue + 0.0005 && value >= otherValue * (1 - 1 / 1024.0) - 0.0005)
        }
    }

    @Test func emptyHasNoRows() {
        let lines = LatencyHistogram().hgrm().split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.last?.hasPrefix("#[Buckets") == true)
    }
}
