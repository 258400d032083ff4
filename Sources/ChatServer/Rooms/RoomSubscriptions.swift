import ChatProtocol

/// The broker's subscriptions of this instance: on with a room's first local member, off after its last, with a grace.
actor RoomSubscriptions {
    private struct Entry {
        var members = 0
        /// Ends when the broker delivers the room.
        var subscribing: Task<Void, any Error>
        var generation = 0
    }

    private let broker: any Broker
    private let metrics: ServerMetrics
    private let grace: Duration
    private var entries: [RoomID: Entry] = [:]

    init(broker: any Broker, metrics: ServerMetrics, grace: Duration) {
        self.broker = broker
        self.metrics = metrics
        self.grace = grace
    }

    /// Returns once the broker delivers the room. Each call wants one ``release(_:)``, also if it throws.
    func acquire(_ roomID: RoomID) async throws {
        if entries[roomID] == nil {
            let broker = broker
            entries[roomID] = Entry(subscribing: Task { try await broker.subscribe(roomID) })
            metrics.brokerSubscriptions.add(1)
        }
        entries[roomID]?.members += 1
        entries[roomID]?.generation += 1
        guard let subscribing = entries[roomID]?.subscribing else { return }
        do {
            try await subscribing.value
        } catch {
            // The next one tries afresh.
            if entries[roomID]?.subscribing == subscribing {
                let broker = broker
                entries[roomID]?.subscribing = Task { try await broker.subscribe(roomID) }
            }
            throw error
        }
    }

    func release(_ roomID: RoomID) {
        guard var entry = entries[roomID] else { return }
        entry.members -= 1
        entry.generation += 1
        entries[roomID] = entry
        guard entry.members <= 0 else { return }
        let generation = entry.generation
        Task {
            try? await Task.sleep(for: grace)
            await self.unsubscribe(roomID, generation: generation)
        }
    }

    /// Unless somebody joined within the grace.
    private func unsubscribe(_ roomID: RoomID, generation: Int) async {
        guard let entry = entries[roomID], entry.members <= 0, entry.generation == generation else { return }
        entries[roomID] = nil
        metrics.brokerSubscriptions.add(-1)
        try? await broker.unsubscribe(roomID)
        // A join that came while the broker unsubscribed must not be left without.
        if let joined = entries[roomID] {
            let broker = broker
            entries[roomID]?.subscribing = Task {
                try? await joined.subscribing.value
                try await broker.subscribe(roomID)
            }
        }
    }
}
