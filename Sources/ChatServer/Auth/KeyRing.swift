import Foundation
import JWTKit
import Synchronization

/// The keys of access tokens, as they are now: they can be exchanged while the server runs.
///
/// A token names its key by `kid`, and the key decides the algorithm: an Ed25519 key takes `EdDSA` and nothing else. A token
/// without `kid` is for the HS256 secret, if there is one.
final class KeyRing: Sendable {
    private struct Keys: Sendable {
        /// All keys of a ``SigningKeys``, by `kid`.
        var collection: JWTKeyCollection
        var known: Set<String>
        var signing: JWKIdentifier
    }

    private let secret: JWTKeyCollection?
    private let keys = Mutex<Keys?>(nil)

    /// - Parameters:
    ///   - secret: the HS256 key as UTF-8. It signs where there are no Ed25519 keys.
    ///   - keys: sign and verify; the secret then only verifies.
    init(secret: String?, keys: SigningKeys? = nil) async {
        if let secret {
            self.secret = JWTKeyCollection()
            await self.secret?.add(hmac: HMACKey(from: Data(secret.utf8)), digestAlgorithm: .sha256)
        } else {
            self.secret = nil
        }
        if let keys { await replace(keys) }
    }

    /// Tokens of keys that are gone are refused from here on.
    func replace(_ new: SigningKeys) async {
        let collection = JWTKeyCollection()
        for key in new.all.values {
            let kid = JWKIdentifier(string: key.kid)
            if let privateKey = key.privateKey {
                await collection.add(eddsa: privateKey, kid: kid)
            } else {
                await collection.add(eddsa: key.publicKey, kid: kid)
            }
        }
        let replacement = Keys(
            collection: collection,
            known: Set(new.all.keys),
            signing: JWKIdentifier(string: new.signing.kid)
        )
        keys.withLock { $0 = replacement }
    }

    func sign(_ claims: some JWTPayload) async throws -> String {
        if let keys = keys.withLock({ $0 }) {
            return try await keys.collection.sign(claims, kid: keys.signing)
        }
        guard let secret else { throw TokenError.invalid }
        return try await secret.sign(claims)
    }

    /// The one collection whose key may check a token with this header.
    /// - Throws: ``TokenError/invalid`` for a `kid` that is not known, and where key and algorithm do not go together.
    func verifier(algorithm: String?, kid: String?) throws(TokenError) -> JWTKeyCollection {
        if let kid, let keys = keys.withLock({ $0 }), keys.known.contains(kid) {
            guard algorithm == "EdDSA" else { throw .invalid }
            return keys.collection
        }
        // Whoever else signs with the secret may name it as they like.
        guard let secret, algorithm == "HS256" else { throw .invalid }
        return secret
    }
}
