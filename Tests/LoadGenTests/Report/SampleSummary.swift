import ChatMetrics

@testable import LoadGen

/// A run whose every figure is set, and no two alike where a mix-up could hide.
enum SampleSummary {
    static func latency(_ count: UInt64, p50: Int64, p99: Int64) -> LatencySummary {
        LatencySummary(
            count: count, min: p50 / 4, mean: p50 + p50 / 10, p50: p50, p90: (p50 + p99) / 2, p99: p99, p999: p99 * 2,
            p9999: p99 * 3, max: p99 * 4)
    }

    static var passing: Summary {
        var summary = Summary(
            scenario: "steady-rooms", setup: "embedded", seed: 1, startedAt: "2026-11-23T23:30:00.000000Z",
            durationS: 20)
        summary.environment = .init(
            cpu: "AMD EPYC", cores: 2, memoryBytes: 8_000_000_000, kernel: "6.1.0", commit: "abc123",
            build: "release", fdLimit: 20_000, store: "sqlite 3.40.1", broker: "memory", balancer: "none")
        summary.clients = .init(target: 1_000, connected: 1_000)
        summary.messages = .init(
            offered: 10_000, sent: 10_000, acked: 10_000, persisted: 10_000, expectedDeliveries: 200_000,
            delivered: 200_000, sendRate: 500, deliveryRate: 10_000)
        summary.latency = .init([
            .connect: latency(1_000, p50: 1_800_000, p99: 9_600_000),
            .ack: latency(10_000, p50: 620_000, p99: 2_400_000),
            .deliver: latency(200_000, p50: 890_000, p99: 3_100_000),
            .lastReceiver: latency(10_000, p50: 1_100_000, p99: 3_900_000),
            .ackUncorrected: latency(10_000, p50: 600_000, p99: 2_380_000),
            .deliverUncorrected: latency(200_000, p50: 880_000, p99: 3_090_000),
        ])
        summary.generator = .init(
            lag: latency(10_000, p50: 21_000, p99: 180_000), cpuSeconds: 3.21, rssBytes: 45_200_000,
            bytesPerClient: 5_300)
        summary.servers = [
            .init(instance: "a", connectionsMax: 1_000, cpuSeconds: 7.4, rssBytes: 61_000_000, deliveries: 200_000)
        ]
        summary.phases = [
            .init(name: "connect", startS: 0, durationS: 2, rate: 0, measure: false),
            .init(name: "steady", startS: 2, durationS: 20, rate: 500, measure: true),
        ]
        summary.thresholds = ["deliver.p99 < 250ms", "ack.p99 < 100ms", "integrity.lost == 0"].compactMap {
            try? Threshold.parse($0).evaluate(summary)
        }
        return summary
    }

    static var void: Summary {
        var summary = passing
        summary.setup = "sticky-room"
        summary.generator.void = true
        summary.generator.voidReason = "lag p99 was 48.0 ms, more than 10 ms"
        summary.generator.lag = latency(10_000, p50: 1_100_000, p99: 48_000_000)
        summary.latency[.deliver] = latency(200_000, p50: 2_200_000, p99: 52_000_000)
        summary.latency[.stageSend] = latency(500, p50: 210_000, p99: 900_000)
        summary.latency[.stagePersist] = latency(500, p50: 480_000, p99: 1_900_000)
        summary.latency[.stagePublish] = latency(500, p50: 80_000, p99: 300_000)
        summary.latency[.stageBroker] = latency(500, p50: 110_000, p99: 420_000)
        summary.latency[.stageDeliver] = latency(500, p50: 160_000, p99: 800_000)
        summary.thresholds = []
        return summary
    }

    static var lossy: Summary {
        var summary = passing
        summary.messages.delivered = 199_996
        summary.messages.rejected = 12
        summary.messages.unsent = 3
        summary.messages.crossInstanceShare = 0.5
        summary.integrity = .init(lost: 4, outOfOrder: 1)
        summary.integrityDetail = ["room 7: seq 41 came after seq 42 at client 113 (instance b)"]
        summary.errors = ["rate_limited": 11, "not_joined": 1]
        summary.clients = .init(
            target: 1_000, connected: 998, failed: 2, disconnected: 5, reconnected: 5,
            failures: ["connection refused": 1, "upgrade timed out": 1])
        summary.latency[.deliverSameInstance] = latency(100_000, p50: 700_000, p99: 2_000_000)
        summary.latency[.deliverCrossInstance] = latency(99_996, p50: 990_000, p99: 3_300_000)
        summary.thresholds = ["ack.p99 < 1ms", "stage_send.p99 < 1s", "integrity.lost == 0"].compactMap {
            try? Threshold.parse($0).evaluate(summary)
        }
        return summary
    }
}
