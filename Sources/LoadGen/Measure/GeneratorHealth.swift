import ChatMetrics

/// Whether the generator itself was the bottleneck: then the figures measure it, not the server.
enum GeneratorHealth {
    /// Half of the messages, and all but one in a hundred, must have been sent this soon after their instant.
    static let medianLag: Int64 = 5_000_000
    static let lagP99: Int64 = 50_000_000

    /// - Returns: nil if the schedule was kept, else why not.
    static func voidReason(lag: LatencySummary, unsentByGenerator: Int) -> String? {
        if unsentByGenerator > 0 {
            return "\(Format.count(unsentByGenerator)) messages were not sent before the schedule's end"
        }
        guard lag.count > 0 else { return nil }
        if lag.p99 > lagP99 {
            return "schedule lag p99 was \(Format.duration(lag.p99)), more than \(Format.duration(lagP99))"
        }
        if lag.p50 > medianLag {
            return "schedule lag p50 was \(Format.duration(lag.p50)), more than \(Format.duration(medianLag))"
        }
        return nil
    }
}
