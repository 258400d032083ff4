import ChatProtocol
import Foundation
import GRDB

private let headSQL = "SELECT last_seq FROM rooms WHERE id = ? AND deleted_at IS NULL"

extension SQLiteStore {
    func append(_ batch: [NewMessage], now: Timestamp) async throws -> [AppendOutcome] {
        try await write { db in
            // SQLite has one writer at a time, so what this transaction reads nobody else can change under it.
            let head = try db.cachedStatement(sql: headSQL)
            var heads: [RoomID: Sequence64] = [:]
            var outcomes: [AppendOutcome] = []
            outcomes.reserveCapacity(batch.count)
            for message in batch {
                if heads[message.roomID] == nil {
                    heads[message.roomID] = try Sequence64.fetchOne(head, arguments: [message.roomID])
                }
                guard let last = heads[message.roomID] else {
                    outcomes.append(.roomNotFound)
                    continue
                }
                let outcome = try Self.append(message, seq: last + 1, now: now, db)
                if case .stored(_, let seq, _, duplicate: false) = outcome { heads[message.roomID] = seq }
                outcomes.append(outcome)
            }
            let advance = try db.cachedStatement(sql: "UPDATE rooms SET last_seq = ? WHERE id = ?")
            for (roomID, seq) in heads { try advance.execute(arguments: [seq, roomID]) }
            return outcomes
        }
    }

    private static func append(
        _ message: NewMessage,
        seq: Sequence64,
        now: Timestamp,
        _ db: Database
    ) throws -> AppendOutcome {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO messages (room_id, seq, user_id, client_msg_id, content, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (room_id, user_id, client_msg_id) DO NOTHING
                """
        )
        do {
            try insert.execute(arguments: [
                message.roomID, seq, message.userID, message.clientMessageID, message.content, now,
            ])
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            // A statement that breaks a constraint undoes itself alone; the transaction goes on.
            return .failed(error.message ?? "constraint")
        }
        guard db.changesCount == 0 else {
            return .stored(id: db.lastInsertedRowID, seq: seq, createdAt: now, duplicate: false)
        }
        let earlier = try db.cachedStatement(
            sql: "SELECT id, seq, created_at FROM messages WHERE room_id = ? AND user_id = ? AND client_msg_id = ?"
        )
        let arguments: StatementArguments = [message.roomID, message.userID, message.clientMessageID]
        guard let row = try Row.fetchOne(earlier, arguments: arguments) else { return .failed("lost duplicate") }
        return .stored(id: row[0], seq: row[1], createdAt: row[2], duplicate: true)
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
            let head = try db.cachedStatement(sql: headSQL)
            return try rooms.reduce(into: [:]) { heads, id in heads[id] = try Sequence64.fetchOne(head, arguments: [id])
            }
        }
    }

    func catchUp(roomID: RoomID, afterSeq: Sequence64?, limit: Int) async throws -> CatchUp {
        try await read { db in
            let head = try db.cachedStatement(sql: headSQL)
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
