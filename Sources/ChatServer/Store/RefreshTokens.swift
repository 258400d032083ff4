import ChatProtocol

/// One refresh token with its session, as a store keeps it.
struct RefreshTokenRecord: Sendable {
    /// A spent token that comes again this soon, while its successor is unused, lost its answer on the way.
    private static let lostAnswerGrace: Int64 = 10_000_000

    var session: SessionID
    var user: User
    var expiresAt: Timestamp
    var spentAt: Timestamp?
    var successor: TokenDigest?
    /// Of the session.
    var revokedAt: Timestamp?

    /// What is to be done with a refresh token that is presented.
    enum Verdict: Equatable {
        case refuse(Rotation)
        /// It was spent before: the whole family is to be revoked.
        case revokeFamily
        /// It is to be spent, as of this time, and gets a successor. `superseded` is the successor that it had already,
        /// whose answer got lost: it must not work beside the new one, so it is spent too, without a grace of its own.
        case rotate(spentAt: Timestamp, superseded: TokenDigest?)
    }

    /// - Parameter next: reads the token's successor.
    func verdict(now: Timestamp, next: (TokenDigest) throws -> RefreshTokenRecord?) rethrows -> Verdict {
        guard revokedAt == nil else { return .refuse(.revoked) }
        guard expiresAt > now else { return .refuse(.expired) }
        guard let spentAt else { return .rotate(spentAt: now, superseded: nil) }
        let isInTime = now.microseconds - spentAt.microseconds <= Self.lostAnswerGrace
        guard isInTime, let successor, let next = try next(successor), next.spentAt == nil else { return .revokeFamily }
        return .rotate(spentAt: spentAt, superseded: successor)
    }
}
