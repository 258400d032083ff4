import ChatProtocol
import Foundation
import GRDB

extension SQLiteStore {
    func append(_ batch: [NewMessage], now: Timestamp) async throws -> [AppendOutcome] {
        try await write { db in try MessageTable(db).append(batch, now: now) }
    }

    /// On a thread of its own from one batch to the next, so that between two there is no change of threads.
    func append(from source: any BatchSource) async throws {
        try await withCheckedThrowingContinuation { continuation in
            appending.async {
                continuation.resume(
                    with: Result {
                        while let batch = source.awaitNext() {
                            source.committed(
                                try self.writeHere { db in try MessageTable(db).append(batch.messages, now: batch.now) }
                            )
                        }
                    })
            }
        }
    }

    func messages(
        in roomID: RoomID,
        page: MessagePage,
        limit: Int
    ) async throws -> (messages: [Message], hasMore: Bool) {
        try await read { db in
            // One row beyond the page tells whether there are more.
            var messages: [Message]
            switch page {
            case .latest: messages = try Self.page(roomID, "seq <= ?", .max, "DESC", limit + 1, db)
            case .before(let seq): messages = try Self.page(roomID, "seq < ?", seq, "DESC", limit + 1, db)
            case .after(let seq): messages = try Self.page(roomID, "seq > ?", seq, "ASC", limit + 1, db)
            }
            let hasMore = messages.count > limit
            if hasMore { messages.removeLast() }
            if case .after = page { return (messages, hasMore) }
            return (messages.reversed(), hasMore)
        }
    }

    func heads(of rooms: [RoomID]) async throws -> [RoomID: Sequence64] {
        try await read { db in
            let head = try db.cachedStatement(sql: MessageTable.headSQL)
            return try rooms.reduce(into: [:]) { heads, id in heads[id] = try Sequence64.fetchOne(head, arguments: [id])
            }
        }
    }

    func catchUp(roomID: RoomID, afterSeq: Sequence64?, limit: Int) async throws -> CatchUp {
        try await read { db in
            let head = try db.cachedStatement(sql: MessageTable.headSQL)
            guard let lastSeq = try Sequence64.fetchOne(head, arguments: [roomID]) else { throw StoreError.notFound }
            guard let afterSeq, afterSeq < lastSeq, lastSeq - afterSeq <= Int64(limit) else {
                return CatchUp(lastSeq: lastSeq, messages: [])
            }
            return CatchUp(lastSeq: lastSeq, messages: try Self.page(roomID, "seq > ?", afterSeq, "ASC", limit, db))
        }
    }

    private static func page(
        _ roomID: RoomID,
        _ condition: String,
        _ seq: Sequence64,
        _ order: String,
        _ limit: Int,
        _ db: Database
    ) throws -> [Message] {
        let sql = """
            SELECT m.id, m.seq, m.user_id, u.username, m.content, m.client_msg_id, m.created_at
            FROM messages m JOIN users u ON u.id = m.user_id
            WHERE m.room_id = ? AND m.\(condition) ORDER BY m.seq \(order) LIMIT ?
            """
        let statement = try db.cachedStatement(sql: sql)
        return try Row.fetchAll(statement, arguments: [roomID, seq, limit]).map { row in
            Message(
                roomID: roomID,
                id: row[0],
                seq: row[1],
                userID: row[2],
                username: row[3],
                content: row[4],
                clientMessageID: row[5],
                createdAt: row[6]
            )
        }
    }
}
