import ChatProtocol
import PostgresClient

/// Deleted rooms: gone at once, and cleared away little by little.
extension PostgresStore {
    /// Waits for a batch that is being committed, and for whoever is joining: what they have done is deleted too.
    private static let lock = PostgresStatement("SELECT 1 FROM rooms WHERE id = $1 AND deleted_at IS NULL FOR UPDATE")
    private static let mark = PostgresStatement("UPDATE rooms SET deleted_at = $2 WHERE id = $1")
    private static let members = PostgresStatement("DELETE FROM memberships WHERE room_id = $1")
    private static let invitations = PostgresStatement("DELETE FROM invitations WHERE room_id = $1")

    func deleteRoom(_ id: RoomID, now: Timestamp) async throws -> Bool {
        try await run { connection in
            try connection.transaction { connection in
                guard try !connection.query(Self.lock, [.int64(id)]).isEmpty else { return false }
                try connection.query(Self.mark, [.int64(id), .time(now)])
                for statement in [Self.members, Self.invitations] { try connection.query(statement, [.int64(id)]) }
                return true
            }
        }
    }

    /// One that no other instance is clearing away at this moment.
    private static let next = PostgresStatement(
        "SELECT id FROM rooms WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    private static let messages = PostgresStatement(
        """
        DELETE FROM messages WHERE room_id = $1
        AND seq IN (SELECT seq FROM messages WHERE room_id = $1 ORDER BY seq LIMIT $2)
        """
    )
    private static let room = PostgresStatement("DELETE FROM rooms WHERE id = $1")

    func purge(limit: Int) async throws -> Bool {
        try await run { connection in
            try connection.transaction { connection in
                guard let id = try connection.query(Self.next, []).first?.int64(0) else { return false }
                let deleted = try connection.query(Self.messages, [.int64(id), .int64(Int64(limit))]).affectedRows
                if deleted < limit { try connection.query(Self.room, [.int64(id)]) }
                return true
            }
        }
    }
}
