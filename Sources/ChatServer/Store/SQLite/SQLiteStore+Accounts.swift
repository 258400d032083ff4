import ChatProtocol
import Foundation
import GRDB

extension SQLiteStore {
    func createUser(username: String, passwordHash: String, now: Timestamp) async throws -> User {
        try await write { db in
            do {
                try db.cachedStatement(
                    sql: "INSERT INTO users (username, password, created_at) VALUES (?, ?, ?)"
                ).execute(arguments: [username, passwordHash, now])
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
                throw StoreError.usernameTaken
            }
            return User(id: db.lastInsertedRowID, username: username)
        }
    }

    func user(named username: String) async throws -> UserRecord? {
        try await read { db in
            try Row.fetchOne(
                try db.cachedStatement(sql: "SELECT id, username, password FROM users WHERE username = ?"),
                arguments: [username]
            ).map { UserRecord(user: User(id: $0[0], username: $0[1]), passwordHash: $0[2]) }
        }
    }

    func user(id: UserID) async throws -> User? {
        try await read { db in
            try String.fetchOne(
                try db.cachedStatement(sql: "SELECT username FROM users WHERE id = ?"),
                arguments: [id]
            ).map { User(id: id, username: $0) }
        }
    }

    func replacePasswordHash(of userID: UserID, _ old: String, with new: String) async throws {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE users SET password = ? WHERE id = ? AND password = ?")
                .execute(arguments: [new, userID, old])
        }
    }
}

// MARK: - Sessions

extension SQLiteStore {
    func createSession(
        userID: UserID,
        refreshToken: TokenDigest,
        now: Timestamp,
        expires: Timestamp
    ) async throws -> SessionID {
        try await write { db in
            try db.cachedStatement(sql: "INSERT INTO sessions (user_id, created_at) VALUES (?, ?)")
                .execute(arguments: [userID, now])
            let session = db.lastInsertedRowID
            try Self.insert(refreshToken, session: session, now: now, expires: expires, db)
            return session
        }
    }

    func rotate(
        refreshToken: TokenDigest,
        successor: TokenDigest,
        now: Timestamp,
        expires: Timestamp
    ) async throws -> Rotation {
        try await write { db in
            guard let token = try Self.token(refreshToken, db) else { return .unknown }
            switch try token.verdict(now: now, next: { try Self.token($0, db) }) {
            case .refuse(let rotation): return rotation
            case .revokeFamily:
                try Self.revoke(session: token.session, now: now, db)
                return .reused(token.session)
            case .rotate(let spentAt, let superseded):
                if let superseded {
                    try Self.spend(superseded, successor: successor, now: Timestamp(microseconds: 0), db)
                }
                try Self.spend(refreshToken, successor: successor, now: spentAt, db)
                try Self.insert(successor, session: token.session, now: now, expires: expires, db)
                return .rotated(token.user, token.session)
            }
        }
    }

    func revokeSession(refreshToken: TokenDigest, now: Timestamp) async throws -> SessionID? {
        try await write { db in
            guard let token = try Self.token(refreshToken, db) else { return nil }
            try Self.revoke(session: token.session, now: now, db)
            return token.session
        }
    }

    func isSessionActive(_ session: SessionID) async throws -> Bool {
        try await read { db in
            try Bool.fetchOne(
                try db.cachedStatement(sql: "SELECT revoked_at IS NULL FROM sessions WHERE id = ?"),
                arguments: [session]
            ) ?? false
        }
    }

    func endedSessions(among sessions: ArraySlice<SessionID>) async throws -> [SessionID] {
        try await read { db in
            let active = try db.cachedStatement(sql: "SELECT 1 FROM sessions WHERE id = ? AND revoked_at IS NULL")
            return try sessions.filter { try Int.fetchOne(active, arguments: [$0]) == nil }
        }
    }

    private static func token(_ digest: TokenDigest, _ db: Database) throws -> RefreshTokenRecord? {
        let sql = """
            SELECT t.session_id, s.user_id, u.username, t.expires_at, t.spent_at, t.successor, s.revoked_at
            FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
            WHERE t.digest = ?
            """
        return try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: [Data(digest.bytes)]).map { row in
            RefreshTokenRecord(
                session: row[0],
                user: User(id: row[1], username: row[2]),
                expiresAt: row[3],
                spentAt: row[4],
                successor: (row[5] as Data?).map { TokenDigest(bytes: Array($0)) },
                revokedAt: row[6]
            )
        }
    }

    private static func insert(
        _ digest: TokenDigest,
        session: SessionID,
        now: Timestamp,
        expires: Timestamp,
        _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: "INSERT INTO refresh_tokens (digest, session_id, created_at, expires_at) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [Data(digest.bytes), session, now, expires])
    }

    private static func spend(_ digest: TokenDigest, successor: TokenDigest, now: Timestamp, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE refresh_tokens SET spent_at = ?, successor = ? WHERE digest = ?")
            .execute(arguments: [now, Data(successor.bytes), Data(digest.bytes)])
    }

    private static func revoke(session: SessionID, now: Timestamp, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE sessions SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?")
            .execute(arguments: [now, session])
    }
}
