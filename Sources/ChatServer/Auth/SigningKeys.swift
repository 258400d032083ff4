import Crypto
import Foundation
import JWTKit

/// The Ed25519 keys of access tokens (RFC 8037): one signs, all verify.
///
/// A file holds a JWK or a JWK set (RFC 7517), or one key in PEM, as `openssl genpkey -algorithm ed25519` writes it. Of a
/// folder, all files `*.jwk`, `*.json` and `*.pem` count, in the order of their names. The last private key signs.
struct SigningKeys: Sendable {
    /// One key; `privateKey` is nil where only its public half is known.
    struct Key: Sendable {
        let kid: String
        let publicKey: EdDSA.PublicKey
        let privateKey: EdDSA.PrivateKey?
    }

    /// The private key that signs.
    let signing: Key
    /// By `kid`; the signing one among them.
    let all: [String: Key]
    /// What is not wrong, and ought to be mended all the same.
    let warnings: [String]

    /// - Parameter path: of a file or a folder.
    /// - Throws: ``ConfigurationProblem``, with the file that is wrong.
    init(path: String) throws {
        var keys: [String: Key] = [:]
        var signing: Key?
        var warnings: [String] = []
        for file in try Self.files(path) {
            let found = try Self.read(file)
            for key in found {
                if let known = keys[key.kid], known.publicKey != key.publicKey {
                    throw ConfigurationProblem(description: "\(file): another key has the kid '\(key.kid)', too")
                }
                // A key and its public half may both be there.
                if key.privateKey != nil || keys[key.kid] == nil { keys[key.kid] = key }
                if key.privateKey != nil { signing = key }
            }
            if found.contains(where: { $0.privateKey != nil }), let warning = FileAccess.warning(of: file) {
                warnings.append(warning)
            }
        }
        guard let signing else {
            throw ConfigurationProblem(description: "--jwt-keys '\(path)' has no private key, and one must sign")
        }
        self.signing = signing
        self.all = keys
        self.warnings = warnings
    }

    private static let extensions: Set<String> = ["jwk", "json", "pem"]

    private static func files(_ path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ConfigurationProblem(description: "--jwt-keys '\(path)' does not exist")
        }
        guard isFolder.boolValue else { return [path] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw ConfigurationProblem(description: "--jwt-keys: the folder '\(path)' cannot be read")
        }
        let files = names.sorted().filter { name in
            !name.hasPrefix(".") && extensions.contains((name as NSString).pathExtension.lowercased())
        }
        guard !files.isEmpty else {
            throw ConfigurationProblem(
                description:
                    "--jwt-keys: the folder '\(path)' has no *.jwk, *.json or *.pem; ChatServer keys new makes one"
            )
        }
        return files.map { path + "/" + $0 }
    }

    private static func read(_ file: String) throws -> [Key] {
        guard let data = FileManager.default.contents(atPath: file), let text = String(bytes: data, encoding: .utf8)
        else { throw ConfigurationProblem(description: "the key file '\(file)' cannot be read") }
        do {
            return try text.contains("-----BEGIN") ? [Key(pem: text)] : try JSONWebKey.parse(data).map(Key.init)
        } catch let problem as ConfigurationProblem {
            throw ConfigurationProblem(description: "\(file): \(problem)")
        }
    }
}

extension SigningKeys.Key {
    fileprivate init(pem: String) throws {
        if let key = try? EdDSA.PrivateKey(pem: pem) {
            self.init(kid: Self.thumbprint(key.publicKey), publicKey: key.publicKey, privateKey: key)
        } else if let key = try? EdDSA.PublicKey(pem: pem) {
            self.init(kid: Self.thumbprint(key), publicKey: key, privateKey: nil)
        } else {
            throw ConfigurationProblem(
                description: "no Ed25519 key in PEM without a password (openssl genpkey -algorithm ed25519 makes one)"
            )
        }
    }

    fileprivate init(_ jwk: JSONWebKey) throws {
        guard jwk.kty == "OKP", jwk.crv == "Ed25519" else {
            throw ConfigurationProblem(
                description: "a key has kty '\(jwk.kty ?? "")' and crv '\(jwk.crv ?? "")'; only OKP and Ed25519 will do"
            )
        }
        if let kid = jwk.kid, kid.isEmpty || kid.utf8.count > 128 {
            throw ConfigurationProblem(description: "a key's kid must have 1 to 128 bytes")
        }
        let given = jwk.x.flatMap { try? EdDSA.PublicKey(x: $0, curve: .ed25519) }
        if let d = jwk.d {
            guard let key = try? EdDSA.PrivateKey(d: d, curve: .ed25519) else {
                throw ConfigurationProblem(description: "a key's d is not 32 bytes in base64url")
            }
            guard jwk.x == nil || given == key.publicKey else {
                throw ConfigurationProblem(description: "a key's x does not belong to its d")
            }
            self.init(kid: jwk.kid ?? Self.thumbprint(key.publicKey), publicKey: key.publicKey, privateKey: key)
        } else {
            guard let given else {
                throw ConfigurationProblem(description: "a key's x is not 32 bytes in base64url")
            }
            self.init(kid: jwk.kid ?? Self.thumbprint(given), publicKey: given, privateKey: nil)
        }
    }

    /// A new key; its `kid` is its thumbprint.
    static func new() throws -> SigningKeys.Key {
        let key = try EdDSA.PrivateKey()
        return SigningKeys.Key(kid: thumbprint(key.publicKey), publicKey: key.publicKey, privateKey: key)
    }

    /// RFC 7638, for the members that RFC 8037 section 2 requires.
    private static func thumbprint(_ key: EdDSA.PublicKey) -> String {
        let text = #"{"crv":"Ed25519","kty":"OKP","x":"\#(Secrets.base64URL(key.rawRepresentation))"}"#
        return Secrets.base64URL(Data(SHA256.hash(data: Data(text.utf8))))
    }

    /// As a JWK.
    /// - Parameter isPublic: without its private half.
    func json(isPublic: Bool) throws -> String {
        let jwk = JSONWebKey(
            kty: "OKP",
            crv: "Ed25519",
            kid: kid,
            x: Secrets.base64URL(publicKey.rawRepresentation),
            d: isPublic ? nil : privateKey.map { Secrets.base64URL($0.rawRepresentation) },
            alg: "EdDSA",
            use: "sig"
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(jwk), as: UTF8.self)
    }
}

/// What is read of a JWK (RFC 7517).
private struct JSONWebKey: Codable {
    var kty: String?
    var crv: String?
    var kid: String?
    var x: String?
    var d: String?
    var alg: String?
    var use: String?

    private struct KeySet: Decodable {
        var keys: [JSONWebKey]
    }

    static func parse(_ data: Data) throws -> [JSONWebKey] {
        let decoder = JSONDecoder()
        if let set = try? decoder.decode(KeySet.self, from: data) { return set.keys }
        guard let key = try? decoder.decode(JSONWebKey.self, from: data), key.kty != nil else {
            throw ConfigurationProblem(description: "neither PEM nor a JWK or a JWK set")
        }
        return [key]
    }
}

/// Who may read a file that holds a secret.
enum FileAccess {
    /// - Returns: nil if nobody but the owner may.
    static func warning(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
        return "\(path) holds a private key and is open to others than its owner: chmod 600"
    }
}
