import Foundation
import Testing

@testable import ChatServer

@Suite struct SigningKeysTests {
    /// RFC 8037 appendix A.1 and A.2.
    private static let privateJWK =
        #"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    private static let publicJWK =
        #"{"kty":"OKP","crv":"Ed25519","kid":"old","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    /// As `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them.
    private static let privatePEM = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
        -----END PRIVATE KEY-----

        """

    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appending(path: name)
            try Data(text.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        }
        try body(folder.path)
    }

    /// RFC 8037 appendix A.3 has the thumbprint.
    @Test(arguments: [privateJWK, #"{"keys":[\#(privateJWK)]}"#, privatePEM])
    func aKeyWithoutNameIsNamedByItsThumbprint(text: String) throws {
        try withFolder(["key.pem": text]) { folder in
            let keys = try SigningKeys(path: folder + "/key.pem")
            #expect(keys.signing.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
            #expect(keys.all.keys.sorted() == [keys.signing.kid])
            #expect(keys.warnings == [])
            #expect(try SigningKeys(path: folder).signing.kid == keys.signing.kid)
        }
    }

    @Test func theLastPrivateKeySigns() throws {
        let first = try SigningKeys.Key.new()
        let second = try SigningKeys.Key.new()
        let third = try SigningKeys.Key.new()
        let files = [
            "2.jwk": try second.json(isPublic: false), "1.json": #"{"keys":[\#(try first.json(isPublic: false))]}"#,
            "3.jwk": try third.json(isPublic: true), ".hidden.jwk": "nonsense", "README": "nonsense",
        ]
        try withFolder(files) { folder in
            let keys = try SigningKeys(path: folder)
            #expect(keys.signing.kid == second.kid)
            #expect(Set(keys.all.keys) == [first.kid, second.kid, third.kid])
            #expect(keys.all[third.kid]?.privateKey == nil)
        }
    }

    @Test func aPublicHalfNeverHoldsThePrivateOne() throws {
        let key = try SigningKeys.Key.new()
        #expect(try key.json(isPublic: false).contains(#""d":"#))
        #expect(try !key.json(isPublic: true).contains(#""d":"#))
    }

    @Test(arguments: [
        (["a.jwk": "nonsense"], "neither PEM nor a JWK"),
        (["a.jwk": #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#], "only OKP and Ed25519"),
        (["a.jwk": #"{"kty":"oct","k":"AAAA"}"#], "only OKP and Ed25519"),
        (["a.jwk": #"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#], "only OKP and Ed25519"),
        (["a.jwk": #"{"kty":"OKP","crv":"Ed25519","d":"AAAA"}"#], "d is not 32 bytes"),
        (["a.jwk": #"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#], "x is not 32 bytes"),
        (["a.jwk": privateJWK.replacing("11qY", with: "22qY")], "x does not belong to its d"),
        (["a.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"], "no Ed25519 key in PEM"),
        (["a.jwk": publicJWK], "no private key"),
        (["readme.txt": "nothing"], "ChatServer keys new"),
    ])
    func whatCannotBeIsTold(files: [String: String], words: String) throws {
        try withFolder(files) { folder in
            #expect { try SigningKeys(path: folder) } throws: { error in
                error is ConfigurationProblem && "\(error)".contains(words)
            }
        }
    }

    @Test func twoKeysOfOneNameAreRefused() throws {
        let named = #"{"kty":"OKP","crv":"Ed25519","kid":"same","x":""#
        let keys = try (0..<2).map { _ in Secrets.base64URL(try SigningKeys.Key.new().publicKey.rawRepresentation) }
        let files = ["a.jwk": named + keys[0] + #""}"#, "b.jwk": named + keys[1] + #""}"#, "c.jwk": Self.privateJWK]
        try withFolder(files) { folder in
            #expect { try SigningKeys(path: folder) } throws: { "\($0)".contains("another key has the kid 'same'") }
        }
    }

    @Test func aMissingPathIsTold() {
        #expect { try SigningKeys(path: "/nowhere/at/all") } throws: { "\($0)".contains("does not exist") }
    }

    @Test func aKeyThatOthersCanReadIsWarnedOf() throws {
        try withFolder(["key.jwk": Self.privateJWK]) { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/key.jwk")
            let warnings = try SigningKeys(path: folder).warnings
            #expect(warnings.count == 1)
            #expect(warnings[0].contains("chmod 600"))
        }
    }
}
