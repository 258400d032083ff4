import ChatProtocol
import Foundation
import GRDB

extension SQLiteStore {
    func createInvitation(_ invitation: Invitation) async throws {
        try await write { db in
            try db.cachedStatement(
                sql: """
                    INSERT INTO invitations (code, room_id, creator_id, max_uses, expires_at, created_at)
                    SELECT ?, id, ?, ?, ?, ? FROM rooms WHERE id = ? AND deleted_at IS NULL
                    """
            ).execute(arguments: [
                invitation.code, invitation.creatorID, invitation.maxUses, invitation.expiresAt, invitation.createdAt,
                invitation.roomID,
            ])
            guard db.changesCount > 0 else { throw StoreError.notFound }
            try db.cachedStatement(sql: "DELETE FROM invitations WHERE room_id = ? AND expires_at < ?")
                .execute(arguments: [invitation.roomID, invitation.forgetsEndedBefore])
        }
    }

    func invitations(to roomID: RoomID, limit: Int) async throws -> [Invitation] {
        try await read { db in
            let sql = """
                SELECT code, creator_id, max_uses, uses, expires_at, created_at FROM invitations
                WHERE room_id = ? ORDER BY created_at DESC, code LIMIT ?
                """
            return try Row.fetchAll(try db.cachedStatement(sql: sql), arguments: [roomID, limit]).map { row in
                Invitation(
                    code: row[0],
                    roomID: roomID,
                    creatorID: row[1],
                    maxUses: row[2],
                    uses: row[3],
                    expiresAt: row[4],
                    createdAt: row[5]
                )
            }
        }
    }

    func deleteInvitation(code: String, roomID: RoomID) async throws -> Bool {
        try await write { db in
            try db.cachedStatement(sql: "DELETE FROM invitations WHERE code = ? AND room_id = ?")
                .execute(arguments: [code, roomID])
            return db.changesCount > 0
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
            return .member(try Self.join(roomID, userID, now: now, db))
        }
    }
}
