import Foundation

@testable import ChatMetrics

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Runs `body` on as many threads at once, and waits for all: a queue might use fewer.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread {
            body(index)
            group.leave()
        }.start()
    }
    group.wait()
}

extension MetricsRegistry {
    func text(_ format: ExpositionFormat = .prometheus) -> String {
        String(decoding: self.render(format), as: UTF8.self)
    }
}

/// A registry with every kind of metric, from the direct API and from swift-metrics' side.
func registryOfEveryKind() -> MetricsRegistry {
    let registry = MetricsRegistry()
    registry.counter("chat_messages_received_total", help: "Messages read.").increment(by: 3)
    registry.counter("chat_errors_total", help: "Errors by stage.", labels: [("stage", "parse")]).increment()
    registry.declare(.counter, "chat_recoveries_total", help: "Recoveries by result.")
    registry.declare(.gauge, "chat_declared", help: "Nothing yet.")
    registry.declareHistogram("chat_declared_seconds", help: "Nothing yet.", scale: .seconds, bounds: [1])
    registry.gauge("chat_connections", help: "Open connections.").add(7)
    registry.gauge(
        "chat_build_info",
        help: "The build; a \"quoted\" \\ and\na second line.",
        labels: [("version", "1.0"), ("instance", "a\\b \"c\"\nd")]
    ).set(1)
    registry.sampledGauge("chat_broker_probe_age_seconds", help: "Age of the last probe.") { 0.25 }
    registry.sampledCounter("chat_sent_bytes_total", help: "Bytes sent.") { 12_345.5 }
    let histogram = registry.histogram(
        "chat_delivery_duration_seconds",
        help: "Frame read to last local socket written.",
        scale: .seconds,
        bounds: ChatBuckets.seconds,
        labels: [("path", "local")]
    )
    histogram.observe(nanoseconds: 300_000)
    histogram.observe(nanoseconds: 20_000_000_000)
    registry.histogram("chat_persist_batch_rows", help: "Rows.", scale: .count, bounds: ChatBuckets.rows)
        .observe(count: 3)
    registry.makeCounter(label: "library.requests", dimensions: [("http.method", "GET")]).increment(by: 2)
    registry.makeFloatingPointCounter(label: "library.work", dimensions: []).increment(by: 0.5)
    registry.makeMeter(label: "library.depth", dimensions: []).set(4.5)
    registry.makeRecorder(label: "library.size", dimensions: [], aggregate: true).record(12.5)
    registry.makeRecorder(label: "library.load", dimensions: [], aggregate: false).record(0.75)
    registry.makeTimer(label: "library.wait", dimensions: []).recordNanoseconds(1_000_000)
    registry.registerProcessMetrics()
    return registry
}
