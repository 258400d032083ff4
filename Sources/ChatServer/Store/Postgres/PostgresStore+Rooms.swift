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

    private static let roomColumns = "r.id, r.name, r.is_private, r.created_at, r.last_seq, r.access_code"
    private static let viewColumns = "\(roomColumns), m.role, m.last_read_seq"
    private static let room = PostgresStatement(
        """
        SELECT \(viewColumns) FROM rooms r
        LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = $2
        WHERE r.id = $1 AND r.deleted_at IS NULL
        """
    )
    /// A page and one more.
    private static let mostRooms = Limits.pageLimit.upperBound + 1
    /// A page of either kind, each by an index of its own, and then the first of both: rooms that the user may not see
    /// cost nothing, however many they are.
    ///
    /// The planner is left no choice. A bound that it does not know it takes for a tenth of the table, and for one user's
    /// rooms in order it likes to read everybody's memberships; rows as one value fit the index by user alone.
    static let rooms = PostgresStatement(
        """
        SELECT \(viewColumns)
        FROM (
            SELECT id
            FROM (
                (
                    SELECT id FROM rooms WHERE id > $2 AND NOT is_private AND deleted_at IS NULL
                    ORDER BY id LIMIT \(mostRooms)
                )
                UNION
                (
                    SELECT room_id FROM memberships WHERE (user_id, room_id) > ($1, $2) AND user_id <= $1
                    ORDER BY user_id, room_id LIMIT \(mostRooms)
                )
            ) visible
            ORDER BY id LIMIT $3
        ) page
        JOIN rooms r ON r.id = page.id AND r.deleted_at IS NULL
        LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = $1
        ORDER BY r.id
        """
    )
    private static let updateRoom = PostgresStatement(
        """
        UPDATE rooms r SET name = coalesce($2, name), access_code = CASE WHEN $3 THEN access_code ELSE $4 END
        WHERE id = $1 AND deleted_at IS NULL RETURNING \(roomColumns)
        """
    )

    private static func room(_ row: PostgresRow) throws -> Room {
        Room(
            id: try row.int64(0),
            name: try row.text(1),
            isPrivate: try row.bool(2),
            createdAt: try row.time(3),
            lastSeq: try row.int64(4),
            accessCodeHash: try row.optionalText(5)
        )
    }

    private static func view(_ row: PostgresRow) throws -> RoomView {
        RoomView(room: try room(row), role: try row.optionalRole(6), lastReadSeq: try row.optionalInt64(7))
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

    func updateRoom(_ id: RoomID, _ change: RoomChange) async throws -> Room? {
        let hash: String? = if case .hash(let hash) = change.accessCode { hash } else { nil }
        let values: [PostgresValue] = [
            .int64(id), .text(change.name), .bool(change.accessCode == .kept), .text(hash),
        ]
        return try await run { try $0.query(Self.updateRoom, values).first.map(Self.room) }
    }

    // MARK: - Members

    private static let membership = PostgresStatement(
        "SELECT role, joined_at FROM memberships WHERE room_id = $1 AND user_id = $2"
    )
    private static let insertMember = PostgresStatement(
        """
        INSERT INTO memberships (room_id, user_id, role, joined_at, last_read_seq)
        SELECT id, $2, 'member', $3, last_seq FROM rooms WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE
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

    static func join(
        _ connection: isolated PostgresConnection,
        _ roomID: RoomID,
        _ userID: UserID,
        now: Timestamp
    ) throws -> Membership {
        try connection.query(insertMember, [.int64(roomID), .int64(userID), .time(now)])
        guard let membership = try find(connection, roomID, userID) else { throw StoreError.notFound }
        return membership
    }

    static func find(
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

    private static let markRead = PostgresStatement(
        """
        UPDATE memberships m SET last_read_seq = greatest(m.last_read_seq, least($3, r.last_seq))
        FROM rooms r WHERE r.id = $1 AND m.room_id = $1 AND m.user_id = $2
        RETURNING m.last_read_seq, r.last_seq
        """
    )

    func markRead(roomID: RoomID, userID: UserID, seq: Sequence64) async throws -> ReadMark? {
        try await run { connection in
            try connection.query(Self.markRead, [.int64(roomID), .int64(userID), .int64(seq)]).first.map { row in
                ReadMark(lastReadSeq: try row.int64(0), lastSeq: try row.int64(1))
            }
        }
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
}
