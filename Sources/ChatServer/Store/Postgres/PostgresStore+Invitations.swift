import ChatProtocol
import PostgresClient

extension PostgresStore {
    private static let create = PostgresStatement(
        """
        INSERT INTO invitations (code, room_id, creator_id, max_uses, expires_at, created_at)
        SELECT $1, id, $3, $4, $5, $6 FROM rooms WHERE id = $2 AND deleted_at IS NULL FOR KEY SHARE
        """
    )
    /// Not those that somebody has in hand just now: the next one forgets them.
    private static let forget = PostgresStatement(
        """
        DELETE FROM invitations WHERE code IN (
            SELECT code FROM invitations WHERE room_id = $1 AND expires_at < $2 FOR UPDATE SKIP LOCKED)
        """
    )
    private static let list = PostgresStatement(
        """
        SELECT code, creator_id, max_uses, uses, expires_at, created_at FROM invitations
        WHERE room_id = $1 ORDER BY created_at DESC, code LIMIT $2
        """
    )
    private static let delete = PostgresStatement("DELETE FROM invitations WHERE code = $1 AND room_id = $2")
    /// Before the invitation itself, as a deletion of the room does: two never wait for each other in a circle.
    private static let lockRoom = PostgresStatement(
        "SELECT 1 FROM rooms WHERE id = (SELECT room_id FROM invitations WHERE code = $1) FOR KEY SHARE"
    )
    private static let lock = PostgresStatement(
        "SELECT room_id, max_uses, uses, expires_at FROM invitations WHERE code = $1 FOR UPDATE"
    )
    private static let use = PostgresStatement("UPDATE invitations SET uses = uses + 1 WHERE code = $1")

    func createInvitation(_ invitation: Invitation) async throws {
        let values: [PostgresValue] = [
            .text(invitation.code), .int64(invitation.roomID), .int64(invitation.creatorID),
            .int64(invitation.maxUses.map(Int64.init)), .optionalTime(invitation.expiresAt),
            .time(invitation.createdAt),
        ]
        let forgotten: [PostgresValue] = [.int64(invitation.roomID), .time(invitation.forgetsEndedBefore)]
        try await run { connection in
            try connection.transaction { connection in
                guard try connection.query(Self.create, values).affectedRows > 0 else { throw StoreError.notFound }
                try connection.query(Self.forget, forgotten)
            }
        }
    }

    func invitations(to roomID: RoomID, limit: Int) async throws -> [Invitation] {
        try await run { connection in
            try connection.query(Self.list, [.int64(roomID), .int64(Int64(limit))]).map { row in
                Invitation(
                    code: try row.text(0),
                    roomID: roomID,
                    creatorID: try row.int64(1),
                    maxUses: try row.optionalInt64(2).map { Int($0) },
                    uses: Int(try row.int64(3)),
                    expiresAt: try row.optionalTime(4),
                    createdAt: try row.time(5)
                )
            }
        }
    }

    func deleteInvitation(code: String, roomID: RoomID) async throws -> Bool {
        try await run { try $0.query(Self.delete, [.text(code), .int64(roomID)]).affectedRows > 0 }
    }

    func acceptInvitation(code: String, userID: UserID, now: Timestamp) async throws -> InvitationAnswer {
        try await run { connection in
            try connection.transaction { connection in
                try connection.query(Self.lockRoom, [.text(code)])
                guard let row = try connection.query(Self.lock, [.text(code)]).first else { return .unknown }
                let roomID = try row.int64(0)
                if let existing = try Self.find(connection, roomID, userID) { return .member(existing) }
                if let expiresAt = try row.optionalTime(3), expiresAt <= now { return .expired }
                if let maxUses = try row.optionalInt64(1), try row.int64(2) >= maxUses { return .usedUp }
                try connection.query(Self.use, [.text(code)])
                return .member(try Self.join(connection, roomID, userID, now: now))
            }
        }
    }
}
