import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    /// Each limit with its answer.
    @Suite struct LimitsAnswers {
        private static let body = #"{"username":"NAME","password":"correct horse"}"#
        private static let proxied = [ClientAddress.Range("127.0.0.0/8")].compactMap { $0 }

        /// One at once, and no second for a long while.
        private static func one(_ kind: RateLimits.Kind) -> (inout ServerConfiguration) -> Void {
            { configuration in
                configuration.rateLimits[kind] = .init(burst: 1, perSecond: 0.01)
                configuration.trustedProxies = proxied
            }
        }

        private static func from(_ address: String) -> [String: String] { ["x-forwarded-for": address] }

        private func expectLimited(_ reply: HTTPReply, at location: SourceLocation = #_sourceLocation) {
            expectProblem(reply, 429, "rate_limited", at: location)
            let seconds = reply.headers["retry-after"].flatMap { Int($0) } ?? 0
            #expect((1...100).contains(seconds), sourceLocation: location)
        }

        private func expectLimited(_ event: JSON, at location: SourceLocation = #_sourceLocation) {
            expectError(event, "rate_limited", at: location)
            let milliseconds = event["retry_after_ms"]?.integer ?? 0
            #expect((1...101_000).contains(milliseconds), sourceLocation: location)
        }

        @Test func registrationsOfAnAddress() async throws {
            try await TestServer.run(limitsOn: true, configure: Self.one(.registerAddress)) { server in
                func register(_ name: String, _ address: String) async throws -> HTTPReply {
                    let body = Self.body.replacing("NAME", with: name)
                    return try await server.request("POST", "/auth/register", body: body, headers: Self.from(address))
                }
                #expect(try await register("ada", "203.0.113.1").status == 201)
                expectLimited(try await register("bob", "203.0.113.1"))
                #expect(try await register("bob", "203.0.113.2").status == 201)
            }
        }

        @Test func loginsOfAnAddress() async throws {
            try await TestServer.run(limitsOn: true, configure: Self.one(.loginAddress)) { server in
                func login(_ name: String, _ address: String) async throws -> HTTPReply {
                    let body = Self.body.replacing("NAME", with: name)
                    return try await server.request("POST", "/auth/login", body: body, headers: Self.from(address))
                }
                expectProblem(try await login("ada", "203.0.113.1"), 401, "invalid_credentials")
                expectLimited(try await login("bob", "203.0.113.1"))
                expectProblem(try await login("bob", "203.0.113.2"), 401, "invalid_credentials")
            }
        }

        /// Guessing from many addresses; a name that nobody has answers alike.
        @Test(arguments: ["ada", "nobody"])
        func loginsOfAUser(name: String) async throws {
            try await TestServer.run(limitsOn: true, configure: Self.one(.loginUser)) { server in
                _ = try await server.user("ada")
                func login(_ name: String, _ address: String) async throws -> HTTPReply {
                    let body = Self.body.replacing("NAME", with: name)
                    return try await server.request("POST", "/auth/login", body: body, headers: Self.from(address))
                }
                expectProblem(try await login(name, "203.0.113.1"), 401, "invalid_credentials")
                expectLimited(try await login(name.uppercased(), "203.0.113.2"))
                expectProblem(try await login("eve", "203.0.113.2"), 401, "invalid_credentials")
            }
        }

        @Test(arguments: [RateLimits.Kind.joinUser, .joinAddress, .joinRoom])
        func joins(kind: RateLimits.Kind) async throws {
            try await TestServer.run(limitsOn: true, configure: Self.one(kind)) { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let (room, other) = (try await server.room(of: ada), try await server.room(of: ada))
                func join(_ room: RoomID, _ user: TestUser, _ address: String) async throws -> HTTPReply {
                    let path = "/rooms/\(room)/join"
                    return try await server.request("POST", path, as: user, headers: Self.from(address))
                }
                #expect(try await join(room, ada, "203.0.113.1").status == 200)
                // What differs from the first in all but what is limited is refused, and what differs in that is not.
                switch kind {
                case .joinUser:
                    expectLimited(try await join(other, ada, "203.0.113.2"))
                    #expect(try await join(room, bob, "203.0.113.1").status == 200)
                case .joinAddress:
                    expectLimited(try await join(other, bob, "203.0.113.1"))
                    #expect(try await join(room, ada, "203.0.113.2").status == 200)
                default:
                    expectLimited(try await join(room, bob, "203.0.113.2"))
                    #expect(try await join(other, ada, "203.0.113.1").status == 200)
                }
                let target = "/ws?token=\(ada.token)"
                let client = try await server.connect(target, Self.from("203.0.113.1"))
                client.send(join: kind == .joinRoom ? room : other)
                let answer = try await client.event("error")
                expectLimited(answer)
                #expect(answer["room_id"] == .integer(kind == .joinRoom ? room : other))
                #expect(try await server.scrape().value("chat_errors_total", ["stage": "rate_limit"]) == 1)
            }
        }

        /// Who may not is refused as ever, and takes nothing.
        @Test func whatAUserMakesAndChanges() async throws {
            let limits = { (configuration: inout ServerConfiguration) in
                configuration.rateLimits[.makeUser] = .init(burst: 3, perSecond: 0.01)
            }
            try await TestServer.run(limitsOn: true, configure: limits) { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada)
                let calls = [
                    ("POST", "/rooms", #"{"name":"x"}"#), ("PATCH", "/rooms/\(room)", #"{"name":"y"}"#),
                    ("POST", "/rooms/\(room)/invitations", "{}"),
                ]
                for (method, path, body) in calls {
                    let reply = try await server.request(method, path, as: ada, body: body)
                    #expect((200...201).contains(reply.status), "\(method) \(path)")
                }
                for (method, path, body) in calls {
                    expectLimited(try await server.request(method, path, as: ada, body: body))
                }
                for _ in 1...4 {
                    let reply = try await server.request("PATCH", "/rooms/\(room)", as: bob, body: #"{"name":"z"}"#)
                    expectProblem(reply, 403, "forbidden")
                }
                #expect(try await server.request("POST", "/rooms", as: bob, body: #"{"name":"x"}"#).status == 201)
                #expect(try await server.request("GET", "/rooms/\(room)", as: ada).status == 200)
            }
        }

        @Test(arguments: [RateLimits.Kind.sendUser, .sendAddress, .sendRoom])
        func sends(kind: RateLimits.Kind) async throws {
            try await TestServer.run(limitsOn: true, configure: Self.one(kind)) { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let (room, other) = (try await server.room(of: ada, [bob]), try await server.room(of: ada, [bob]))
                func connect(_ user: TestUser, _ address: String) async throws -> TestClient {
                    let client = try await server.connect("/ws?token=\(user.token)", Self.from(address))
                    for room in [room, other] { try await client.join(room) }
                    return client
                }
                // Different connections, and with two loops different loops, share the bucket.
                let first = try await connect(ada, "203.0.113.1")
                let same = try await connect(
                    kind == .sendUser ? ada : bob, kind == .sendAddress ? "203.0.113.1" : "203.0.113.2")
                let free = try await connect(
                    kind == .sendUser ? bob : ada, kind == .sendAddress ? "203.0.113.3" : "203.0.113.1")
                try await first.say("hello", in: room, id: "m1")
                let limited = kind == .sendRoom ? room : other
                same.send(message: limited, "too much", id: "m2")
                let refusal = try await same.event("error")
                expectLimited(refusal)
                #expect(refusal["room_id"] == .integer(limited))
                #expect(refusal["client_msg_id"] == .string("m2"))
                try await free.say("fine", in: kind == .sendRoom ? other : room, id: "m3")
                #expect(try await server.scrape().value("chat_errors_total", ["stage": "rate_limit"]) == 1)
            }
        }

        /// An address that a client claims without a trusted proxy counts for nothing.
        @Test func aClaimedAddressIsNotBelieved() async throws {
            let configure = { (configuration: inout ServerConfiguration) in
                configuration.rateLimits[.registerAddress] = .init(burst: 1, perSecond: 0.01)
                configuration.trustedProxies = [ClientAddress.Range("10.0.0.0/8")].compactMap { $0 }
            }
            try await TestServer.run(limitsOn: true, configure: configure) { server in
                for (name, status) in [("ada", 201), ("bob", 429), ("eve", 429)] {
                    let reply = try await server.request(
                        "POST",
                        "/auth/register",
                        body: Self.body.replacing("NAME", with: name),
                        headers: Self.from("203.0.113.\(name.utf8.first ?? 0)")
                    )
                    #expect(reply.status == status)
                }
            }
        }

        @Test func connectionsOfAUser() async throws {
            let configure = { (configuration: inout ServerConfiguration) in configuration.maxConnectionsPerUser = 2 }
            try await TestServer.run(limitsOn: true, configure: configure) { server in
                let ada = try await server.user("ada")
                let first = try await server.connect(as: ada)
                let second = try await server.connect(as: ada)
                let third = try await server.connect("/ws?token=\(ada.token)")
                #expect(try await third.closed() == .close(code: 1013, reason: "over_capacity"))
                // By a first message it is the same.
                let fourth = try await server.connect()
                fourth.send(#"{"event":"authenticate","token":"\#(ada.token)"}"#)
                #expect(try await fourth.closed() == .close(code: 1013, reason: "over_capacity"))
                _ = try await server.connect(as: try await server.user("bob"))
                // A renewal is no second connection.
                first.send(#"{"event":"authenticate","token":"\#(ada.token)"}"#)
                _ = try await first.event("ready")
                await second.socket.close()
                try await server.until("the place is free") { $0.value("chat_connections") == 2 }
                _ = try await server.connect(as: ada)
                #expect(try await server.scrape().value("chat_errors_total", ["stage": "rate_limit"]) == 2)
            }
        }

        @Test func connectionsOfAnAddress() async throws {
            let configure = { (configuration: inout ServerConfiguration) in
                configuration.maxConnectionsPerAddress = 1
                configuration.trustedProxies = Self.proxied
            }
            try await TestServer.run(limitsOn: true, configure: configure) { server in
                let first = try await server.connect("/ws", Self.from("203.0.113.1"))
                let second = try await server.connect("/ws", Self.from("203.0.113.1"))
                #expect(try await second.closed() == .close(code: 1013, reason: "over_capacity"))
                _ = try await server.connect("/ws", Self.from("203.0.113.2"))
                await first.socket.close()
                try await server.until("the place is free") { $0.value("chat_connections") == 1 }
                let user = try await server.user("ada")
                let again = try await server.connect("/ws?token=\(user.token)", Self.from("203.0.113.1"))
                _ = try await again.event("ready")
            }
        }

        @Test func connectionsInAll() async throws {
            let configure = { (configuration: inout ServerConfiguration) in configuration.maxConnections = 2 }
            try await TestServer.run(configure: configure) { server in
                let first = try await TestHTTP.connect(port: server.port)
                let second = try await TestHTTP.connect(port: server.port)
                #expect(try await first.request("GET", "/health/live").status == 200)
                let third = try await TestHTTP.connect(port: server.port)
                expectProblem(try await third.reply(), 503, "overloaded")
                _ = try await third.socket.readToEnd()
                await first.socket.close()
                let text = try await second.request("GET", "/metrics").text
                #expect(text.contains(#"chat_connection_attempts_total{result="over_capacity"} 1"#))
            }
        }

        @Test func offSwitchesEveryOneOff() async throws {
            let configure = { (configuration: inout ServerConfiguration) in
                for kind in RateLimits.Kind.allCases {
                    configuration.rateLimits[kind] = .init(burst: 1, perSecond: 0.001)
                }
                configuration.maxConnectionsPerUser = 1
                configuration.maxConnectionsPerAddress = 1
            }
            try await TestServer.run(limitsOn: false, configure: configure) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                for index in 0..<3 {
                    let client = try await server.connect(as: ada)
                    try await client.join(room)
                    for message in 0..<3 { try await client.say("hello", in: room, id: "\(index)-\(message)") }
                }
                for _ in 0..<3 {
                    let body = Self.body.replacing("NAME", with: "nobody")
                    expectProblem(
                        try await server.request("POST", "/auth/login", body: body), 401, "invalid_credentials")
                }
            }
        }
    }
}
