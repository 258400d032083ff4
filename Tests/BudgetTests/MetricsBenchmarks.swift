import ChatMetrics
import Foundation

@testable import ChatServer

let metricsBenchmarks = [
    Benchmark(name: "record_latency", summary: "record one latency in a histogram", operations: 10_000) {
        // 1 µs to 1 s, evenly on a logarithmic scale, in no order.
        let latencies = (0..<1024).map { Int64(1000 * pow(1_000_000, Double($0 * 389 % 1024) / 1024)) }
        var histogram = LatencyHistogram()
        return { operations in
            let before = histogram.count
            for index in 0..<operations { histogram.record(latencies[index & 1023]) }
            return Int(histogram.count - before)
        }
    },
    Benchmark(name: "render_metrics", summary: "render /metrics of a server that has served", operations: 20) {
        let metrics = ServerMetrics(registry: MetricsRegistry(), instance: "bench")
        metrics.registerSampled(outboundBytes: { 0 }, brokerConnected: { 1 }, probeAge: { 0.25 })
        for reason in ["lost", "draining", "ping_timeout"] { metrics.connectionClosed(reason).increment(by: 12) }
        for route in ["/register", "/login", "/rooms", "/rooms/{id}", "/rooms/{id}/messages", "/metrics"] {
            metrics.httpRequest(route: route, method: "GET", code: 200, nanoseconds: 1_234_567)
        }
        for nanoseconds in stride(from: Int64(50_000), to: 20_000_000, by: 50_000) {
            metrics.sendDuration.observe(nanoseconds: nanoseconds)
            metrics.persistDuration.observe(nanoseconds: nanoseconds)
            metrics.publishDuration.observe(nanoseconds: nanoseconds / 10)
            metrics.brokerLag.observe(nanoseconds: nanoseconds / 10)
            metrics.deliveryDuration[.local]?.observe(nanoseconds: nanoseconds)
            metrics.eventLoopLag.observe(nanoseconds: nanoseconds / 100)
        }
        metrics.framesSent.increment(by: 123_456_789)
        metrics.sentBytes.increment(by: 45_678_901_234)
        metrics.deliveries[.local]?.increment(by: 123_000_000)
        return { operations in
            var right = 0
            for _ in 0..<operations where metrics.registry.render(.prometheus).count > 10_000 { right += 1 }
            return right
        }
    },
]
