import ChatProtocol
import PostgresClient

extension PostgresStore {
    private static let createRoom = PostgresStatement(
        """
        WITH room AS (
            INSERT INTO rooms (name, is_private, access_code, created_at) VALUES ($1, $2, $3, $4) RETURNING id
        )
        INSERT INTO memberships (room_id, user_id, role, joined_at) SELECT id, $5, 'owner', $4 FROM room RETURNING room_id
        """
    )

    func createRoom(
        name: String,
        isPrivate: Bool,
        accessCodeHash: String?,
        ownerID: UserID,
        now: Timestamp
    ) async throws -> Room {
        try await run { connection in
            let row = try connection.query(
                Self.createRoom,
                [.text(name), .bool(isPrivate), .text(accessCodeHash), .time(now), .int64(ownerID)]
            )[0]
            return Room(
                id: try row.int64(0),
                name: name,
                isPrivate: isPrivate,
                createdAt: now,
                lastSeq: 0,
                accessCodeHash: accessCodeHash
            )
        }
    }

    private static let roomColumns = "r.id, r.name, r.is_private, r.created_at, r.last_seq, r.access_code, m.role"
    private static let room = PostgresStatement(
        """
        SELECT \(roomColumns) FROM rooms r
        LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = $2 WHERE r.id = $1
        """
    )
    private static let rooms = PostgresStatement(
        """
        SELECT \(roomColumns) FROM rooms r
        LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = $1
        WHERE r.id > $2 AND (NOT r.is_private OR m.role IS NOT NULL) ORDER BY r.id LIMIT $3
        """
    )

    private static func view(_ row: PostgresRow) throws -> RoomView {
        RoomView(
            room: Room(
                id: try row.int64(0),
                name: try row.text(1),
                isPrivate: try row.bool(2),
                createdAt: try row.time(3),
                lastSeq: try row.int64(4),
                accessCodeHash: try row.optionalText(5)
            ),
            role: try row.optionalRole(6)
        )
    }

    func room(_ id: RoomID, for userID: UserID) async throws -> RoomView? {
        try await run { connection in
            try connection.query(Self.room, [.int64(id), .int64(userID)]).first.map(Self.view)
        }
    }

    func rooms(for userID: UserID, afterID: RoomID, limit: Int) async throws -> [RoomView] {
        try await run { connection in
            try connection.query(Self.rooms, [.int64(userID), .int64(afterID), .int64(Int64(limit))]).map(Self.view)
        }
    }

    // MARK: - Members

    private static let membership = PostgresStatement(
        "SELECT role, joined_at FROM memberships WHERE room_id = $1 AND user_id = $2"
    )
    private static let insertMember = PostgresStatement(
        """
        INSERT INTO memberships (room_id, user_id, role, joined_at) VALUES ($1, $2, 'member', $3)
        ON CONFLICT DO NOTHING
        """
    )
    private static let deleteMember = PostgresStatement("DELETE FROM memberships WHERE room_id = $1 AND user_id = $2")
    private static let members = PostgresStatement(
        """
        SELECT u.id, u.username, m.role, m.joined_at FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.room_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3
        """
    )

    func addMember(roomID: RoomID, userID: UserID, now: Timestamp) async throws -> Membership {
        try await run { connection in
            try connection.transaction { try Self.join($0, roomID, userID, now: now) }
        }
    }

    private static func join(
        _ connection: isolated PostgresConnection,
        _ roomID: RoomID,
        _ userID: UserID,
        now: Timestamp
    ) throws -> Membership {
        try connection.query(insertMember, [.int64(roomID), .int64(userID), .time(now)])
        guard let membership = try find(connection, roomID, userID) else { throw StoreError.notFound }
        return membership
    }

    private static func find(
        _ connection: isolated PostgresConnection,
        _ roomID: RoomID,
        _ userID: UserID
    ) throws -> Membership? {
        guard let row = try connection.query(membership, [.int64(roomID), .int64(userID)]).first,
            let role = try row.optionalRole(0)
        else { return nil }
        return Membership(roomID: roomID, userID: userID, role: role, joinedAt: try row.time(1))
    }

    func removeMember(roomID: RoomID, userID: UserID) async throws -> Bool {
        try await run { try $0.query(Self.deleteMember, [.int64(roomID), .int64(userID)]).affectedRows > 0 }
    }

    func role(of userID: UserID, in roomID: RoomID) async throws -> Role? {
        try await run { try Self.find($0, roomID, userID)?.role }
    }

    private static let strangers = PostgresStatement(
        """
        SELECT asked.room_id, asked.user_id FROM unnest($1::bigint[], $2::bigint[]) AS asked (room_id, user_id)
        WHERE NOT EXISTS (
            SELECT FROM memberships m WHERE m.room_id = asked.room_id AND m.user_id = asked.user_id
        )
        """
    )

    func strangers(among pairs: ArraySlice<RoomUser>) async throws -> [RoomUser] {
        let values: [PostgresValue] = [.int64Array(pairs.map(\.roomID)), .int64Array(pairs.map(\.userID))]
        return try await run { connection in
            try connection.query(Self.strangers, values).map { row in
                RoomUser(roomID: try row.int64(0), userID: try row.int64(1))
            }
        }
    }

    func members(of roomID: RoomID, afterID: UserID, limit: Int) async throws -> [MemberRecord] {
        try await run { connection in
            try connection.query(Self.members, [.int64(roomID), .int64(afterID), .int64(Int64(limit))]).map { row in
                MemberRecord(
                    user: User(id: try row.int64(0), username: try row.text(1)),
                    role: try row.optionalRole(2) ?? .member,
                    joinedAt: try row.time(3)
                )
            }
        }
    }

    // MARK: - Invitations

    private static let createInvitation = PostgresStatement(
        """
        INSERT INTO invitations (code, room_id, creator_id, max_uses, expires_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """
    )
    private static let invitation = PostgresStatement(
        "SELECT room_id, max_uses, uses, expires_at FROM invitations WHERE code = $1 FOR UPDATE"
    )
    private static let useInvitation = PostgresStatement("UPDATE invitations SET uses = uses + 1 WHERE code = $1")

    func createInvitation(_ invitation: Invitation) async throws {
        _ = try await run { connection in
            try connection.query(
                Self.createInvitation,
                [
                    .text(invitation.code), .int64(invitation.roomID), .int64(invitation.creatorID),
                    .int64(invitation.maxUses.map(Int64.init)), .optionalTime(invitation.expiresAt),
                    .time(invitation.createdAt),
                ]
            ).count
        }
    }

    func acceptInvitation(code: String, userID: UserID, now: Timestamp) async throws -> InvitationAnswer {
        try await run { connection in
            try connection.transaction { connection in
                guard let row = try connection.query(Self.invitation, [.text(code)]).first else { return .unknown }
                let roomID = try row.int64(0)
                if let existing = try Self.find(connection, roomID, userID) { return .member(existing) }
                if let expiresAt = try row.optionalTime(3), expiresAt <= now { return .expired }
                if let maxUses = try row.optionalInt64(1), try row.int64(2) >= maxUses { return .usedUp }
                try connection.query(Self.useInvitation, [.text(code)])
                return .member(try Self.join(connection, roomID, userID, now: now))
            }
        }
    }
}
