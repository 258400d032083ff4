import Crypto
import Foundation
import Testing

@testable import ChatServer

@Suite struct AccessTokensTests {
    private static let secret = "0123456789abcdef0123456789abcdef"
    private let ada = User(id: 5, username: "ada")

    private func tokens(_ secret: String = secret) async -> AccessTokens {
        await AccessTokens(secret: secret, lifetime: 900)
    }

    /// A token made by hand, from any header and claims.
    private static func forge(header: String, claims: String, secret: String = secret) -> String {
        let text = base64(Data(header.utf8)) + "." + base64(Data(claims.utf8))
        let key = SymmetricKey(data: Data(secret.utf8))
        return text + "." + base64(Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)))
    }

    private static func base64(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func claims(
        sub: String = "\"5\"",
        iss: String = "chatbench",
        aud: String = "\"chat\"",
        exp: Int64 = 2000
    ) -> String {
        #"{"sub":\#(sub),"name":"ada","sid":9,"iss":"\#(iss)","aud":\#(aud),"iat":1000,"exp":\#(exp)}"#
    }

    private static let header = #"{"alg":"HS256","typ":"JWT"}"#

    /// RFC 7519 section 2: a NumericDate may have a fraction.
    @Test(arguments: [("2000.75", 2000), ("2e3", 2000), ("1e300", Int64.max)])
    func expiryIsAnyNumber(text: String, seconds: Int64) async throws {
        let claims = Self.claims().replacing("\"exp\":2000", with: "\"exp\":\(text)")
        let token = Self.forge(header: Self.header, claims: claims)
        #expect(try await tokens().verify(token, now: 1999).expiresAt == seconds)
    }

    @Test func roundTrip() async throws {
        let tokens = await tokens()
        let token = try await tokens.sign(ada, session: 9, now: 1000)
        let identity = try await tokens.verify(token, now: 1000)
        #expect(identity == Identity(user: ada, session: 9, expiresAt: 1900))
    }

    @Test func aTokenMadeByHandIsRead() async throws {
        // The yardstick of the forgeries below: this one differs from them in nothing but the fault.
        let token = Self.forge(header: Self.header, claims: Self.claims())
        #expect(try await tokens().verify(token, now: 1999).user == ada)
        let many = Self.forge(header: Self.header, claims: Self.claims(aud: #"["other","chat"]"#))
        #expect(try await tokens().verify(many, now: 1999).user == ada)
    }

    @Test func itExpires() async throws {
        let tokens = await tokens()
        let token = try await tokens.sign(ada, session: 9, now: 1000)
        #expect(try await tokens.verify(token, now: 1899).expiresAt == 1900)
        await #expect(throws: TokenError.expired) { try await tokens.verify(token, now: 1900) }
    }

    @Test func forgeriesAreInvalid() async throws {
        let tokens = await tokens()
        let good = Self.forge(header: Self.header, claims: Self.claims())
        let parts = good.split(separator: ".").map(String.init)
        let none = Self.base64(Data(#"{"alg":"none","typ":"JWT"}"#.utf8))
        let forgeries: [String: String] = [
            "other key": Self.forge(
                header: Self.header, claims: Self.claims(), secret: "another key, 32 bytes long or so"),
            "other issuer": Self.forge(header: Self.header, claims: Self.claims(iss: "somebody")),
            "other audience": Self.forge(header: Self.header, claims: Self.claims(aud: "\"other\"")),
            "alg none, no signature": none + "." + parts[1] + ".",
            "alg none, signature": none + "." + parts[1] + "." + parts[2],
            "alg none, signed": Self.forge(header: #"{"alg":"none"}"#, claims: Self.claims()),
            "alg RS256": Self.forge(header: #"{"alg":"RS256","typ":"JWT"}"#, claims: Self.claims()),
            "alg HS384": Self.forge(header: #"{"alg":"HS384","typ":"JWT"}"#, claims: Self.claims()),
            "no alg": Self.forge(header: #"{"typ":"JWT"}"#, claims: Self.claims()),
            "other claims": parts[0] + "." + Self.base64(Data(Self.claims(sub: "\"6\"").utf8)) + "." + parts[2],
            "no number": Self.forge(header: Self.header, claims: Self.claims(sub: "\"ada\"")),
            "no claims": Self.forge(header: Self.header, claims: "{}"),
            "claims are no JSON": Self.forge(header: Self.header, claims: "claims"),
            "no signature": parts[0] + "." + parts[1], "cut": String(good.dropLast()), "empty": "", "dots": "..",
            "garbage": "\u{1F480}.\u{0}.=", "more": good + ".more",
        ]
        for (name, token) in forgeries {
            do {
                _ = try await tokens.verify(token, now: 1500)
                Issue.record("accepted: \(name)")
            } catch {
                #expect(error == .invalid, "\(name)")
            }
        }
    }
}
