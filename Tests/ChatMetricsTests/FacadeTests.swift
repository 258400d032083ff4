import Metrics
import Testing

@testable import ChatMetrics

@Suite struct FacadeTests {
    let registry = MetricsRegistry()

    private func scrape() throws -> MetricsScrape { try MetricsScrape.parse(self.registry.text()) }

    @Test func counters() throws {
        let counter = Counter(label: "http.requests", dimensions: [("http.method", "GET")], factory: self.registry)
        counter.increment(by: 3)
        counter.increment()
        Counter(label: "http.requests", dimensions: [("http.method", "GET")], factory: self.registry).increment()
        let fractions = FloatingPointCounter(label: "work", factory: self.registry)
        fractions.increment(by: 0.25)
        fractions.increment(by: 0.5)
        var scrape = try self.scrape()
        #expect(scrape.value("http_requests_total", ["http_method": "GET"]) == 5)
        #expect(scrape.value("work_total") == 0.75)
        counter.reset()
        scrape = try self.scrape()
        #expect(scrape.value("http_requests_total") == 0)
    }

    @Test func gaugesAndMeters() throws {
        Gauge(label: "queue depth", factory: self.registry).record(12)
        let meter = Meter(label: "active", factory: self.registry)
        meter.set(5)
        meter.increment(by: 2.5)
        meter.decrement()
        let scrape = try self.scrape()
        #expect(scrape.value("queue_depth") == 12)
        #expect(scrape.value("active") == 6.5)
        #expect(scrape.types["active"] == "gauge")
    }

    @Test func recordersAndTimers() throws {
        let recorder = Recorder(label: "size", factory: self.registry)
        recorder.record(5)
        recorder.record(0.5)
        recorder.record(Double.nan)
        let timer = Timer(label: "wait", dimensions: [("le", "x"), ("a b", "y")], factory: self.registry)
        timer.recordMilliseconds(2)
        let scrape = try self.scrape()
        #expect(scrape.value("size_bucket", ["le": "1"]) == 1)
        #expect(scrape.value("size_bucket", ["le": "+Inf"]) == 2)
        #expect(scrape.value("size_sum") == 5.5)
        #expect(scrape.value("size_count") == 2)
        #expect(scrape.value("wait_seconds_bucket", ["le": "0.001", "a_b": "y"]) == 0)
        #expect(scrape.value("wait_seconds_bucket", ["le": "0.0025", "a_b": "y"]) == 1)
        #expect(scrape.value("wait_seconds_sum") == 0.002)
    }

    @Test func oneLabelForTwoKindsGetsTwoNames() throws {
        Counter(label: "x", factory: self.registry).increment()
        Gauge(label: "x", factory: self.registry).record(7)
        let scrape = try self.scrape()
        #expect(scrape.value("x_total") == 1)
        #expect(scrape.value("x_gauge") == 7)
    }

    @Test func destroyTakesTheSeriesAway() throws {
        let direct = self.registry.counter("direct_total", help: "Ours.")
        let counter = Counter(label: "lib", dimensions: [("a", "1")], factory: self.registry)
        let gauge = Gauge(label: "level", factory: self.registry)
        let sameAsDirect = Counter(label: "direct", factory: self.registry)
        sameAsDirect.increment()
        counter.destroy()
        gauge.destroy()
        sameAsDirect.destroy()
        #expect(direct.value == 1)
        let scrape = try self.scrape()
        #expect(scrape.samples == [MetricSample(name: "direct_total", value: 1)])
        #expect(scrape.types == ["direct_total": "counter"])
        Counter(label: "level", factory: self.registry).increment()
        #expect(try self.scrape().value("level_total") == 1)
    }

    @Test(arguments: [
        ("http.server.duration", "http_server_duration"), ("9lives", "_9lives"), ("", "_"), ("a:b", "a:b"),
        ("größe", "gr____e"),
    ])
    func sanitizes(label: String, name: String) {
        #expect(MetricText.sanitizedMetricName(label) == name)
        #expect(MetricText.isMetricName(name))
    }
}
