import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Accounts {
        @Test func registerLoginMe() async throws {
            try await TestServer.run { server in
                let body = #"{"username":"Ada.L_-1","password":"correct horse"}"#
                let made = try await server.request("POST", "/auth/register", body: body)
                #expect(made.status == 201)
                #expect(made.json.keys == ["user", "access_token", "expires_in", "refresh_token"])
                #expect(made.json["user"]?["username"] == .string("Ada.L_-1"))
                #expect((made.json["expires_in"]?.integer ?? 0) > 0)

                let other = #"{"username":"ADA.L_-1","password":"another one"}"#
                expectProblem(try await server.request("POST", "/auth/register", body: other), 409, "username_taken")

                let entered = try await server.request(
                    "POST",
                    "/auth/login",
                    body: #"{"username":"ada.l_-1","password":"correct horse","extra":{"a":[1]}}"#
                )
                #expect(entered.status == 200)
                #expect(entered.json["user"] == made.json["user"])

                let token = try #require(entered.json["access_token"]?.string)
                let headers = ["authorization": "bearer \(token)"]
                let me = try await server.request("GET", "/auth/me", headers: headers)
                #expect(me.status == 200)
                #expect(me.json == made.json["user"])
            }
        }

        @Test func wrongPasswordAndUnknownUserAnswerAlike() async throws {
            try await TestServer.run { server in
                let body = #"{"username":"ada","password":"correct horse"}"#
                #expect(try await server.request("POST", "/auth/register", body: body).status == 201)
                let wrong = try await server.request(
                    "POST",
                    "/auth/login",
                    body: #"{"username":"ada","password":"wrong horse"}"#
                )
                expectProblem(wrong, 401, "invalid_credentials")
                let unknown = try await server.request(
                    "POST",
                    "/auth/login",
                    body: #"{"username":"nobody","password":"wrong horse"}"#
                )
                #expect(unknown.status == 401)
                #expect(unknown.text == wrong.text)
            }
        }

        @Test func registerNamesWhatIsWrong() async throws {
            try await TestServer.run { server in
                let rows: [(body: String, fields: [String])] = [
                    ("{}", ["username", "password"]),
                    (#"{"username":"ab","password":"12345678"}"#, ["username"]),
                    (#"{"username":"\#(String(repeating: "a", count: 51))","password":"12345678"}"#, ["username"]),
                    (#"{"username":"a b","password":"12345678"}"#, ["username"]),
                    (#"{"username":"\u00e9tienne","password":"12345678"}"#, ["username"]),
                    (#"{"username":"ada","password":"1234567"}"#, ["password"]),
                    (#"{"username":"ada","password":"\#(String(repeating: "p", count: 129))"}"#, ["password"]),
                    (#"{"username":1,"password":null}"#, ["username", "password"]),
                    (#"{"username":"ada","username":"bob","password":"12345678"}"#, ["username"]),
                ]
                for row in rows {
                    expectInvalid(try await server.request("POST", "/auth/register", body: row.body), row.fields)
                }
                for body in ["", "{", "nonsense", #"{"username":"ada",}"#, #"{"a":1} x"#] {
                    expectProblem(try await server.request("POST", "/auth/register", body: body), 400, "malformed_json")
                }
                expectProblem(try await server.request("POST", "/auth/register", body: "[]"), 422, "validation_failed")
            }
        }

        @Test func lengthsCountUnicodeScalars() async throws {
            try await TestServer.run { server in
                // Eight scalars, 32 bytes, one grapheme cluster or so: a password of exactly the least length.
                let password = String(repeating: "\u{1F468}", count: 8)
                let body = #"{"username":"ada","password":"\#(password)"}"#
                let short = try await server.request("POST", "/auth/register", body: body)
                #expect(short.status == 201)
                let longest = String(repeating: "\u{E9}", count: 128)
                let other = #"{"username":"bob","password":"\#(longest)"}"#
                let long = try await server.request("POST", "/auth/register", body: other)
                #expect(long.status == 201)
            }
        }

        @Test func refreshSpendsTheTokenAndForgivesALostAnswer() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let first = try await Self.refresh(ada.refreshToken, server)
                #expect(first.status == 200)
                #expect(first.json.keys == ["user", "access_token", "expires_in", "refresh_token"])
                // The answer was lost: within 10 s, while the successor is unused, it comes again.
                let again = try await Self.refresh(ada.refreshToken, server)
                #expect(again.status == 200)
                let successor = try #require(again.json["refresh_token"]?.string)
                #expect(first.json["refresh_token"]?.string != successor)
                #expect(try await Self.refresh(successor, server).status == 200)
                expectProblem(try await Self.refresh("no such token", server), 401, "unauthorized")
                expectInvalid(try await server.request("POST", "/auth/refresh", body: "{}"), ["refresh_token"])
            }
        }

        @Test func reuseRevokesTheFamilyAndClosesItsSockets() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let socket = try await server.connect(as: ada)
                let other = try await server.connect(as: bob)
                let first = try await Self.refresh(ada.refreshToken, server)
                let second = try await Self.refresh(try #require(first.json["refresh_token"]?.string), server)
                #expect(second.status == 200)
                // The successor is used, so this is theft.
                expectProblem(try await Self.refresh(ada.refreshToken, server), 401, "unauthorized")
                #expect(try await socket.closed() == .close(code: 1008, reason: "token_revoked"))
                let last = try #require(second.json["refresh_token"]?.string)
                expectProblem(try await Self.refresh(last, server), 401, "unauthorized")
                let access = try #require(second.json["access_token"]?.string)
                let headers = ["authorization": "Bearer \(access)"]
                expectProblem(try await server.request("GET", "/auth/me", headers: headers), 401, "unauthorized")
                other.send(#"{"event":"ping"}"#)
                _ = try await other.event("pong")
            }
        }

        @Test func logoutStopsTheTokensAndClosesTheSockets() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let sockets = [try await server.connect(as: ada), try await server.connect(as: ada)]
                #expect(try await server.request("GET", "/auth/me", as: ada).status == 200)
                let body = #"{"refresh_token":"\#(ada.refreshToken)"}"#
                // The refresh token alone is enough.
                let reply = try await server.request("POST", "/auth/logout", body: body)
                #expect(reply.status == 204)
                #expect(reply.text.isEmpty)
                for socket in sockets {
                    #expect(try await socket.closed() == .close(code: 1008, reason: "token_revoked"))
                }
                expectProblem(try await server.request("GET", "/auth/me", as: ada), 401, "unauthorized")
                expectProblem(try await Self.refresh(ada.refreshToken, server), 401, "unauthorized")
                let late = try await server.connect("/ws?token=\(ada.token)")
                #expect(try await late.closed() == .close(code: 1008, reason: "token_revoked"))
                let unknown = #"{"refresh_token":"never given"}"#
                expectProblem(try await server.request("POST", "/auth/logout", body: unknown), 401, "unauthorized")
            }
        }

        @Test func everythingElseWantsAToken() async throws {
            try await TestServer.run { server in
                let http = try await TestHTTP.connect(port: server.port)
                for (method, path) in [
                    ("GET", "/auth/me"), ("GET", "/rooms"), ("POST", "/rooms"), ("GET", "/rooms/1"),
                    ("POST", "/rooms/1/join"), ("POST", "/rooms/1/leave"), ("GET", "/rooms/1/members"),
                    ("DELETE", "/rooms/1/members/1"), ("POST", "/rooms/1/invitations"),
                    ("POST", "/invitations/x/accept"), ("GET", "/rooms/1/messages"),
                ] {
                    let reply = try await http.request(method, path)
                    expectProblem(reply, 401, "unauthorized")
                    #expect(reply.headers["www-authenticate"] == "Bearer")
                    expectProblem(try await http.request(method, path, token: "forged"), 401, "unauthorized")
                }
                let expired = try await server.expiredToken()
                expectProblem(try await http.request("GET", "/auth/me", token: expired), 401, "unauthorized")
            }
        }

        private static func refresh(_ token: String, _ server: TestServer) async throws -> HTTPReply {
            try await server.request("POST", "/auth/refresh", body: #"{"refresh_token":"\#(token)"}"#)
        }
    }
}

extension TestServer {
    /// A token of a new user's live session that was good until a second ago.
    func expiredToken() async throws -> String {
        let user = try await user("expired-\(Int.random(in: 1...999_999))")
        let now = Clock.system.now.microseconds / 1_000_000
        return try await tokens.sign(user.user, session: user.session, now: now - tokens.lifetime - 1)
    }
}
