/// A row of `timeline.csv` as a report reads it. What its file has no column for is nil; latencies of a second in which
/// nothing arrived are nil, too, since their zeros are no measurements.
struct TimelinePoint: Sendable, Equatable {
    var second: Double = 0
    var phase = ""
    /// Messages a second.
    var offered: Double?
    var sent: Double?
    var acked: Double?
    var delivered: Double?
    /// Delivery latency, nanoseconds.
    var p50: Double?
    var p90: Double?
    var p99: Double?
    var p999: Double?
    var max: Double?
    var connections: Double?
    /// Nanoseconds.
    var generatorLag: Double?
    /// Connections lost, and clients that are back, in this second.
    var disconnected: Double?
    var reconnected: Double?

    static func read(_ text: String) throws(CSVTable.Malformed) -> [TimelinePoint] {
        let table = try CSVTable(text, key: "second")
        return table.rows.compactMap { row in
            guard let second = table.number(row, "second") else { return nil }
            func figure(_ column: String) -> Double? { table.number(row, column) }
            let delivered = figure("delivered")
            func latency(_ column: String) -> Double? {
                delivered == 0 ? nil : figure(column).flatMap { $0 > 0 ? $0 : nil }
            }
            return TimelinePoint(
                second: second, phase: table.text(row, "phase") ?? "", offered: figure("offered"),
                sent: figure("sent"), acked: figure("acked"), delivered: delivered, p50: latency("p50_ns"),
                p90: latency("p90_ns"), p99: latency("p99_ns"), p999: latency("p999_ns"), max: latency("max_ns"),
                connections: figure("connections"), generatorLag: figure("generator_lag_ns"),
                disconnected: figure("disconnected"), reconnected: figure("reconnected"))
        }
    }
}

extension [TimelinePoint] {
    /// At most `limit` points, each for an equal number of rows: the worst latency and lag, the mean rate, the sum of
    /// losses, and the state at the end. A report says so, for a mean would hide the stall that it is read for.
    func downsampled(to limit: Int) -> [TimelinePoint] {
        guard count > limit, limit > 0 else { return self }
        let size = (count + limit - 1) / limit
        return stride(from: 0, to: count, by: size).compactMap { start in
            Self.merged(self[start..<Swift.min(start + size, count)])
        }
    }

    private static func merged(_ rows: ArraySlice<TimelinePoint>) -> TimelinePoint? {
        guard let first = rows.first, let last = rows.last else { return nil }
        func worst(_ path: KeyPath<TimelinePoint, Double?>) -> Double? { rows.compactMap { $0[keyPath: path] }.max() }
        func sum(_ path: KeyPath<TimelinePoint, Double?>) -> Double? {
            let values = rows.compactMap { $0[keyPath: path] }
            return values.isEmpty ? nil : values.reduce(0, +)
        }
        func mean(_ path: KeyPath<TimelinePoint, Double?>) -> Double? {
            let values = rows.compactMap { $0[keyPath: path] }
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        return TimelinePoint(
            second: (first.second + last.second) / 2, phase: first.phase, offered: mean(\.offered), sent: mean(\.sent),
            acked: mean(\.acked), delivered: mean(\.delivered), p50: worst(\.p50), p90: worst(\.p90),
            p99: worst(\.p99), p999: worst(\.p999), max: worst(\.max), connections: last.connections,
            generatorLag: worst(\.generatorLag), disconnected: sum(\.disconnected), reconnected: sum(\.reconnected))
    }
}
