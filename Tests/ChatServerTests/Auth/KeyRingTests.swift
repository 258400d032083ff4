import Crypto
import Foundation
import Testing

@testable import ChatServer

/// Access tokens of Ed25519 keys, beside those of a secret.
@Suite struct KeyRingTests {
    private static let secret = "0123456789abcdef0123456789abcdef"
    private let ada = User(id: 5, username: "ada")
    private let folder = FileManager.default.temporaryDirectory.appending(path: "ring-\(UUID())")

    /// A folder's keys, as files of these names.
    private func keys(_ named: [String: SigningKeys.Key]) throws -> SigningKeys {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, key) in named {
            try Data(try key.json(isPublic: false).utf8).write(to: folder.appending(path: name + ".jwk"))
        }
        return try SigningKeys(path: folder.path)
    }

    private func header(_ token: String) throws -> JSON {
        let text = try #require(token.split(separator: ".").first)
        let padded =
            text.replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: -text.count & 3)
        return try JSON(text: try #require(Data(base64Encoded: String(padded))))
    }

    private func base64(_ text: String) -> String { Secrets.base64URL(Data(text.utf8)) }

    private static let claims =
        #"{"sub":"5","name":"ada","sid":9,"iss":"chatbench","aud":"chat","iat":1000,"exp":2000}"#

    private func expectInvalid(_ tokens: AccessTokens, _ token: String, _ name: String) async {
        do {
            _ = try await tokens.verify(token, now: 1500)
            Issue.record("accepted: \(name)")
        } catch {
            #expect(error == .invalid, "\(name)")
        }
    }

    @Test func theHeaderNamesTheKey() async throws {
        let key = try SigningKeys.Key.new()
        let tokens = AccessTokens(keys: await KeyRing(secret: nil, keys: try keys(["a": key])))
        let token = try await tokens.sign(ada, session: 9, now: 1000)
        #expect(try header(token)["alg"] == .string("EdDSA"))
        #expect(try header(token)["kid"] == .string(key.kid))
        #expect(try await tokens.verify(token, now: 1000) == Identity(user: ada, session: 9, expiresAt: 1900))
        await #expect(throws: TokenError.expired) { try await tokens.verify(token, now: 1900) }
    }

    @Test func keysRotate() async throws {
        let (old, new) = (try SigningKeys.Key.new(), try SigningKeys.Key.new())
        let ring = await KeyRing(secret: nil, keys: try keys(["1": old]))
        let tokens = AccessTokens(keys: ring)
        let first = try await tokens.sign(ada, session: 9, now: 1000)
        await ring.replace(try keys(["1": old, "2": new]))
        let second = try await tokens.sign(ada, session: 9, now: 1000)
        #expect(try header(second)["kid"] == .string(new.kid))
        for token in [first, second] { #expect(try await tokens.verify(token, now: 1500).user == ada) }
        await ring.replace(try keys(["2": new]))
        #expect(try await tokens.verify(second, now: 1500).user == ada)
        await expectInvalid(tokens, first, "a key that is gone")
    }

    @Test func aSecretStillVerifiesBesideKeys() async throws {
        let before = await AccessTokens(secret: Self.secret)
        let token = try await before.sign(ada, session: 9, now: 1000)
        let key = try SigningKeys.Key.new()
        let both = AccessTokens(keys: await KeyRing(secret: Self.secret, keys: try keys(["a": key])))
        #expect(try await both.verify(token, now: 1500).user == ada)
        #expect(try header(try await both.sign(ada, session: 9, now: 1000))["alg"] == .string("EdDSA"))
        let alone = AccessTokens(keys: await KeyRing(secret: nil, keys: try keys(["a": key])))
        await expectInvalid(alone, token, "HS256 without a secret")
    }

    /// RFC 8725 section 3.1: what a header says of the algorithm, the key must be made for.
    @Test func algorithmsAreNotConfused() async throws {
        let key = try SigningKeys.Key.new()
        let tokens = AccessTokens(keys: await KeyRing(secret: Self.secret, keys: try keys(["a": key])))
        let publicBytes = key.publicKey.rawRepresentation
        let signing = try Curve25519.Signing.PrivateKey(
            rawRepresentation: try #require(key.privateKey).rawRepresentation)
        let hmac = { (text: String, secret: Data) in
            Secrets.base64URL(
                Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: secret))))
        }
        func token(_ header: String, _ signature: (String) throws -> String) rethrows -> String {
            let text = base64(header) + "." + base64(Self.claims)
            return text + "." + (try signature(text))
        }
        let ed25519 = { (text: String) in Secrets.base64URL(try signing.signature(for: Data(text.utf8))) }
        let secret = Data(Self.secret.utf8)
        let kid = key.kid
        // The yardstick: these are good.
        let good = try token(#"{"alg":"EdDSA","typ":"JWT","kid":"\#(kid)"}"#, ed25519)
        #expect(try await tokens.verify(good, now: 1500).user == ada)
        let plain = token(#"{"alg":"HS256","typ":"JWT"}"#) { hmac($0, secret) }
        #expect(try await tokens.verify(plain, now: 1500).user == ada)
        // Whoever signs with the secret may give it a name.
        let named = token(#"{"alg":"HS256","kid":"unknown"}"#) { hmac($0, secret) }
        #expect(try await tokens.verify(named, now: 1500).user == ada)
        let forgeries = [
            "HS256 with the public key as the secret": token(#"{"alg":"HS256","kid":"\#(kid)"}"#) {
                hmac($0, publicBytes)
            },
            "HS256 with the public key's text": token(#"{"alg":"HS256","kid":"\#(kid)"}"#) {
                hmac($0, Data(key.publicKey.pemRepresentation.utf8))
            },
            "HS256 by the secret, naming the other key": token(#"{"alg":"HS256","kid":"\#(kid)"}"#) {
                hmac($0, secret)
            },
            "EdDSA by HMAC": token(#"{"alg":"EdDSA","kid":"\#(kid)"}"#) { hmac($0, secret) },
            "EdDSA without kid": try token(#"{"alg":"EdDSA"}"#, ed25519),
            "signed, and called HS256": try token(#"{"alg":"HS256"}"#, ed25519),
            "unknown kid": try token(#"{"alg":"EdDSA","kid":"unknown"}"#, ed25519),
            "empty kid": try token(#"{"alg":"EdDSA","kid":""}"#, ed25519),
            "alg none": token(#"{"alg":"none","kid":"\#(kid)"}"#) { _ in "" },
            "no alg": try token(#"{"kid":"\#(kid)"}"#, ed25519),
        ]
        for (name, token) in forgeries { await expectInvalid(tokens, token, name) }
    }
}
