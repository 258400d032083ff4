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
        /// When the process started, in seconds since 1970: another one counts from 0.
        var processStart = 0.0
        /// What the server calls itself: behind one address there may be several.
        var name = ""
        /// Messages that it gave to the broker, and that the broker gave to it (its own among them).
        var published = 0
        var brokerReceived = 0
        /// Rooms with a member on it, at this instant.
        var rooms = 0
        /// Joins that asked for what was missed: a read of the store each. And the messages that came of it.
        var recoveries = 0
        var replayed = 0
    }

    /// Of one page; a server that is slower has no reading at that instant.
    private static let timeout = Duration.seconds(2)

    private let targets: [ScrapeTarget]
    private let http: HTTPClient
    private var isScraping = false
    private(set) var readings: [Reading] = []
    /// By instance: the first and the last text, and when each was read.
    private(set) var scrapes: [String: RunFolder.Scrape] = [:]
    /// By instance: why its last page could not be read; empty if all could.
    private var failures: [String: String] = [:]

    init(targets: [ScrapeTarget], http: HTTPClient) {
        self.targets = targets
        self.http = http
    }

    /// The servers that gave their metrics before and did not at last; nil if there is none. A server that never gave
    /// any, as a foreign one may, is no failure.
    var failure: String? {
        let gone = failures.filter { scrapes[$0.key] != nil }
        return gone.isEmpty ? nil : gone.values.sorted().joined(separator: "; ")
    }

    /// Scrapes every server once, all at the same time, within the timeout.
    func scrape(at second: Double) async {
        isScraping = true
        defer { isScraping = false }
        var pages: [Page] = []
        await withTaskGroup(of: Page.self) { group in
            for target in targets { group.addTask { [http] in await Self.read(target, http) } }
            for await page in group { pages.append(page) }
        }
        for page in pages { keep(page, at: second) }
    }

    /// What one server answered.
    private struct Page: Sendable {
        var target: ScrapeTarget
        var text = ""
        var metrics: MetricsScrape?
        var failure = ""
    }

    private static func read(_ target: ScrapeTarget, _ http: HTTPClient) async -> Page {
        do {
            let text = try await RestClient(http: http, baseURL: target.baseURL, timeout: timeout).text("/metrics")
            return Page(target: target, text: text, metrics: try MetricsScrape.parse(text))
        } catch {
            return Page(target: target, failure: "\(target.baseURL)/metrics: \(Cause.text(error))")
        }
    }

    /// Scrapes, unless the last scrape is still under way.
    func scrapeIfIdle(at second: Double) async {
        if !isScraping { await scrape(at: second) }
    }

    private func keep(_ page: Page, at second: Double) {
        let instance = page.target.instance
        guard let metrics = page.metrics else {
            failures[instance] = page.failure
            return
        }
        let now = Date()
        var scrape = scrapes[instance] ?? RunFolder.Scrape(first: page.text, firstAt: now)
        scrape.last = page.text
        scrape.lastAt = now
        scrapes[instance] = scrape
        failures[instance] = nil
        readings.append(Reading(metrics, of: instance, at: second))
    }

    /// What the servers at a target call themselves: more than one name, and a balancer answers there.
    private func names(of instance: String) -> Set<String> {
        Set(readings.filter { $0.instance == instance }.map(\.name))
    }

    /// `metrics.csv`
    var csv: String {
        let header = "second,instance,connections,persisted,deliveries,cpu_seconds,rss_bytes,recoveries,replayed\n"
        let mixed = Set(targets.map(\.instance).filter { names(of: $0).count > 1 })
        return readings.reduce(into: header) { text, reading in
            text += String(format: "%.3f", reading.second)
            let instance = mixed.contains(reading.instance) ? reading.name : reading.instance
            text += ",\(instance),\(reading.connections),\(reading.persisted),\(reading.deliveries)"
            text += ",\(reading.cpuSeconds),\(reading.residentBytes),\(reading.recoveries),\(reading.replayed)\n"
        }
    }
}

extension [Scraper.Reading] {
    /// How far a counter has come from the first of these readings of one server to the last. A process that was started
    /// again counts from 0 (as PromQL's `increase()` has it); what it counted after its last reading is not known.
    func growth<N: AdditiveArithmetic>(_ counter: (Scraper.Reading) -> N) -> N {
        zip(self, dropFirst()).reduce(.zero) { sum, pair in
            let isSame = pair.0.processStart == pair.1.processStart
            return sum + counter(pair.1) - (isSame ? counter(pair.0) : .zero)
        }
    }
}

extension Scraper.Reading {
    /// What a page says. A missing value is 0; so is one that is no number or has no end, as a page may have them.
    init(_ scrape: MetricsScrape, of instance: String, at second: Double) {
        func count(_ value: Double?) -> Int { value.flatMap { Int(exactly: $0.rounded()) } ?? 0 }
        let cpuSeconds = scrape.value("process_cpu_seconds_total") ?? 0
        self.init(
            second: second,
            instance: instance,
            connections: count(scrape.value("chat_connections")),
            persisted: count(scrape.value("chat_messages_persisted_total")),
            deliveries: count(scrape.sum("chat_message_deliveries_total")),
            cpuSeconds: cpuSeconds.isFinite ? cpuSeconds : 0,
            residentBytes: count(scrape.value("process_resident_memory_bytes")),
            processStart: scrape.value("process_start_time_seconds").flatMap { $0.isFinite ? $0 : nil } ?? 0,
            name: scrape.samples.first { $0.name == "chat_build_info" }?.labels["instance"] ?? "",
            published: count(scrape.value("chat_messages_published_total")),
            brokerReceived: count(scrape.value("chat_broker_lag_seconds_count")),
            rooms: count(scrape.value("chat_rooms_active")),
            recoveries: count(scrape.sum("chat_recoveries_total")),
            replayed: count(scrape.value("chat_message_deliveries_total", ["path": "replay"]))
        )
    }
}
