import ChatProtocol
import Foundation
import Logging

/// What a client gets for its password or its refresh token.
struct TokenPair: Sendable {
    var user: User
    var accessToken: String
    var expiresIn: Int64
    var refreshToken: String
}

/// Accounts and sessions: register, login, refresh, logout, and whom a token speaks for.
struct AuthService: Sendable {
    let store: any Store
    let broker: any Broker
    let tokens: AccessTokens
    let passwords: Passwords
    let limiter: RateLimiter
    let logger: Logger
    let clock: Clock
    /// Of refresh tokens, in seconds.
    var refreshLifetime: Int64 = 30 * 86_400

    func register(username: String, password: String, address: ClientAddress) async throws -> TokenPair {
        try limiter.check(.registerAddress, .address(address))
        let hash = try await hashing { try await passwords.hash(password) }
        let user: User
        do {
            user = try await store.createUser(username: username, passwordHash: hash, now: clock.now)
        } catch StoreError.usernameTaken {
            throw Problem(.usernameTaken, "that username is taken")
        }
        logger.info("registered", metadata: ["user_id": "\(user.id)"])
        return try await open(user)
    }

    func login(username: String, password: String, address: ClientAddress) async throws -> TokenPair {
        try limiter.check(.loginAddress, .address(address))
        // What is longer is nobody's name. Names that nobody has are limited like others: the answer must not tell.
        if username.utf8.count <= Limits.usernameLength.upperBound {
            try limiter.check(.loginUser, .name(username.lowercased()))
        }
        let record = try await store.user(named: username)
        guard try await hashing({ try await passwords.verify(password, record?.passwordHash) }), let record else {
            logger.warning(
                "authentication failed", metadata: ["reason": "invalid_credentials", "address": "\(address)"])
            throw Problem(.invalidCredentials, "wrong username or password")
        }
        // Only wrong ones count in the end.
        limiter.giveBack(.loginAddress, .address(address))
        limiter.giveBack(.loginUser, .name(username.lowercased()))
        if passwords.isOutdated(record.passwordHash) { await upgrade(record, password) }
        return try await open(record.user)
    }

    /// Only now is the password known. Without a new hash the old one is as good as it was.
    private func upgrade(_ record: UserRecord, _ password: String) async {
        do {
            let hash = try await passwords.hash(password)
            try await store.replacePasswordHash(of: record.user.id, record.passwordHash, with: hash)
            logger.info("password hash renewed", metadata: ["user_id": "\(record.user.id)"])
        } catch {
            logger.warning(
                "password hash not renewed", metadata: ["user_id": "\(record.user.id)", "error": "\(error)"])
        }
    }

    func refresh(_ refreshToken: String) async throws -> TokenPair {
        let successor = Secrets.random()
        let now = clock.now
        let rotation = try await store.rotate(
            refreshToken: Secrets.digest(refreshToken),
            successor: Secrets.digest(successor),
            now: now,
            expires: Timestamp(microseconds: now.microseconds + refreshLifetime * 1_000_000)
        )
        switch rotation {
        case .rotated(let user, let session):
            return try await pair(user, session: session, refreshToken: successor)
        case .reused(let session):
            logger.warning("refresh token reused", metadata: ["session": "\(session)"])
            await announceRevoked(session)
            throw Problem(.unauthorized, "this refresh token was spent; its session is revoked")
        case .expired: throw Problem(.unauthorized, "the refresh token has expired")
        case .revoked, .unknown:
            logger.warning("authentication failed", metadata: ["reason": "refresh_token"])
            throw Problem(.unauthorized, "the refresh token is not valid")
        }
    }

    func logout(_ refreshToken: String) async throws {
        let session = try await store.revokeSession(refreshToken: Secrets.digest(refreshToken), now: clock.now)
        guard let session else { throw Problem(.unauthorized, "the refresh token is not valid") }
        logger.info("logged out", metadata: ["session": "\(session)"])
        await announceRevoked(session)
    }

    /// Whom an access token speaks for, now.
    func identity(_ token: String) async throws(TokenError) -> Identity {
        let identity = try await tokens.verify(token, now: clock.now.microseconds / 1_000_000)
        let isActive: Bool
        do {
            isActive = try await store.isSessionActive(identity.session)
        } catch {
            throw .unavailable
        }
        guard isActive else { throw .revoked }
        return identity
    }

    /// The session is revoked in the store already; instances that miss the notice refuse its tokens all the same.
    private func announceRevoked(_ session: SessionID) async {
        do {
            try await broker.announce(.sessionRevoked(session))
        } catch {
            logger.error("broker failed", metadata: ["operation": "announce", "error": "\(error)"])
        }
    }

    private func open(_ user: User) async throws -> TokenPair {
        let refreshToken = Secrets.random()
        let now = clock.now
        let session = try await store.createSession(
            userID: user.id,
            refreshToken: Secrets.digest(refreshToken),
            now: now,
            expires: Timestamp(microseconds: now.microseconds + refreshLifetime * 1_000_000)
        )
        return try await pair(user, session: session, refreshToken: refreshToken)
    }

    private func pair(_ user: User, session: SessionID, refreshToken: String) async throws -> TokenPair {
        let access = try await tokens.sign(user, session: session, now: clock.now.microseconds / 1_000_000)
        return TokenPair(user: user, accessToken: access, expiresIn: tokens.lifetime, refreshToken: refreshToken)
    }

    private func hashing<T>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch Passwords.Failure.overloaded {
            throw Problem(.overloaded, "too many logins at once", retryAfterSeconds: 2)
        }
    }
}
