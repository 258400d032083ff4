import Testing

@testable import ChatMetrics

@Suite struct RegistryTests {
    @Test func sameNameAndLabelsAreTheSameCell() {
        let registry = MetricsRegistry()
        let first = registry.counter("a_total", help: "A.", labels: [("x", "1"), ("y", "2")])
        #expect(registry.counter("a_total", help: "", labels: [("y", "2"), ("x", "1")]) === first)
        #expect(registry.counter("a", help: "", labels: [("x", "1"), ("y", "2")]) === first)
        #expect(registry.counter("a_total", help: "", labels: [("x", "1")]) !== first)
        let gauge = registry.gauge("g", help: "")
        #expect(registry.gauge("g", help: "") === gauge)
        let histogram = registry.histogram("h", help: "", scale: .count, bounds: [1, 2])
        #expect(registry.histogram("h", help: "", scale: .count, bounds: [1, 2]) === histogram)
    }

    @Test func laterClosureReplacesTheEarlier() throws {
        let registry = MetricsRegistry()
        registry.sampledGauge("g", help: "") { 1 }
        registry.sampledGauge("g", help: "") { 2 }
        let scrape = try MetricsScrape.parse(registry.text())
        #expect(scrape.samples == [MetricSample(name: "g", value: 2)])
    }

    @Test func closuresMayUseTheRegistry() {
        let registry = MetricsRegistry()
        registry.sampledGauge("g", help: "") { registry.gauge("other", help: "").value + 1 }
        #expect(registry.text().contains("\ng 1\n"))
    }

    @Test func wrongRegistrationsStopTheProcess() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry()
            _ = registry.counter("a_total", help: "")
            _ = registry.gauge("a", help: "")
        }
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry()
            registry.sampledGauge("a", help: "") { 0 }
            _ = registry.gauge("a", help: "")
        }
        await #expect(processExitsWith: .failure) {
            _ = MetricsRegistry().histogram("a", help: "", scale: .count, bounds: [2, 1])
        }
    }

    private static func request(
        _ kind: MetricKind,
        _ name: String,
        labels: [(String, String)] = [],
        bounds: [Double]? = nil
    ) -> SeriesRequest {
        let shape = bounds.map { HistogramShape(scale: .count, bounds: $0) }
        return SeriesRequest(kind: kind, name: name, help: "", labels: labels, shape: shape)
    }

    @Test(arguments: [
        request(.gauge, ""),
        request(.gauge, "9a"),
        request(.gauge, "a-b"),
        request(.gauge, "ä"),
        request(.counter, "_total"),
        request(.gauge, "ok", labels: [("a-b", "")]),
        request(.gauge, "ok", labels: [("__reserved", "")]),
        request(.gauge, "ok", labels: [("a", "1"), ("a", "2")]),
        request(.histogram, "ok", labels: [("le", "1")], bounds: [1]),
        request(.histogram, "ok", bounds: []),
        request(.histogram, "ok", bounds: [1, 1]),
        request(.histogram, "ok", bounds: [1, .infinity]),
        request(.gauge, "taken_count"),
        request(.counter, "taken_bucket"),
        request(.gauge, "counted_total"),
        request(.gauge, "counted"),
        request(.histogram, "taken", bounds: [1, 2]),
    ])
    func refuses(request: SeriesRequest) throws {
        var state = RegistryState()
        try state.family(for: Self.request(.histogram, "taken", bounds: [1]))
        try state.family(for: Self.request(.counter, "counted_total"))
        #expect(throws: RegistrationConflict.self) {
            _ = try state.cell(for: request) { .gauge(GaugeCell()) }
        }
        #expect(state.sortedFamilies.map(\.name).filter { $0 != "ok" } == ["counted", "taken"])
    }
}
