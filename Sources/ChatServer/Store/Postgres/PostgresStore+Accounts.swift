import ChatProtocol
import PostgresClient

extension PostgresStore {
    private static let createUser = PostgresStatement(
        "INSERT INTO users (username, password, created_at) VALUES ($1, $2, $3) RETURNING id"
    )
    private static let userByName = PostgresStatement(
        #"SELECT id, username, password FROM users WHERE lower(username) COLLATE "C" = lower($1) COLLATE "C""#
    )
    private static let userByID = PostgresStatement("SELECT username FROM users WHERE id = $1")
    private static let replacePassword = PostgresStatement(
        "UPDATE users SET password = $3 WHERE id = $1 AND password = $2"
    )

    func createUser(username: String, passwordHash: String, now: Timestamp) async throws -> User {
        try await run { connection in
            let rows = try connection.query(Self.createUser, [.text(username), .text(passwordHash), .time(now)])
            return User(id: try rows[0].int64(0), username: username)
        }
    }

    func user(named username: String) async throws -> UserRecord? {
        try await run { connection in
            try connection.query(Self.userByName, [.text(username)]).first.map { row in
                UserRecord(
                    user: User(id: try row.int64(0), username: try row.text(1)),
                    passwordHash: try row.text(2)
                )
            }
        }
    }

    func user(id: UserID) async throws -> User? {
        try await run { connection in
            try connection.query(Self.userByID, [.int64(id)]).first.map { User(id: id, username: try $0.text(0)) }
        }
    }

    func replacePasswordHash(of userID: UserID, _ old: String, with new: String) async throws {
        try await run { connection in
            _ = try connection.query(Self.replacePassword, [.int64(userID), .text(old), .text(new)])
        }
    }
}

// MARK: - Sessions

extension PostgresStore {
    private static let createSession = PostgresStatement(
        """
        WITH session AS (INSERT INTO sessions (user_id, created_at) VALUES ($1, $2) RETURNING id)
        INSERT INTO refresh_tokens (digest, session_id, created_at, expires_at)
        SELECT $3, id, $2, $4 FROM session RETURNING session_id
        """
    )

    func createSession(
        userID: UserID,
        refreshToken: TokenDigest,
        now: Timestamp,
        expires: Timestamp
    ) async throws -> SessionID {
        try await run { connection in
            try connection.query(
                Self.createSession,
                [.int64(userID), .time(now), .bytes(refreshToken.bytes), .time(expires)]
            )[0].int64(0)
        }
    }

    func rotate(
        refreshToken: TokenDigest,
        successor: TokenDigest,
        now: Timestamp,
        expires: Timestamp
    ) async throws -> Rotation {
        try await run { connection in
            try connection.transaction { connection in
                guard let token = try Self.token(connection, refreshToken) else { return .unknown }
                switch try token.verdict(now: now, next: { try Self.token(connection, $0) }) {
                case .refuse(let rotation): return rotation
                case .revokeFamily:
                    try connection.query(Self.revoke, [.int64(token.session), .time(now)])
                    return .reused(token.session)
                case .rotate(let spentAt, let superseded):
                    if let superseded {
                        try Self.spend(connection, superseded, successor: successor, at: Timestamp(microseconds: 0))
                    }
                    try Self.spend(connection, refreshToken, successor: successor, at: spentAt)
                    try connection.query(
                        Self.insertToken,
                        [.bytes(successor.bytes), .int64(token.session), .time(now), .time(expires)]
                    )
                    return .rotated(token.user, token.session)
                }
            }
        }
    }

    func revokeSession(refreshToken: TokenDigest, now: Timestamp) async throws -> SessionID? {
        try await run { connection in
            try connection.transaction { connection in
                guard let token = try Self.token(connection, refreshToken) else { return nil }
                try connection.query(Self.revoke, [.int64(token.session), .time(now)])
                return token.session
            }
        }
    }

    private static let isActive = PostgresStatement("SELECT revoked_at IS NULL FROM sessions WHERE id = $1")

    func isSessionActive(_ session: SessionID) async throws -> Bool {
        try await run { try $0.query(Self.isActive, [.int64(session)]).first?.bool(0) ?? false }
    }

    private static let ended = PostgresStatement(
        """
        SELECT asked.id FROM unnest($1::bigint[]) AS asked (id)
        WHERE NOT EXISTS (SELECT FROM sessions s WHERE s.id = asked.id AND s.revoked_at IS NULL)
        """
    )

    func endedSessions(among sessions: ArraySlice<SessionID>) async throws -> [SessionID] {
        try await run { try $0.query(Self.ended, [.int64Array(Array(sessions))]).map { try $0.int64(0) } }
    }

    private static let selectToken = PostgresStatement(
        """
        SELECT s.id, s.user_id, u.username, t.expires_at, t.spent_at, t.successor, s.revoked_at
        FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
        WHERE t.digest = $1
        """
    )
    /// A family is changed by one at a time.
    private static let lockSession = PostgresStatement(
        """
        SELECT 1 FROM sessions WHERE id = (SELECT session_id FROM refresh_tokens WHERE digest = $1) FOR UPDATE
        """
    )
    private static let insertToken = PostgresStatement(
        "INSERT INTO refresh_tokens (digest, session_id, created_at, expires_at) VALUES ($1, $2, $3, $4)"
    )
    private static let spendToken = PostgresStatement(
        "UPDATE refresh_tokens SET spent_at = $2, successor = $3 WHERE digest = $1"
    )
    private static let revoke = PostgresStatement(
        "UPDATE sessions SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1"
    )

    /// Locks the token's session, and then reads: what the holder before committed is seen.
    private static func token(_ connection: isolated PostgresConnection, _ digest: TokenDigest) throws
        -> RefreshTokenRecord?
    {
        try connection.query(lockSession, [.bytes(digest.bytes)])
        return try connection.query(selectToken, [.bytes(digest.bytes)]).first.map { row in
            RefreshTokenRecord(
                session: try row.int64(0),
                user: User(id: try row.int64(1), username: try row.text(2)),
                expiresAt: try row.time(3),
                spentAt: try row.optionalTime(4),
                successor: try row.optionalBytes(5).map(TokenDigest.init(bytes:)),
                revokedAt: try row.optionalTime(6)
            )
        }
    }

    private static func spend(
        _ connection: isolated PostgresConnection,
        _ digest: TokenDigest,
        successor: TokenDigest,
        at time: Timestamp
    ) throws {
        try connection.query(spendToken, [.bytes(digest.bytes), .time(time), .bytes(successor.bytes)])
    }
}
