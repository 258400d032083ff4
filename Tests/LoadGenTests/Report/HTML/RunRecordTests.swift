import Foundation
import Testing

@testable import LoadGen

@Suite struct RunRecordTests {
    @Test func readsTheTimelineByTheNamesOfItsColumns() throws {
        let old = try TimelinePoint.read(
            """
            second,phase,offered,sent,acked,delivered,p50_ns,p99_ns,connections,generator_lag_ns
            0,connect,0,0,0,0,0,0,200,0
            1,"a, ""b""\",10,10,9,180,1000,5000,200,70

            """)
        #expect(old.count == 2)
        #expect(old[0].p50 == nil, "a second without deliveries has no latency")
        #expect(old[1].phase == "a, \"b\"")
        #expect(old[1].p50 == 1_000 && old[1].p99 == 5_000 && old[1].acked == 9)
        #expect(old[1].p90 == nil && old[1].max == nil && old[1].disconnected == nil)

        let new = try TimelinePoint.read(
            "max_ns,second,delivered,p50_ns,p90_ns,p99_ns,p999_ns,reconnected,disconnected,later\n9,3,7,1,2,3,4,5,6,x\n"
        )
        #expect(
            new.map { [$0.p50, $0.p90, $0.p99, $0.p999, $0.max, $0.reconnected, $0.disconnected] } == [
                [1, 2, 3, 4, 9, 5, 6]
            ])
        #expect(new[0].second == 3 && new[0].connections == nil)
    }

    /// What a killed program leaves behind is no reason to lose the rest; a hole in the middle is.
    @Test func aShortLastLineIsLeftOut() throws {
        #expect(try TimelinePoint.read("second,phase,sent\n0,a,1\n1,a").count == 1)
        #expect(try TimelinePoint.read("").isEmpty)
        #expect(throws: CSVTable.Malformed.self) { try TimelinePoint.read("second,phase,sent\n0,a\n1,a,2\n") }
    }

    @Test func downsamplingKeepsTheWorst() {
        let rows = (0..<1_000).map { second in
            TimelinePoint(
                second: Double(second), sent: 10, p99: second == 501 ? 9e9 : 1e6, connections: Double(second),
                disconnected: 1)
        }
        let small = rows.downsampled(to: 240)
        #expect(small.count <= 240)
        #expect(small.compactMap(\.p99).max() == 9e9)
        #expect(small.compactMap(\.disconnected).reduce(0, +) == 1_000)
        #expect(small[0].connections == 4 && small[0].sent == 10 && small[0].second == 2)
        #expect(rows.prefix(3).map { $0 } == Array(rows.prefix(3)).downsampled(to: 3))
    }

    @Test func readsADistribution() throws {
        let curve = try PercentileCurve.read(
            """
                   Value     Percentile TotalCount 1/(1-Percentile)

                0.500000 0.000000000000          1           1.00
                1.000000 0.500000000000        500           2.00
                7.000000 0.990000000000        990         100.00
                9.000000 1.000000000000       1000
            #[Mean    =        1.200000, StdDeviation   =        0.100000]
            """)
        #expect(curve.points.count == 4)
        #expect(curve.value(at: 0.5) == 1e6 && curve.value(at: 0.9) == 7e6 && curve.value(at: 1) == 9e6)
        #expect(curve.total == 1_000 && curve.reaches(0.999) && !curve.reaches(0.9999))
        #expect(throws: PercentileCurve.Malformed.self) { try PercentileCurve.read("1.0 2.0 3\n") }
    }

    @Test func ratesComeFromCounters() throws {
        let readings = try ServerReading.read(
            """
            second,instance,connections,persisted,deliveries,cpu_seconds,rss_bytes
            0.000,b,0,0,0,1.0,1
            0.000,a,0,0,0,1.0,1
            5.000,a,2,100,2000,2.0,3
            5.100,a,2,100,2000,2.0,3
            10.000,a,2,10,2100,2.5,3

            """)
        #expect(readings.instances == ["a", "b"])
        let deliveries = readings.rate(\.deliveries, of: "a")
        #expect(deliveries.map(\.x) == [5, 10] && deliveries[0].y == 400)
        #expect(readings.rate(\.persisted, of: "a").last?.y == nil, "a counter that falls was reset")
        #expect(readings.gauge(\.residentBytes, of: "a").map(\.y) == [1, 3, 3, 3])
    }

    @Test func missingFilesAreNamedAndBrokenOnesAreErrors() throws {
        try withTemporaryFolder { out in
            let folder = RunFolder(existing: out)
            #expect(throws: ReportError.self) { try folder.record() }

            try folder.write(summary: SampleSummary.passing)
            let bare = try folder.record()
            #expect(bare.summary == SampleSummary.passing)
            #expect(bare.timeline.isEmpty)
            #expect(bare.missing.prefix(4) == ["timeline.csv", "metrics.csv", "scenario.yaml", "setup.yaml"])
            #expect(bare.missing.contains("latency/deliver.hgrm"))
            #expect(HTMLReport.render(bare).contains("timeline.csv"))

            try folder.write("second,phase\n1\n2,x\n", to: "timeline.csv")
            #expect {
                try folder.record()
            } throws: { error in
                "\(error)".contains("timeline.csv is broken: line 2 has 1 fields where the header has 2")
            }
        }
    }
}
