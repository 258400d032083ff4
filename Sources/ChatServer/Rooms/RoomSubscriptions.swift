import ChatProtocol

/// The broker's subscriptions of this instance: on with a room's first local member, off after its last, with a grace.
///
/// The broker's calls for one room follow one another, so the last one counts, whatever came in between.
actor RoomSubscriptions {
    private struct Entry {
        var members = 0
        /// Of the last change of ``members``.
        var generation = 0
        /// The last call for the room; nil before the first.
        var subscribing: Task<Void, any Error>?
        /// Ends when the broker no longer delivers the room.
        var unsubscribing: Task<Void, Never>?
    }

    private let broker: any Broker
    private let metrics: ServerMetrics
    private let grace: Duration
    private var entries: [RoomID: Entry] = [:]
    private var isClosed = false

    init(broker: any Broker, metrics: ServerMetrics, grace: Duration) {
        self.broker = broker
        self.metrics = metrics
        self.grace = grace
    }

    /// Returns once the broker delivers the room; each call that does wants one ``release(_:)``.
    func acquire(_ roomID: RoomID) async throws {
        if entries[roomID] == nil {
            entries[roomID] = Entry()
            metrics.brokerSubscriptions.add(1)
        }
        entries[roomID]?.members += 1
        entries[roomID]?.generation += 1
        let call = subscribe(roomID)
        do {
            try await call.value
        } catch {
            // The next one tries afresh.
            if entries[roomID]?.subscribing == call { entries[roomID]?.subscribing = nil }
            release(roomID)
            throw error
        }
    }

    private func subscribe(_ roomID: RoomID) -> Task<Void, any Error> {
        if let call = entries[roomID]?.subscribing { return call }
        let (broker, before) = (broker, entries[roomID]?.unsubscribing)
        let call = Task {
            await before?.value
            try await broker.subscribe(roomID)
        }
        entries[roomID]?.subscribing = call
        return call
    }

    func release(_ roomID: RoomID) {
        entries[roomID]?.members -= 1
        entries[roomID]?.generation += 1
        guard let entry = entries[roomID], entry.members == 0 else { return }
        Task {
            try? await Task.sleep(for: grace)
            await self.unsubscribe(roomID, generation: entry.generation)
        }
    }

    /// Unless somebody joined within the grace.
    private func unsubscribe(_ roomID: RoomID, generation: Int) async {
        guard !isClosed, let entry = entries[roomID], entry.members == 0, entry.generation == generation else { return }
        let (broker, before) = (broker, entry.subscribing)
        let call = Task {
            _ = try? await before?.value
            try? await broker.unsubscribe(roomID)
        }
        entries[roomID]?.subscribing = nil
        entries[roomID]?.unsubscribing = call
        await call.value
        guard let now = entries[roomID], now.members == 0, now.generation == generation else { return }
        entries[roomID] = nil
        metrics.brokerSubscriptions.add(-1)
    }

    /// Before the broker's own end: who is in a grace stays subscribed, and what is being unsubscribed is waited for.
    func close() async {
        isClosed = true
        for call in entries.values.compactMap(\.unsubscribing) { await call.value }
    }
}
