import ChatMetrics
import Foundation
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct SessionKeys {
        private static func withKeys(
            _ body: (_ file: URL, _ configure: @escaping (inout ServerConfiguration) -> Void) async throws -> Void
        ) async throws {
            let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID()).json")
            defer { try? FileManager.default.removeItem(at: file) }
            try write([try SigningKeys.Key.new()], to: file)
            let keys = try SigningKeys(path: file.path)
            try await body(file) { configuration in
                configuration.jwtSecret = nil
                configuration.jwtKeysPath = file.path
                configuration.signingKeys = keys
            }
        }

        private static func write(_ keys: [SigningKeys.Key], to file: URL) throws {
            let set = try keys.map { try $0.json(isPublic: false) }.joined(separator: ",")
            try Data(#"{"keys":[\#(set)]}"#.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        }

        @Test func tokensOfEd25519OpenBothDoors() async throws {
            try await Self.withKeys { _, configure in
                try await TestServer.run(configure: configure) { server in
                    let body = #"{"username":"ada","password":"correct horse"}"#
                    let made = try await server.request("POST", "/auth/register", body: body)
                    let token = try #require(made.json["access_token"]?.string)
                    let headers = ["authorization": "Bearer \(token)"]
                    #expect(try await server.request("GET", "/auth/me", headers: headers).status == 200)
                    let client = try await server.connect("/ws?token=\(token)")
                    _ = try await client.event("ready")
                    let forged = await AccessTokens(secret: TestServer.secret)
                    let ada = try await server.user("bob")
                    let other = try await forged.sign(
                        ada.user, session: ada.session, now: Clock.system.now.microseconds / 1_000_000)
                    let stranger = try await server.connect("/ws?token=\(other)")
                    #expect(try await stranger.closed() == .close(code: 1008, reason: "token_invalid"))
                }
            }
        }

        /// What SIGHUP does.
        @Test func keysAreReadAgain() async throws {
            try await Self.withKeys { file, configure in
                try await TestServer.run(configure: configure) { server in
                    let old = try SigningKeys(path: file.path).signing
                    let ada = try await server.user("ada")
                    let me = { try await server.request("GET", "/auth/me", as: ada).status }
                    let refresh = {
                        let body = #"{"refresh_token":"\#(ada.refreshToken)"}"#
                        return try await server.request("POST", "/auth/refresh", body: body)
                    }
                    let new = try SigningKeys.Key.new()
                    try Self.write([old, new], to: file)
                    await server.application.reload()
                    #expect(try await me() == 200)
                    let header = try #require(try await refresh().json["access_token"]?.string).split(separator: ".")[0]
                    #expect(
                        String(decoding: try #require(Data(base64Encoded: Self.padded(header))), as: UTF8.self)
                            .contains(new.kid))
                    // A file that is broken changes nothing.
                    try Data("nonsense".utf8).write(to: file)
                    await server.application.reload()
                    #expect(try await me() == 200)
                    try Self.write([new], to: file)
                    await server.application.reload()
                    #expect(try await me() == 401)
                }
            }
        }

        private static func padded(_ text: Substring) -> String {
            text.replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: -text.count & 3)
        }

        @Test func tokensLiveAsLongAsTold() async throws {
            let configure = { (configuration: inout ServerConfiguration) in
                configuration.accessTokenLifetime = 60
                configuration.refreshTokenLifetime = 1
            }
            try await TestServer.run(configure: configure) { server in
                let body = #"{"username":"ada","password":"correct horse"}"#
                let made = try await server.request("POST", "/auth/register", body: body)
                #expect(made.json["expires_in"] == .integer(60))
                let token = try #require(made.json["refresh_token"]?.string)
                try await Task.sleep(for: .milliseconds(1100))
                let late = try await server.request("POST", "/auth/refresh", body: #"{"refresh_token":"\#(token)"}"#)
                expectProblem(late, 401, "unauthorized")
            }
        }

        /// The password is known at a login only, so that is when an old hash is made anew.
        @Test func aLoginRenewsAnOldHash() async throws {
            try await TestServer.run { server in
                let cheap = Passwords(cost: Passwords.Cost(logRounds: 1, blockSize: 1, parallelism: 1))
                let old = try await cheap.hash("correct horse")
                await cheap.close()
                _ = try await server.store.createUser(username: "ada", passwordHash: old, now: Clock.system.now)
                func login(_ password: String) async throws -> HTTPReply {
                    let body = #"{"username":"ada","password":"\#(password)"}"#
                    return try await server.request("POST", "/auth/login", body: body)
                }
                func hash() async throws -> String? { try await server.store.user(named: "ada")?.passwordHash }
                #expect(try await login("wrong horse").status == 401)
                #expect(try await hash() == old)
                #expect(try await login("correct horse").status == 200)
                let renewed = try #require(try await hash())
                #expect(renewed.hasPrefix("$scrypt$ln=14,r=8,p=5$"))
                #expect(try await login("correct horse").status == 200)
                #expect(try await hash() == renewed, "once is enough")
                #expect(try await login("wrong horse").status == 401)
            }
        }
    }

    @Suite struct MetricsToken {
        @Test func withATokenTheMetricsAreForWhoShowsIt() async throws {
            let configure = { (configuration: inout ServerConfiguration) in configuration.metricsToken = "let me see" }
            try await TestServer.run(configure: configure) { server in
                for headers in [[:], ["authorization": "Bearer wrong"], ["authorization": "Basic let me see"]] {
                    let reply = try await server.request("GET", "/metrics", headers: headers)
                    expectProblem(reply, 401, "unauthorized")
                    #expect(reply.headers["www-authenticate"] == "Bearer")
                }
                let reply = try await server.request("GET", "/metrics", headers: ["authorization": "Bearer let me see"])
                #expect(reply.status == 200)
                #expect(try MetricsScrape.parse(reply.text).value("chat_draining") == 0)
                #expect(try await server.request("GET", "/health/ready").status == 200)
            }
        }
    }
}
