import ChatProtocol
import Foundation
import GRDB

private let roomColumns = "r.id, r.name, r.is_private, r.created_at, r.last_seq, r.access_code, m.role"

extension RoomView {
    fileprivate init(row: Row) {
        self.init(
            room: Room(
                id: row[0],
                name: row[1],
                isPrivate: row[2],
                createdAt: row[3],
                lastSeq: row[4],
                accessCodeHash: row[5]
            ),
            role: row[6]
        )
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
                SELECT \(roomColumns) FROM rooms r
                LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = ? WHERE r.id = ?
                """
            return try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: [userID, id]).map(RoomView.init)
        }
    }

    func rooms(for userID: UserID, afterID: RoomID, limit: Int) async throws -> [RoomView] {
        try await read { db in
            let sql = """
                SELECT \(roomColumns) FROM rooms r
                LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = ?
                WHERE r.id > ? AND (r.is_private = 0 OR m.role IS NOT NULL) ORDER BY r.id LIMIT ?
                """
            let statement = try db.cachedStatement(sql: sql)
            return try Row.fetchAll(statement, arguments: [userID, afterID, limit]).map(RoomView.init)
        }
    }

    func addMember(roomID: RoomID, userID: UserID, now: Timestamp) async throws -> Membership {
        try await write { db in
            if let existing = try Self.membership(roomID, userID, db) { return existing }
            try Self.insertMember(roomID: roomID, userID: userID, role: .member, now: now, db)
            return Membership(roomID: roomID, userID: userID, role: .member, joinedAt: now)
        }
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

    func createInvitation(_ invitation: Invitation) async throws {
        try await write { db in
            try db.cachedStatement(
                sql: """
                    INSERT INTO invitations (code, room_id, creator_id, max_uses, expires_at, created_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                invitation.code, invitation.roomID, invitation.creatorID, invitation.maxUses, invitation.expiresAt,
                invitation.createdAt,
            ])
        }
    }

    func acceptInvitation(code: String, userID: UserID, now: Timestamp) async throws -> InvitationAnswer {
        try await write { db in
            let sql = "SELECT room_id, max_uses, uses, expires_at FROM invitations WHERE code = ?"
            guard let row = try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: [code]) else {
                return .unknown
            }
            let roomID: RoomID = row[0]
            if let existing = try Self.membership(roomID, userID, db) { return .member(existing) }
            if let expiresAt = row[3] as Timestamp?, expiresAt <= now { return .expired }
            if let maxUses = row[1] as Int?, (row[2] as Int) >= maxUses { return .usedUp }
            try db.cachedStatement(sql: "UPDATE invitations SET uses = uses + 1 WHERE code = ?")
                .execute(arguments: [code])
            try Self.insertMember(roomID: roomID, userID: userID, role: .member, now: now, db)
            return .member(Membership(roomID: roomID, userID: userID, role: .member, joinedAt: now))
        }
    }

    static func insertMember(roomID: RoomID, userID: UserID, role: Role, now: Timestamp, _ db: Database) throws {
        do {
            try db.cachedStatement(
                sql: "INSERT INTO memberships (room_id, user_id, role, joined_at) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [roomID, userID, role, now])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
            throw StoreError.notFound
        }
    }

    private static func membership(_ roomID: RoomID, _ userID: UserID, _ db: Database) throws -> Membership? {
        try Row.fetchOne(
            try db.cachedStatement(sql: "SELECT role, joined_at FROM memberships WHERE room_id = ? AND user_id = ?"),
            arguments: [roomID, userID]
        ).map { Membership(roomID: roomID, userID: userID, role: $0[0], joinedAt: $0[1]) }
    }
}
