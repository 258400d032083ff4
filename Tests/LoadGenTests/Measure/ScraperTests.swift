import ChatMetrics
import Testing

@testable import LoadGen

@Suite struct ScraperTests {
    private static func reading(_ text: String) throws -> Scraper.Reading {
        Scraper.Reading(try MetricsScrape.parse(text), of: "a", at: 1.5)
    }

    @Test func readsAPage() throws {
        let reading = try Self.reading(
            """
            chat_connections 12
            chat_messages_persisted_total 34
            chat_message_deliveries_total{path="local"} 5
            chat_message_deliveries_total{path="replay"} 6
            process_cpu_seconds_total 1.25
            process_resident_memory_bytes 4.5e+07

            """)
        let expected = Scraper.Reading(
            second: 1.5, instance: "a", connections: 12, persisted: 34, deliveries: 11, cpuSeconds: 1.25,
            residentBytes: 45_000_000, replayed: 6)
        #expect(reading == expected)
    }

    /// Legal in the format, and no count.
    @Test(arguments: ["NaN", "+Inf", "-Inf", "1e300", "-1e300"])
    func whatIsNoCountIsNone(value: String) throws {
        let reading = try Self.reading(
            """
            chat_connections \(value)
            chat_messages_persisted_total \(value)
            chat_message_deliveries_total{path="local"} \(value)
            process_cpu_seconds_total \(value == "1e300" || value == "-1e300" ? "NaN" : value)
            process_resident_memory_bytes \(value)

            """)
        let expected = Scraper.Reading(
            second: 1.5, instance: "a", connections: 0, persisted: 0, deliveries: 0, cpuSeconds: 0, residentBytes: 0)
        #expect(reading == expected)
    }

    /// Killed at 40, of which 30 were read; started again, it counts from 0.
    @Test func growthGoesOnOverARestart() {
        func reading(_ second: Double, _ count: Int, start: Double) -> Scraper.Reading {
            Scraper.Reading(
                second: second, instance: "a", connections: 0, persisted: count, deliveries: 0, cpuSeconds: 0,
                residentBytes: 0, processStart: start)
        }
        let readings = [
            reading(1, 10, start: 5), reading(2, 30, start: 5), reading(4, 2, start: 9), reading(5, 7, start: 9),
        ]
        #expect(readings.growth(\.persisted) == 20 + 7)
        #expect(Array(readings.prefix(2)).growth(\.persisted) == 20)
        #expect(Array(readings.prefix(1)).growth(\.persisted) == 0)
        #expect([Scraper.Reading]().growth(\.persisted) == 0)
    }

    @Test func anEmptyPageIsAllZero() throws {
        #expect(try Self.reading("").connections == 0)
    }
}
