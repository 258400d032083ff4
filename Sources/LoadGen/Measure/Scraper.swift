import AsyncHTTPClient
import ChatMetrics
import Foundation

/// Reads the servers' `/metrics`: for the summary, and for the run's folder.
actor Scraper {
    /// One server's figures at one instant.
    struct Reading: Sendable, Equatable {
        var second: Double
        var instance: String
        var connections: Int
        var persisted: Int
        var deliveries: Int
        var cpuSeconds: Double
        var residentBytes: Int
    }

    private let targets: [ScrapeTarget]
    private let http: HTTPClient
    private(set) var readings: [Reading] = []
    /// By instance: the first and the last text, and when each was read.
    private(set) var scrapes: [String: RunFolder.Scrape] = [:]
    private(set) var failure: String?

    init(targets: [ScrapeTarget], http: HTTPClient) {
        self.targets = targets
        self.http = http
    }

    /// Scrapes every server once.
    /// - Returns: the readings, by instance.
    @discardableResult
    func scrape(at second: Double) async -> [String: Reading] {
        var result: [String: Reading] = [:]
        for target in targets {
            do {
                let text = try await RestClient(http: http, baseURL: target.baseURL).text("/metrics")
                let scrape = try MetricsScrape.parse(text)
                keep(text, of: target.instance)
                let reading = Reading(
                    second: second,
                    instance: target.instance,
                    connections: Int(scrape.value("chat_connections") ?? 0),
                    persisted: Int(scrape.value("chat_messages_persisted_total") ?? 0),
                    deliveries: Int(scrape.sum("chat_message_deliveries_total")),
                    cpuSeconds: scrape.value("process_cpu_seconds_total") ?? 0,
                    residentBytes: Int(scrape.value("process_resident_memory_bytes") ?? 0)
                )
                readings.append(reading)
                result[target.instance] = reading
            } catch {
                failure = "\(target.baseURL)/metrics: \(error)"
            }
        }
        return result
    }

    private func keep(_ text: String, of instance: String) {
        let now = Date()
        var scrape = scrapes[instance] ?? RunFolder.Scrape(first: text, firstAt: now)
        scrape.last = text
        scrape.lastAt = now
        scrapes[instance] = scrape
    }

    /// `metrics.csv`
    var csv: String {
        let header = "second,instance,connections,persisted,deliveries,cpu_seconds,rss_bytes\n"
        return readings.reduce(into: header) { text, reading in
            text += String(format: "%.3f", reading.second)
            text += ",\(reading.instance),\(reading.connections),\(reading.persisted),\(reading.deliveries)"
            text += ",\(reading.cpuSeconds),\(reading.residentBytes)\n"
        }
    }
}
