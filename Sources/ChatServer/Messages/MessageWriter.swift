import ChatProtocol
import Dispatch
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

/// Takes the answers of one batch in one call, from the writer's thread.
protocol SendReceiver: AnyObject, Sendable {
    /// Takes them, and need not act before ``actOnSettled()``: the batch's messages come to the same sockets right behind
    /// them, and one write serves both.
    func settled(_ sends: [SettledSend])
    func actOnSettled()
}

/// Group commit by natural batching: while one batch commits, the next collects. No timer when idle.
///
/// Persist, then ack, then publish: what a client was told is stored, is stored. One batch is in flight at a time, so
/// a room that always meets the same writer keeps its order; the next one commits while the broker still works.
final class MessageWriter: BatchSource {
    struct Bounds: Sendable {
        /// Of one batch.
        var batchRows = 512
        var batchBytes = 1 << 20
        /// Of what waits; beyond it a send is refused.
        var queueRows = 20_000
        var queueBytes = 16 << 20
        /// How long the store's thread stays for the next batch: long enough for one that comes every few milliseconds to
        /// meet it there.
        var linger = DispatchTimeInterval.milliseconds(50)
    }

    private struct State {
        var queue: [PendingSend] = []
        var queuedBytes = 0
        /// What the store has, the oldest first: one batch, or two while the first is being acked.
        var committing: [Batch] = []
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
        /// The store's thread waits in ``awaitNext()``; whoever takes this flag signals it.
        var isThreadWaiting = false

        /// The oldest in the queue, within the bounds of a batch.
        mutating func takeBatch(_ bounds: Bounds) -> [PendingSend] {
            var count = 0
            var bytes = 0
            while count < queue.count, count < bounds.batchRows, bytes < bounds.batchBytes {
                bytes += queue[count].bytes
                count += 1
            }
            let batch = Array(queue.prefix(count))
            queue.removeFirst(count)
            queuedBytes -= bytes
            return batch
        }
    }

    private struct Batch {
        var sends: [PendingSend]
        /// Nanoseconds since the Unix epoch; 0 as long as it is not known to be stored.
        var persisted: Int64 = 0
    }

    private let state = Mutex(State())
    /// Wakes the store's thread out of ``awaitNext()``.
    private let alarm = DispatchSemaphore(value: 0)
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

    /// Queues a send; never waits. ``wake()`` has it committed.
    /// - Returns: false if the queue is full or the writer closed: tell the sender to come again.
    func queue(_ send: PendingSend) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.queue.count < bounds.queueRows, state.queuedBytes < bounds.queueBytes else {
                return false
            }
            state.queue.append(send)
            state.queuedBytes += send.bytes
            return true
        }
    }

    /// Something was queued: call it once for all that came together, since a writer that is woken for the first of it
    /// commits that alone.
    func wake() {
        let (waiter, isThreadWaiting) = state.withLock { state in
            defer { state.isThreadWaiting = false }
            return (state.waiter.take(), state.isThreadWaiting)
        }
        if isThreadWaiting { alarm.signal() }
        waiter?.resume()
    }

    /// Commits batches until ``close()``, and then what is left in the queue.
    func run() async {
        while await waitForWork() { await commit() }
    }

    /// No further send is accepted; ``run()`` ends when the queue is empty.
    func close() {
        state.withLock { $0.isClosed = true }
        wake()
    }

    /// True if nothing waits, is being committed, or is on its way to the broker.
    var isIdle: Bool {
        state.withLock { $0.queue.isEmpty && $0.committing.isEmpty } && publishing.load(ordering: .relaxed) == 0
    }

    /// True while the store's thread waits in ``awaitNext()``.
    var isAwaited: Bool { state.withLock { $0.isThreadWaiting } }

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

    // MARK: - Commit

    /// Commits what is queued, batch after batch, until nothing is.
    private func commit() async {
        do {
            try await store.append(from: self)
        } catch {
            // The store has said what became of every batch before this one. If it took none, it is away.
            if state.withLock({ $0.committing.isEmpty }), next() == nil { return }
            guard let batch = state.withLock({ $0.committing.first }) else { return }
            logger.error("batch failed", metadata: ["rows": "\(batch.sends.count)", "error": "\(error)"])
            if case StoreError.unavailable = error {
                committed(Array(repeating: .unavailable, count: batch.sends.count))
            } else {
                committed(await store.appendEach(batch.sends.map(\.message), now: clock.now))
            }
        }
    }

    /// What is committed next. Whatever the store had until now, it has stored.
    func next() -> NextBatch? {
        let now = clock.nanoseconds()
        let sends = state.withLock { state -> [PendingSend] in
            for place in state.committing.indices where state.committing[place].persisted == 0 {
                state.committing[place].persisted = now
            }
            let sends = state.takeBatch(bounds)
            if !sends.isEmpty { state.committing.append(Batch(sends: sends)) }
            return sends
        }
        return sends.isEmpty ? nil : (sends.map(\.message), clock.now)
    }

    /// Waits up to ``Bounds/linger``.
    func awaitNext() -> NextBatch? {
        let mustWait = state.withLock { state in
            state.isThreadWaiting = state.queue.isEmpty && !state.isClosed
            return state.isThreadWaiting
        }
        if mustWait, alarm.wait(timeout: .now() + bounds.linger) == .timedOut {
            let isSignalled = state.withLock { state in
                defer { state.isThreadWaiting = false }
                return !state.isThreadWaiting
            }
            // Whoever took the flag signals, late as it may be: the next wait must not find that signal.
            if isSignalled { alarm.wait() }
        }
        return next()
    }

    func committed(_ outcomes: [AppendOutcome]) {
        guard let batch = state.withLock({ $0.committing.first }) else { return }
        let persisted = batch.persisted == 0 ? clock.nanoseconds() : batch.persisted
        settle(batch.sends, outcomes, persisted: persisted)
        state.withLock { _ = $0.committing.removeFirst() }
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
        for (receiver, _) in answers.values { receiver.actOnSettled() }
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
