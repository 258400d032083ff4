import ChatProtocol
import Foundation
import GRDB

private let roomColumns = "r.id, r.name, r.is_private, r.created_at, r.last_seq, r.access_code"
private let viewColumns = "\(roomColumns), m.role, m.last_read_seq"

extension Room {
    fileprivate init(row: Row) {
        self.init(
            id: row[0],
            name: row[1],
            isPrivate: row[2],
            createdAt: row[3],
            lastSeq: row[4],
            accessCodeHash: row[5]
        )
    }
}

extension RoomView {
    fileprivate init(row: Row) {
        self.init(room: Room(row: row), role: row[6], lastReadSeq: row[7])
    }
}

extension SQLiteStore {
    func createRoom(
        name: String,
        isPrivate: Bool,
        accessCodeHash: String?,
        ownerID: UserID,
        now: Timestamp
    ) async throws -> Room {
        try await write { db in
            try db.cachedStatement(
                sql: "INSERT INTO rooms (name, is_private, access_code, created_at) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [name, isPrivate, accessCodeHash, now])
            let id = db.lastInsertedRowID
            try Self.insertMember(roomID: id, userID: ownerID, role: .owner, now: now, db)
            return Room(
                id: id,
                name: name,
                isPrivate: isPrivate,
                createdAt: now,
                lastSeq: 0,
                accessCodeHash: accessCodeHash
            )
        }
    }

    func room(_ id: RoomID, for userID: UserID) async throws -> RoomView? {
        try await read { db in
            let sql = """
                SELECT \(viewColumns) FROM rooms r
                LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = ?
                WHERE r.id = ? AND r.deleted_at IS NULL
                """
            return try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: [userID, id]).map(RoomView.init)
        }
    }

    /// A page of either kind, each by an index of its own, and then the first of both.
    static let rooms = """
        SELECT \(viewColumns)
        FROM (
            SELECT * FROM (
                SELECT id FROM rooms INDEXED BY rooms_public WHERE id > ?2 AND is_private = 0 AND deleted_at IS NULL
                ORDER BY id LIMIT ?3
            )
            UNION
            SELECT * FROM (
                SELECT room_id FROM memberships INDEXED BY memberships_by_user WHERE user_id = ?1 AND room_id > ?2
                ORDER BY room_id LIMIT ?3
            )
            ORDER BY 1 LIMIT ?3
        ) page
        CROSS JOIN rooms r ON r.id = page.id AND r.deleted_at IS NULL
        LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = ?1
        ORDER BY r.id
        """

    func rooms(for userID: UserID, afterID: RoomID, limit: Int) async throws -> [RoomView] {
        try await read { db in
            let statement = try db.cachedStatement(sql: Self.rooms)
            return try Row.fetchAll(statement, arguments: [userID, afterID, limit]).map(RoomView.init)
        }
    }

    func updateRoom(_ id: RoomID, _ change: RoomChange) async throws -> Room? {
        let hash: String? = if case .hash(let hash) = change.accessCode { hash } else { nil }
        return try await write { db in
            let sql = """
                UPDATE rooms AS r
                SET name = coalesce(?, name), access_code = CASE WHEN ? THEN access_code ELSE ? END
                WHERE id = ? AND deleted_at IS NULL RETURNING \(roomColumns.replacing("r.", with: ""))
                """
            let statement = try db.cachedStatement(sql: sql)
            let arguments: StatementArguments = [change.name, change.accessCode == .kept, hash, id]
            return try Row.fetchOne(statement, arguments: arguments).map(Room.init)
        }
    }

    // MARK: - Members

    func addMember(roomID: RoomID, userID: UserID, now: Timestamp) async throws -> Membership {
        try await write { db in
            if let existing = try Self.membership(roomID, userID, db) { return existing }
            return try Self.join(roomID, userID, now: now, db)
        }
    }

    static func join(_ roomID: RoomID, _ userID: UserID, now: Timestamp, _ db: Database) throws -> Membership {
        let head = try db.cachedStatement(sql: MessageTable.headSQL)
        guard let lastSeq = try Sequence64.fetchOne(head, arguments: [roomID]) else { throw StoreError.notFound }
        try insertMember(roomID: roomID, userID: userID, role: .member, lastReadSeq: lastSeq, now: now, db)
        return Membership(roomID: roomID, userID: userID, role: .member, joinedAt: now)
    }

    func removeMember(roomID: RoomID, userID: UserID) async throws -> Bool {
        try await write { db in
            try db.cachedStatement(sql: "DELETE FROM memberships WHERE room_id = ? AND user_id = ?")
                .execute(arguments: [roomID, userID])
            return db.changesCount > 0
        }
    }

    func role(of userID: UserID, in roomID: RoomID) async throws -> Role? {
        try await read { try Self.membership(roomID, userID, $0)?.role }
    }

    func markRead(roomID: RoomID, userID: UserID, seq: Sequence64) async throws -> ReadMark? {
        try await write { db in
            let read = try db.cachedStatement(
                sql: """
                    SELECT m.last_read_seq, r.last_seq FROM memberships m JOIN rooms r ON r.id = m.room_id
                    WHERE m.room_id = ? AND m.user_id = ?
                    """
            )
            guard let row = try Row.fetchOne(read, arguments: [roomID, userID]) else { return nil }
            let (before, last): (Sequence64, Sequence64) = (row[0], row[1])
            let mark = ReadMark(lastReadSeq: max(before, min(seq, last)), lastSeq: last)
            if mark.lastReadSeq > before {
                try db.cachedStatement(
                    sql: "UPDATE memberships SET last_read_seq = ? WHERE room_id = ? AND user_id = ?"
                ).execute(arguments: [mark.lastReadSeq, roomID, userID])
            }
            return mark
        }
    }

    func strangers(among pairs: ArraySlice<RoomUser>) async throws -> [RoomUser] {
        try await read { db in
            let member = try db.cachedStatement(sql: "SELECT 1 FROM memberships WHERE room_id = ? AND user_id = ?")
            return try pairs.filter { try Int.fetchOne(member, arguments: [$0.roomID, $0.userID]) == nil }
        }
    }

    func members(of roomID: RoomID, afterID: UserID, limit: Int) async throws -> [MemberRecord] {
        try await read { db in
            let sql = """
                SELECT u.id, u.username, m.role, m.joined_at FROM memberships m JOIN users u ON u.id = m.user_id
                WHERE m.room_id = ? AND m.user_id > ? ORDER BY m.user_id LIMIT ?
                """
            let statement = try db.cachedStatement(sql: sql)
            return try Row.fetchAll(statement, arguments: [roomID, afterID, limit]).map { row in
                MemberRecord(user: User(id: row[0], username: row[1]), role: row[2], joinedAt: row[3])
            }
        }
    }

    static func insertMember(
        roomID: RoomID,
        userID: UserID,
        role: Role,
        lastReadSeq: Sequence64 = 0,
        now: Timestamp,
        _ db: Database
    ) throws {
        do {
            try db.cachedStatement(
                sql: """
                    INSERT INTO memberships (room_id, user_id, role, joined_at, last_read_seq) VALUES (?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [roomID, userID, role, now, lastReadSeq])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
            throw StoreError.notFound
        }
    }

    static func membership(_ roomID: RoomID, _ userID: UserID, _ db: Database) throws -> Membership? {
        try Row.fetchOne(
            try db.cachedStatement(sql: "SELECT role, joined_at FROM memberships WHERE room_id = ? AND user_id = ?"),
            arguments: [roomID, userID]
        ).map { Membership(roomID: roomID, userID: userID, role: $0[0], joinedAt: $0[1]) }
    }
}
