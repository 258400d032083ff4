import ChatProtocol
import GRDB

/// The statements that append messages, for one transaction.
struct MessageTable {
    static let headSQL = "SELECT last_seq FROM rooms WHERE id = ? AND deleted_at IS NULL"

    private let head: DirectStatement
    private let insert: DirectStatement
    private let earlier: DirectStatement
    private let advance: DirectStatement

    init(_ db: Database) throws {
        head = try DirectStatement(db, Self.headSQL)
        insert = try DirectStatement(
            db,
            """
            INSERT INTO messages (room_id, seq, user_id, client_msg_id, content, created_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (room_id, user_id, client_msg_id) DO NOTHING
            """)
        earlier = try DirectStatement(
            db, "SELECT id, seq, created_at FROM messages WHERE room_id = ? AND user_id = ? AND client_msg_id = ?")
        advance = try DirectStatement(db, "UPDATE rooms SET last_seq = ? WHERE id = ?")
    }

    /// SQLite has one writer at a time, so what this transaction reads nobody else can change under it.
    func append(_ batch: [NewMessage], now: Timestamp) throws -> [AppendOutcome] {
        var heads: [RoomID: Sequence64] = [:]
        var outcomes: [AppendOutcome] = []
        outcomes.reserveCapacity(batch.count)
        for message in batch {
            guard let last = try heads[message.roomID] ?? lastSeq(of: message.roomID) else {
                outcomes.append(.roomNotFound)
                continue
            }
            let outcome = try append(message, seq: last + 1, now: now)
            if case .stored(_, let seq, _, duplicate: false) = outcome { heads[message.roomID] = seq }
            outcomes.append(outcome)
        }
        for (roomID, seq) in heads {
            try advance.run { statement in
                statement.bind(1, seq)
                statement.bind(2, roomID)
            }
        }
        return outcomes
    }

    private func lastSeq(of roomID: RoomID) throws -> Sequence64? {
        try head.row(bind: { $0.bind(1, roomID) }, read: { $0.int64(0) })
    }

    private func append(_ message: NewMessage, seq: Sequence64, now: Timestamp) throws -> AppendOutcome {
        do {
            try insert.run { statement in
                statement.bind(1, message.roomID)
                statement.bind(2, seq)
                statement.bind(3, message.userID)
                statement.bind(4, message.clientMessageID)
                statement.bind(5, message.content)
                statement.bind(6, now.microseconds)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            // A statement that breaks a constraint undoes itself alone; the transaction goes on.
            return .failed(error.message ?? "constraint")
        }
        guard insert.changes == 0 else {
            return .stored(id: insert.lastInsertedID, seq: seq, createdAt: now, duplicate: false)
        }
        let stored = try earlier.row(
            bind: { statement in
                statement.bind(1, message.roomID)
                statement.bind(2, message.userID)
                statement.bind(3, message.clientMessageID)
            },
            read: { row in
                AppendOutcome.stored(
                    id: row.int64(0),
                    seq: row.int64(1),
                    createdAt: Timestamp(microseconds: row.int64(2)),
                    duplicate: true
                )
            }
        )
        return stored ?? .failed("lost duplicate")
    }
}
