import ChatProtocol
import Foundation
import GRDB

/// Deleted rooms: gone at once, and cleared away little by little.
extension SQLiteStore {
    func deleteRoom(_ id: RoomID, now: Timestamp) async throws -> Bool {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE rooms SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL")
                .execute(arguments: [now, id])
            guard db.changesCount > 0 else { return false }
            for table in ["memberships", "invitations"] {
                try db.cachedStatement(sql: "DELETE FROM \(table) WHERE room_id = ?").execute(arguments: [id])
            }
            return true
        }
    }

    func purge(limit: Int) async throws -> Bool {
        try await write { db in
            let next = try db.cachedStatement(
                sql: "SELECT id FROM rooms WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1"
            )
            guard let id = try RoomID.fetchOne(next) else { return false }
            try db.cachedStatement(
                sql: """
                    DELETE FROM messages WHERE room_id = ?1
                    AND seq IN (SELECT seq FROM messages WHERE room_id = ?1 ORDER BY seq LIMIT ?2)
                    """
            ).execute(arguments: [id, limit])
            guard db.changesCount < limit else { return true }
            try db.cachedStatement(sql: "DELETE FROM rooms WHERE id = ?").execute(arguments: [id])
            return true
        }
    }
}
