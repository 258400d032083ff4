import ChatProtocol
import Foundation
import JWTKit

/// Who a good access token speaks for.
struct Identity: Equatable, Sendable {
    var user: User
    var session: SessionID
    /// Seconds since the Unix epoch.
    var expiresAt: Int64
}

/// Why a token is refused; the words are the reasons of close code 1008.
enum TokenError: Error, Equatable {
    case invalid, expired, revoked
    /// The store could not say whether the session still lives.
    case unavailable
}

/// Signs and checks access tokens (RFC 7519): HS256 or EdDSA, with algorithm, issuer and audience pinned.
struct AccessTokens: Sendable {
    static let issuer = "chatbench"
    static let audience = "chat"
    /// RFC 7518 section 3.2: the key must be at least as long as the hash.
    static let minimumSecretBytes = 32

    let lifetime: Int64
    let keys: KeyRing
    private let parser = DefaultJWTParser()

    /// - Parameter lifetime: of the tokens that are signed, in seconds.
    init(keys: KeyRing, lifetime: Int64 = 900) {
        self.keys = keys
        self.lifetime = lifetime
    }

    /// - Parameters:
    ///   - secret: the HS256 key as UTF-8, at least 32 bytes.
    ///   - lifetime: of the tokens that are signed, in seconds.
    init(secret: String, lifetime: Int64 = 900) async {
        self.init(keys: await KeyRing(secret: secret), lifetime: lifetime)
    }

    func sign(_ user: User, session: SessionID, now: Int64) async throws -> String {
        let claims = Claims(
            sub: SubjectClaim(value: String(user.id)),
            name: user.username,
            sid: session,
            iss: IssuerClaim(value: Self.issuer),
            aud: AudienceClaim(value: Self.audience),
            iat: NumericDate(seconds: now),
            exp: NumericDate(seconds: now + lifetime)
        )
        return try await keys.sign(claims)
    }

    /// Checks signature, algorithm, issuer, audience and expiry. Whether the session still lives, the store knows.
    func verify(_ token: String, now: Int64) async throws(TokenError) -> Identity {
        let claims: Claims
        do {
            // The key decides the algorithm; a header that names another one is a forgery, whatever its signature.
            let (header, _, _) = try parser.parse(Data(token.utf8), as: Claims.self)
            let verifier = try keys.verifier(algorithm: header.alg, kid: header.kid)
            claims = try await verifier.verify(token, as: Claims.self)
        } catch {
            throw .invalid
        }
        guard claims.iss.value == Self.issuer, claims.aud.value.contains(Self.audience),
            let id = UserID(claims.sub.value)
        else { throw .invalid }
        guard claims.exp.seconds > now else { throw .expired }
        return Identity(user: User(id: id, username: claims.name), session: claims.sid, expiresAt: claims.exp.seconds)
    }

    private struct Claims: JWTPayload {
        var sub: SubjectClaim
        var name: String
        var sid: SessionID
        var iss: IssuerClaim
        var aud: AudienceClaim
        var iat: NumericDate
        var exp: NumericDate

        // Expiry is checked against the caller's clock, and answers another error than a bad signature.
        func verify(using _: some JWTAlgorithm) async throws {}
    }
}

/// A time in seconds since the Unix epoch; a fraction is legal (RFC 7519 section 2), and cut off.
private struct NumericDate: Codable {
    var seconds: Int64

    init(seconds: Int64) {
        self.seconds = seconds
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let whole = try? container.decode(Int64.self) {
            seconds = whole
        } else {
            let value = try container.decode(Double.self)
            seconds = Int64(exactly: value.rounded(.down)) ?? (value > 0 ? .max : .min)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(seconds)
    }
}
