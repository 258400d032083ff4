import ChatMetrics
import Synchronization

/// What a scrape of LoadGen shows while it runs: counters over all runs of this process, brought up to date some twenty
/// times a second, so that a message costs nothing more for it.
final class LoadMetrics: Sendable {
    private let registry = MetricsRegistry()
    private let clientsTarget: GaugeCell
    private let clientsConnected: GaugeCell
    private let lag: GaugeCell
    private let deliver: HistogramCell
    private let counters: [(cell: CounterCell, read: @Sendable (LoopCounts) -> Int)]
    private let run = Mutex<GaugeCell?>(nil)

    init() {
        let registry = registry
        registry.registerProcessMetrics()
        clientsTarget = registry.gauge("loadgen_clients_target", help: "Clients of the present run.")
        clientsConnected = registry.gauge("loadgen_clients_connected", help: "Clients that are connected now.")
        lag = registry.gauge(
            "loadgen_schedule_lag_seconds",
            help: "How late the latest message of the last second was sent, after its planned instant."
        )
        deliver = registry.histogram(
            "loadgen_delivery_duration_seconds",
            help: "From a message's planned instant to its arrival at a receiver.",
            scale: .seconds,
            bounds: ChatBuckets.seconds
        )
        registry.declare(.gauge, "loadgen_run_info", help: "1 for the run and phase that is on; 0 for those before it.")
        func counter(
            _ name: String, _ help: String, _ labels: [(String, String)] = [],
            _ read: @escaping @Sendable (LoopCounts) -> Int
        ) -> (CounterCell, @Sendable (LoopCounts) -> Int) {
            (registry.counter(name, help: help, labels: labels), read)
        }
        let violations = "Deliveries that should not have been: duplicated, out of order, or of nobody's message."
        counters = [
            counter("loadgen_messages_offered_total", "Messages that the schedule asked for.") { $0.offered },
            counter("loadgen_messages_sent_total", "Messages written to a socket, the first time.") { $0.sent },
            counter("loadgen_messages_acked_total", "Messages that the server has acked.") { $0.acked },
            counter("loadgen_messages_rejected_total", "Messages that the server has refused for good.") {
                $0.rejected
            },
            counter("loadgen_messages_unsent_total", "Messages that no connection took.") { $0.unsent },
            counter("loadgen_deliveries_total", "Messages that came in, at all receivers.", [("path", "live")]) {
                $0.delivered
            },
            counter("loadgen_deliveries_total", "Messages that came in, at all receivers.", [("path", "history")]) {
                $0.deliveredByHistory
            },
            counter("loadgen_integrity_violations_total", violations, [("kind", "duplicated")]) { $0.duplicated },
            counter("loadgen_integrity_violations_total", violations, [("kind", "out_of_order")]) { $0.outOfOrder },
            counter("loadgen_integrity_violations_total", violations, [("kind", "unexpected")]) { $0.unexpected },
            counter("loadgen_disconnects_total", "Connections that ended before their run did.") { $0.disconnected },
            counter("loadgen_reconnects_total", "Connections that were made again.") { $0.reconnected },
        ]
    }

    /// What a run has come to since it was last told.
    struct Progress: Sendable {
        var scenario: String
        var setup: String
        var phase: String
        var clients: Int
        /// Since the run's start, now and the last time.
        var counts: LoopCounts
        var before: LoopCounts
        /// Of the deliveries in between, from the planned instant.
        var deliver: LatencyHistogram
    }

    func record(_ progress: Progress) {
        clientsTarget.set(Double(progress.clients))
        clientsConnected.set(Double(progress.counts.connected))
        for (cell, read) in counters { cell.increment(by: Int64(read(progress.counts) - read(progress.before))) }
        progress.deliver.forEachBucket { value, count in
            deliver.observe(nanoseconds: value, times: Int64(count))
            return true
        }
        let labels = [("scenario", progress.scenario), ("setup", progress.setup), ("phase", progress.phase)]
        let present = registry.gauge("loadgen_run_info", help: "", labels: labels)
        run.withLock { last in
            if let last, last !== present { last.set(0) }
            present.set(1)
            last = present
        }
    }

    /// - Parameter lagNanoseconds: of the second that has just ended.
    func record(lagNanoseconds: Int64) { lag.set(Double(lagNanoseconds) / 1e9) }

    /// A run is over: nobody is connected any more.
    func finish() {
        clientsConnected.set(0)
        lag.set(0)
        run.withLock { $0?.set(0) }
    }

    func render(_ format: ExpositionFormat) -> [UInt8] { registry.render(format) }
}
