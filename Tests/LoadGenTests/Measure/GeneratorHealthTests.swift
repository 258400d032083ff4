import ChatMetrics
import Testing

@testable import LoadGen

@Suite struct GeneratorHealthTests {
    private static func lag(p50: Int64, p99: Int64, count: UInt64 = 1000) -> LatencySummary {
        LatencySummary(count: count, p50: p50, p99: p99, max: p99)
    }

    @Test(arguments: [
        lag(p50: 0, p99: 0), lag(p50: 100_000, p99: 3_000_000), lag(p50: 5_000_000, p99: 50_000_000),
        // Nothing was sent, so nothing was late; the thresholds say what else is wrong.
        lag(p50: 0, p99: 0, count: 0),
    ])
    func aKeptScheduleIsNoReason(lag: LatencySummary) {
        #expect(GeneratorHealth.voidReason(lag: lag, unsentByGenerator: 0) == nil)
    }

    @Test(arguments: [
        (lag(p50: 0, p99: 50_000_001), 0, "p99"),
        (lag(p50: 5_000_001, p99: 5_000_001), 0, "p50"),
        (lag(p50: 9_000_000, p99: 900_000_000), 0, "p99"),
        (lag(p50: 0, p99: 0), 1, "1 messages were not sent"),
        (lag(p50: 0, p99: 0, count: 0), 2500, "2,500 messages were not sent"),
    ])
    func aBrokenScheduleIsOne(lag: LatencySummary, unsent: Int, words: String) throws {
        let reason = try #require(GeneratorHealth.voidReason(lag: lag, unsentByGenerator: unsent))
        #expect(reason.contains(words))
    }
}
