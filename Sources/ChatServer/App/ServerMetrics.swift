import ChatMetrics

/// The server's metrics, as handles: the names and labels of the contract, registered once.
///
/// No user and no room is ever a label.
struct ServerMetrics: Sendable {
    let registry: MetricsRegistry

    // Gateway
    let connectionsOpened: CounterCell
    let connections: GaugeCell
    let slowConsumers: CounterCell
    let framesSent: CounterCell
    let sentBytes: CounterCell
    let eventLoopLag: HistogramCell
    // Rooms
    let roomSubscriptions: GaugeCell
    let roomsActive: GaugeCell
    let membershipHits: CounterCell
    let membershipMisses: CounterCell
    // Messages
    let messagesReceived: CounterCell
    let messagesPersisted: CounterCell
    let messagesPublished: CounterCell
    let messagesDuplicate: CounterCell
    let deliveries: [DeliveryPath: CounterCell]
    let gaps: [Gap: CounterCell]
    let errors: [Stage: CounterCell]
    let sendDuration: HistogramCell
    let persistDuration: HistogramCell
    let publishDuration: HistogramCell
    let brokerLag: HistogramCell
    let deliveryDuration: [DeliveryPath: HistogramCell]
    let persistBatchRows: HistogramCell
    // Broker
    let brokerSubscriptions: GaugeCell
    let draining: GaugeCell

    /// How a message came to a member.
    enum DeliveryPath: String, CaseIterable, Sendable {
        case local, broker, replay
    }

    /// What came of a message whose `seq` was not the next.
    enum Gap: String, CaseIterable, Sendable {
        case duplicate, held, hole, repaired
        case repairFailed = "repair_failed"
    }

    /// Where a message was refused or failed.
    enum Stage: String, CaseIterable, Sendable {
        case parse, auth, authorize, validate, persist, publish, deliver
        case rateLimit = "rate_limit"
        case queueFull = "queue_full"
    }

    init(registry: MetricsRegistry, instance: String) {
        self.registry = registry
        let seconds = ChatBuckets.seconds
        func counter(_ name: String, _ help: String, _ labels: [(String, String)] = []) -> CounterCell {
            registry.counter(name, help: help, labels: labels)
        }
        func histogram(_ name: String, _ help: String, _ labels: [(String, String)] = []) -> HistogramCell {
            registry.histogram(name, help: help, scale: .seconds, bounds: seconds, labels: labels)
        }
        registry.registerProcessMetrics()
        registry.gauge(
            "chat_build_info",
            help: "The running build; always 1.",
            labels: [("version", BuildInfo.version), ("commit", BuildInfo.commit), ("instance", instance)]
        ).set(1)
        connections = registry.gauge("chat_connections", help: "Open WebSocket connections.")
        connectionsOpened = counter("chat_connections_opened_total", "WebSocket connections opened.")
        slowConsumers = counter("chat_slow_consumers_total", "Connections closed since they read too slowly.")
        framesSent = counter("chat_frames_sent_total", "WebSocket frames written.")
        sentBytes = counter("chat_sent_bytes_total", "Bytes of WebSocket frames written.")
        eventLoopLag = histogram("chat_event_loop_lag_seconds", "How late an event loop ran its regular tick.")
        roomSubscriptions = registry.gauge("chat_room_subscriptions", help: "Rooms joined, summed over connections.")
        roomsActive = registry.gauge("chat_rooms_active", help: "Rooms with a member connected here.")
        let cache = { (result: String) in
            counter("chat_membership_cache_requests_total", "Membership look-ups at send.", [("result", result)])
        }
        membershipHits = cache("hit")
        membershipMisses = cache("miss")
        messagesReceived = counter("chat_messages_received_total", "message_send events read.")
        messagesPersisted = counter("chat_messages_persisted_total", "Messages committed to the store.")
        messagesPublished = counter("chat_messages_published_total", "Messages accepted by the broker.")
        messagesDuplicate = counter("chat_messages_duplicate_total", "Sends answered with an earlier message.")
        sendDuration = histogram("chat_send_duration_seconds", "From frame read to ack written.")
        persistDuration = histogram("chat_persist_duration_seconds", "From queued to committed.")
        publishDuration = histogram("chat_publish_duration_seconds", "From committed to accepted by the broker.")
        brokerLag = histogram("chat_broker_lag_seconds", "From published to received from the broker.")
        persistBatchRows = registry.histogram(
            "chat_persist_batch_rows",
            help: "Messages in one commit.",
            scale: .count,
            bounds: ChatBuckets.rows
        )
        brokerSubscriptions = registry.gauge("chat_broker_subscriptions", help: "Rooms subscribed at the broker.")
        draining = registry.gauge("chat_draining", help: "1 while the instance drains.")
        deliveries = Dictionary(
            uniqueKeysWithValues: DeliveryPath.allCases.map {
                let help = "Messages written to a member's socket."
                return ($0, counter("chat_message_deliveries_total", help, [("path", $0.rawValue)]))
            }
        )
        deliveryDuration = Dictionary(
            uniqueKeysWithValues: DeliveryPath.allCases.map {
                let help = "From frame read to last local socket written."
                return ($0, histogram("chat_delivery_duration_seconds", help, [("path", $0.rawValue)]))
            }
        )
        gaps = Dictionary(
            uniqueKeysWithValues: Gap.allCases.map {
                ($0, counter("chat_gap_events_total", "Irregular seq from the broker.", [("kind", $0.rawValue)]))
            }
        )
        errors = Dictionary(
            uniqueKeysWithValues: Stage.allCases.map {
                ($0, counter("chat_errors_total", "Refused or failed, by stage.", [("stage", $0.rawValue)]))
            }
        )
        // Families whose labels come with the first event: touched once, so that HELP and TYPE stand from the start.
        connectionClosed("client").increment(by: 0)
        connectionAttempt("accepted").increment(by: 0)
        connectionAttempt("over_capacity").increment(by: 0)
        recovery("recovered").increment(by: 0)
        registry.declare(.counter, "chat_http_requests_total", help: Self.requestsHelp)
        registry.declareHistogram(
            "chat_http_request_duration_seconds",
            help: Self.requestDurationHelp,
            scale: .seconds,
            bounds: ChatBuckets.seconds
        )
    }

