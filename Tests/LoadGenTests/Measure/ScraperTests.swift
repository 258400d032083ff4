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

    @Test func anEmptyPageIsAllZero() throws {
        #expect(try Self.reading("").connections == 0)
    }
}
