import ChatProtocol
import Logging
import NIOCore
import Synchronization

/// One message on its way to the store, and who waits for its ack.
struct PendingSend: Sendable {
    var message: NewMessage
    var username: String
    var wantsTrace: Bool
    /// When the frame was read and when it was queued, nanoseconds since the Unix epoch.
    var receivedNanoseconds: Int64
    var queuedNanoseconds: Int64
    /// Who is told, and which of its connections sent it.
    var receiver: any SendReceiver
    var connectionID: Int

    fileprivate var bytes: Int { message.content.utf8.count + 256 }
}

/// What became of a ``PendingSend``.
struct SettledSend: Sendable {
    var connectionID: Int
    var receivedNanoseconds: Int64
    var answer: Result<ServerEvent.Ack, ProtocolError>
}

/// Takes the answers of one batch in one call, from the writer's task.
protocol SendReceiver: AnyObject, Sendable {
    func settled(_ sends: [SettledSend])
}

/// Group commit by natural batching: while one batch commits, the next collects. No timer when idle.
///
/// Persist, then ack, then publish: what a client was told is stored, is stored. One batch is in flight at a time, so
/// a room that always meets the same writer keeps its order; the next one commits while the broker still works.
final class MessageWriter: Sendable {
    struct Bounds: Sendable {
        /// Of one batch.
        var batchRows = 512
        var batchBytes = 1 << 20
        /// Of what waits; beyond it a send is refused.
        var queueRows = 20_000
        var queueBytes = 16 << 20
    }

    private struct State {
        var queue: [PendingSend] = []
        var queuedBytes = 0
        var isCommitting = false
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    /// Batches that the broker has not answered for; the broker bounds and times them.
    private let publishing = Atomic<Int>(0)
    private let bounds: Bounds
    private let store: any Store
    private let broker: any Broker
    private let metrics: ServerMetrics
    private let logger: Logger
    private let clock: Clock
    private let instance: String

    init(
        store: any Store,
        broker: any Broker,
        metrics: ServerMetrics,
        logger: Logger,
        clock: Clock,
        instance: String,
        bounds: Bounds = Bounds()
    ) {
        self.store = store
        self.broker = broker
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        self.instance = instance
        self.bounds = bounds
    }

    /// Queues a send; never waits.
    /// - Returns: false if the queue is full or the writer closed: tell the sender to come again.
    func submit(_ send: PendingSend) -> Bool {
        let (accepted, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isClosed, state.queue.count < bounds.queueRows, state.queuedBytes < bounds.queueBytes else {
                return (false, nil)
            }
            state.queue.append(send)
            state.queuedBytes += send.bytes
            defer { state.waiter = nil }
            return (true, state.waiter)
        }
        waiter?.resume()
        return accepted
    }

    /// Commits batches until ``close()``, and then what is left in the queue.
    func run() async {
        while true {
            let batch = takeBatch()
            if batch.isEmpty {
                guard await waitForWork() else { return }
            } else {
                await commitAll(from: batch)
            }
        }
    }

    /// No further send is accepted; ``run()`` ends when the queue is empty.
    func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// True if nothing waits, is being committed, or is on its way to the broker.
    var isIdle: Bool {
        state.withLock { $0.queue.isEmpty && !$0.isCommitting } && publishing.load(ordering: .relaxed) == 0
    }

    private func waitForWork() async -> Bool {
        await withCheckedContinuation { continuation in
            let hasWork = state.withLock { state in
                guard state.queue.isEmpty, !state.isClosed else { return true }
                state.waiter = continuation
                return false
            }
            if hasWork { continuation.resume() }
        }
        return state.withLock { !($0.isClosed && $0.queue.isEmpty) }
    }

    private func takeBatch() -> [PendingSend] {
        state.withLock { state in
            var count = 0
            var bytes = 0
            while count < state.queue.count, count < bounds.batchRows, bytes < bounds.batchBytes {
                bytes += state.queue[count].bytes
                count += 1
            }
            let batch = Array(state.queue.prefix(count))
            state.queue.removeFirst(count)
            state.queuedBytes -= bytes
            if !batch.isEmpty { state.isCommitting = true }
            return batch
        }
    }

    // MARK: - Commit

    /// Commits a batch, and what has gathered by then, and so on. One batch is acked and published while the next one
    /// commits, so that the store does not wait for that.
    private func commitAll(from first: [PendingSend]) async {
        var batch = first
        var outcomes = await append(batch)
        while true {
            let persisted = clock.nanoseconds()
            let next = takeBatch()
            guard !next.isEmpty else {
                settle(batch, outcomes, persisted: persisted)
                break
            }
            async let appended = append(next)
            settle(batch, outcomes, persisted: persisted)
            outcomes = await appended
            batch = next
        }
        state.withLock { $0.isCommitting = false }
    }