    private static let requestsHelp = "HTTP requests answered."
    private static let requestDurationHelp = "HTTP request duration."

    func connectionClosed(_ reason: String) -> CounterCell {
        registry.counter(
            "chat_connections_closed_total",
            help: "WebSocket connections closed.",
            labels: [("reason", reason)]
        )
    }

    func connectionAttempt(_ result: String) -> CounterCell {
        registry.counter(
            "chat_connection_attempts_total",
            help: "Attempts to open a WebSocket.",
            labels: [("result", result)]
        )
    }

    func gap(_ kind: Gap) { gaps[kind]?.increment() }

    func recovery(_ result: String) -> CounterCell {
        registry.counter("chat_recoveries_total", help: "Joins that asked for replay.", labels: [("result", result)])
    }

    func error(_ stage: Stage) { errors[stage]?.increment() }

    /// Registers what is read off the running parts at each scrape.
    func registerSampled(
        outboundBytes: @escaping @Sendable () -> Double,
        brokerConnected: @escaping @Sendable () -> Double,
        probeAge: @escaping @Sendable () -> Double
    ) {
        registry.sampledGauge("chat_outbound_queue_bytes", help: "Bytes waiting for slow sockets.", read: outboundBytes)
        registry.sampledGauge("chat_broker_connected", help: "1 if the broker can be used.", read: brokerConnected)
        registry.sampledGauge(
            "chat_broker_probe_age_seconds",
            help: "Age of the last probe that came back through the broker.",
            read: probeAge
        )
    }

    func httpRequest(route: String, method: String, code: Int, nanoseconds: Int64) {
        registry.counter(
            "chat_http_requests_total",
            help: Self.requestsHelp,
            labels: [("route", route), ("method", method), ("code", String(code))]
        ).increment()
        registry.histogram(
            "chat_http_request_duration_seconds",
            help: Self.requestDurationHelp,
            scale: .seconds,
            bounds: ChatBuckets.seconds,
            labels: [("route", route)]
        ).observe(nanoseconds: nanoseconds)
    }
}
