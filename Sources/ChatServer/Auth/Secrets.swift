import Crypto
import Foundation

/// Random secrets, and what is stored of them.
enum Secrets {
    /// A new unguessable token, URL-safe: `bytes` random bytes in base64url (RFC 4648 section 5).
    static func random(bytes: Int = 32) -> String {
        let key = SymmetricKey(size: SymmetricKeySize(bitCount: bytes * 8))
        return base64URL(key.withUnsafeBytes { Data($0) })
    }

    /// RFC 4648 section 5, without padding.
    static func base64URL(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// SHA-256 of a random token: nothing to guess, so nothing to slow down.
    static func digest(_ token: String) -> TokenDigest {
        TokenDigest(bytes: Array(SHA256.hash(data: Data(token.utf8))))
    }

    /// `salt$sha256(salt + code)`, both in hex.
    static func accessCodeHash(_ code: String) -> String {
        let salt = hex(SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) })
        return salt + "$" + hex(SHA256.hash(data: Data((salt + code).utf8)))
    }

    static func accessCode(_ code: String, matches hash: String) -> Bool {
        let parts = hash.split(separator: "$")
        guard parts.count == 2 else { return false }
        let given = hex(SHA256.hash(data: Data((String(parts[0]) + code).utf8)))
        return constantTimeEqual(Array(given.utf8), Array(parts[1].utf8))
    }

    /// Compares in a time that does not tell where the first difference is.
    static func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