    /// Acks a batch, and hands it to the broker.
    private func settle(_ batch: [PendingSend], _ outcomes: [AppendOutcome], persisted: Int64) {
        metrics.persistBatchRows.observe(count: Int64(batch.count))
        var answers: [ObjectIdentifier: (receiver: any SendReceiver, sends: [SettledSend])] = [:]
        var published: [BrokerMessage] = []
        for (send, outcome) in zip(batch, outcomes) {
            metrics.persistDuration.observe(nanoseconds: persisted - send.queuedNanoseconds)
            let answer = settle(send, outcome, persisted: persisted, into: &published)
            answers[ObjectIdentifier(send.receiver), default: (send.receiver, [])].sends.append(answer)
        }
        for (receiver, sends) in answers.values { receiver.settled(sends) }
        publish(published, persisted: persisted)
    }

    /// A batch that fails as a whole is tried row by row, unless the store is away.
    private func append(_ batch: [PendingSend]) async -> [AppendOutcome] {
        let messages = batch.map(\.message)
        do {
            return try await store.append(messages, now: clock.now)
        } catch {
            logger.error("batch failed", metadata: ["rows": "\(batch.count)", "error": "\(error)"])
            if case StoreError.unavailable = error { return Array(repeating: .unavailable, count: batch.count) }
            return await store.appendEach(messages, now: clock.now)
        }
    }

    private func settle(
        _ send: PendingSend,
        _ outcome: AppendOutcome,
        persisted: Int64,
        into published: inout [BrokerMessage]
    ) -> SettledSend {
        let message = send.message
        func refused(_ problem: Problem) -> Result<ServerEvent.Ack, ProtocolError> {
            metrics.error(.persist)
            return .failure(problem.event(roomID: message.roomID, clientMessageID: message.clientMessageID))
        }
        let answer: Result<ServerEvent.Ack, ProtocolError>
        switch outcome {
        case .stored(let id, let seq, let createdAt, let duplicate):
            let trace = ServerEvent.AckTrace(
                receivedNanoseconds: send.receivedNanoseconds,
                persistedNanoseconds: persisted
            )
            answer = .success(
                ServerEvent.Ack(
                    clientMessageID: message.clientMessageID,
                    roomID: message.roomID,
                    id: id,
                    seq: seq,
                    createdAt: createdAt,
                    duplicate: duplicate,
                    trace: send.wantsTrace ? trace : nil
                )
            )
            if duplicate {
                metrics.messagesDuplicate.increment()
            } else {
                metrics.messagesPersisted.increment()
                published.append(brokerMessage(send, id: id, seq: seq, createdAt: createdAt, persisted: persisted))
            }
        case .roomNotFound: answer = refused(.roomNotFound)
        case .failed(let reason):
            logger.error("message not stored", metadata: ["room_id": "\(message.roomID)", "error": "\(reason)"])
            answer = refused(Problem(.internalError, "the message could not be stored"))
        case .unavailable:
            answer = refused(Problem(.overloaded, "the store does not answer; try again", retryAfterSeconds: 1))
        }
        return SettledSend(
            connectionID: send.connectionID,
            receivedNanoseconds: send.receivedNanoseconds,
            answer: answer
        )
    }

    private func brokerMessage(
        _ send: PendingSend,
        id: MessageID,
        seq: Sequence64,
        createdAt: Timestamp,
        persisted: Int64
    ) -> BrokerMessage {
        let message = Message(
            roomID: send.message.roomID,
            id: id,
            seq: seq,
            userID: send.message.userID,
            username: send.username,
            content: send.message.content,
            clientMessageID: send.message.clientMessageID,
            createdAt: createdAt
        )
        var payload = ByteBuffer()
        payload.reserveCapacity(256 + send.message.content.utf8.count)
        ServerEvent.message(message, trace: nil).encode(into: &payload)
        let trace = Trace(
            receivedNanoseconds: send.receivedNanoseconds,
            persistedNanoseconds: persisted,
            origin: instance
        )
        return BrokerMessage(
            roomID: message.roomID,
            seq: seq,
            payload: payload,
            origin: instance,
            receivedNanoseconds: send.receivedNanoseconds,
            publishedNanoseconds: 0,
            trace: send.wantsTrace ? trace : nil
        )
    }

    /// What cannot be published is stored all the same; its receivers find the hole by `seq`.
    private func publish(_ batch: [BrokerMessage], persisted: Int64) {
        guard !batch.isEmpty else { return }
        let now = clock.nanoseconds()
        let stamped = batch.map { message in
            var message = message
            message.publishedNanoseconds = now
            message.trace?.publishedNanoseconds = now
            return message
        }
        publishing.add(1, ordering: .relaxed)
        broker.publish(stamped) { result in
            self.published(stamped.count, result, persisted: persisted)
            self.publishing.subtract(1, ordering: .relaxed)
        }
    }

    private func published(_ count: Int, _ result: Result<Void, any Error>, persisted: Int64) {
        switch result {
        case .success:
            metrics.messagesPublished.increment(by: Int64(count))
            let duration = clock.nanoseconds() - persisted
            for _ in 0..<count { metrics.publishDuration.observe(nanoseconds: duration) }
        case .failure(let error):
            for _ in 0..<count { metrics.error(.publish) }
            logger.error(
                "broker failed",
                metadata: ["operation": "publish", "messages": "\(count)", "error": "\(error)"]
            )
        }
    }
}
