import ChatProtocol
import PostgresClient

extension PostgresStore {
    private static let append = PostgresStatement(
        "SELECT place, id, seq, created_at, is_duplicate FROM append_messages($1, $2, $3, $4, $5)"
    )

    func append(_ batch: [NewMessage], now: Timestamp) async throws -> [AppendOutcome] {
        do {
            return try await store(batch, now: now)
        } catch let error as StoreError {
            if case .unavailable = error { throw error }
            // Some row cannot be stored, and nothing of the batch was: each by itself, so that only that one fails.
            return batch.count == 1 ? [.failed("\(error)")] : await appendEach(batch, now: now)
        }
    }

    private func store(_ batch: [NewMessage], now: Timestamp) async throws -> [AppendOutcome] {
        try await run(on: writing) { connection in try Self.store(batch, now: now, connection) }
    }

    /// On the connection's own thread from one batch to the next: between two there is no change of threads, and while
    /// Postgres works on one, the outcomes of the one before are passed on. A connection that breaks while the thread waits
    /// for a batch fails that batch, whose senders are asked to come again; one that broke before is noticed by the pool.
    func append(from source: any BatchSource) async throws {
        try await run(on: writing) { connection in
            var previous: [AppendOutcome]?
            func handOver() {
                if let outcomes = previous.take() { source.committed(outcomes) }
            }
            // Also if a batch fails, whether it was sent by then or not.
            defer { handOver() }
            func next() -> NextBatch? {
                if let batch = source.next() { return batch }
                handOver()
                return source.awaitNext()
            }
            while let batch = next() {
                let outcomes = try Self.store(batch.messages, now: batch.now, connection, meanwhile: handOver)
                handOver()
                previous = outcomes
            }
        }
    }

    private static func store(
        _ batch: [NewMessage],
        now: Timestamp,
        _ connection: isolated PostgresConnection,
        meanwhile: () -> Void = {}
    ) throws -> [AppendOutcome] {
        let values: [PostgresValue] = [
            .int64Array(batch.map(\.roomID)), .int64Array(batch.map(\.userID)),
            .textArray(batch.map(\.clientMessageID)), .textArray(batch.map(\.content)), .time(now),
        ]
        var outcomes = Array(repeating: AppendOutcome.roomNotFound, count: batch.count)
        for row in try connection.query(append, values, meanwhile: meanwhile) {
            // Places count from 1.
            outcomes[Int(try row.int64(0)) - 1] = .stored(
                id: try row.int64(1),
                seq: try row.int64(2),
                createdAt: try row.time(3),
                duplicate: try row.bool(4)
            )
        }
        return outcomes
    }

    private static let columns = "m.id, m.seq, m.user_id, u.username, m.content, m.client_msg_id, m.created_at"
    private static let latest = PostgresStatement(
        """
        SELECT \(columns) FROM messages m JOIN users u ON u.id = m.user_id
        WHERE m.room_id = $1 ORDER BY m.seq DESC LIMIT $2
        """
    )
    private static let before = PostgresStatement(
        """
        SELECT \(columns) FROM messages m JOIN users u ON u.id = m.user_id
        WHERE m.room_id = $1 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $2
        """
    )
    private static let after = PostgresStatement(
        """
        SELECT \(columns) FROM messages m JOIN users u ON u.id = m.user_id
        WHERE m.room_id = $1 AND m.seq > $3 ORDER BY m.seq LIMIT $2
        """
    )

    func messages(
        in roomID: RoomID,
        page: MessagePage,
        limit: Int
    ) async throws -> (messages: [Message], hasMore: Bool) {
        try await run { connection in
            // One row beyond the page tells whether there are more.
            let common: [PostgresValue] = [.int64(roomID), .int64(Int64(limit) + 1)]
            let rows =
                switch page {
                case .latest: try connection.query(Self.latest, common)
                case .before(let seq): try connection.query(Self.before, common + [.int64(seq)])
                case .after(let seq): try connection.query(Self.after, common + [.int64(seq)])
                }
            let messages = try rows.prefix(limit).map { try Self.message($0, in: roomID) }
            if case .after = page { return (messages, rows.count > limit) }
            return (messages.reversed(), rows.count > limit)
        }
    }

    private static func message(_ row: PostgresRow, in roomID: RoomID) throws -> Message {
        Message(
            roomID: roomID,
            id: try row.int64(0),
            seq: try row.int64(1),
            userID: try row.int64(2),
            username: try row.text(3),
            content: try row.text(4),
            clientMessageID: try row.text(5),
            createdAt: try row.time(6)
        )
    }

    private static let heads = PostgresStatement(
        "SELECT id, last_seq FROM rooms WHERE id = ANY ($1) AND deleted_at IS NULL")

    func heads(of rooms: [RoomID]) async throws -> [RoomID: Sequence64] {
        try await run { connection in
            try connection.query(Self.heads, [.int64Array(rooms)]).reduce(into: [:]) { heads, row in
                heads[try row.int64(0)] = try row.int64(1)
            }
        }
    }

    private static let head = PostgresStatement("SELECT last_seq FROM rooms WHERE id = $1 AND deleted_at IS NULL")
    /// One statement, so one snapshot: the room's row is there in any case, the messages' columns may be NULL.
    private static let catchUp = PostgresStatement(
        """
        SELECT \(columns), r.last_seq
        FROM rooms r
        LEFT JOIN (messages m JOIN users u ON u.id = m.user_id)
            ON m.room_id = r.id AND m.room_id = $1 AND m.seq > $2 AND r.last_seq - $2 <= $3
        WHERE r.id = $1 AND r.deleted_at IS NULL ORDER BY m.seq
        """
    )

    func catchUp(roomID: RoomID, afterSeq: Sequence64?, limit: Int) async throws -> CatchUp {
        try await run { connection in
            guard let afterSeq else {
                guard let row = try connection.query(Self.head, [.int64(roomID)]).first else {
                    throw StoreError.notFound
                }
                return CatchUp(lastSeq: try row.int64(0), messages: [])
            }
            let rows = try connection.query(
                Self.catchUp,
                [.int64(roomID), .int64(afterSeq), .int64(Int64(limit))]
            )
            guard let first = rows.first else { throw StoreError.notFound }
            let lastSeq = try first.int64(7)
            guard try first.optionalInt64(0) != nil else { return CatchUp(lastSeq: lastSeq, messages: []) }
            return CatchUp(lastSeq: lastSeq, messages: try rows.map { try Self.message($0, in: roomID) })
        }
    }
}
