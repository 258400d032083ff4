import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    /// What owners do with their rooms, and how far members have read, on both stores.
    @Suite struct RoomManagement {
        @Test(arguments: StoreKind.allCases)
        func aNewNameIsToldInTheRoom(store: StoreKind) async throws {
            try await TestServer.run(on: store) { server in
                let (ada, bob) = (try await server.user("ada"), try await server.user("bob"))
                let room = try await server.room(of: ada, [bob])
                let path = "/rooms/\(room)"
                let inside = try await server.connect(as: bob)
                try await inside.join(room)
                let outside = try await server.connect(as: bob)
                let renamed = try await server.request("PATCH", path, as: ada, body: #"{"name":"Caf\u00e9 \"2\""}"#)
                #expect(renamed.status == 200)
                #expect(renamed.json["name"] == .string("Caf\u{E9} \"2\""))
                #expect(renamed.json["role"] == .string("owner"))
                let event = try await inside.event()
                #expect(event.keys == ["event", "room_id", "name"])
                #expect(event["event"] == .string("room_updated"))
                #expect(event["room_id"] == .integer(room))
                #expect(event["name"] == renamed.json["name"])
                // The same name again is no news.
                let again = try await server.request("PATCH", path, as: ada, body: #"{"name":"Caf\u00e9 \"2\""}"#)
                #expect(again.json == renamed.json)
                for client in [inside, outside] {
                    client.send(#"{"event":"ping","t":1}"#)
                    #expect(try await client.event()["event"] == .string("pong"))
                }
                #expect(try await server.request("GET", path, as: ada).json == renamed.json)
            }
        }

        @Test func aChangeThatCannotBe() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let open = try await server.room(of: ada)
                let hidden = try await server.room(of: ada, isPrivate: true)
                let long = String(repeating: "n", count: 101)
                let rows: [(room: RoomID, body: String, fields: [String])] = [
                    (open, "{}", [""]), (hidden, #"{"is_private":false}"#, [""]), (open, #"{"name":""}"#, ["name"]),
                    (open, #"{"name":null}"#, ["name"]), (open, #"{"name":"\#(long)"}"#, ["name"]),
                    (open, #"{"name":7}"#, ["name"]), (open, #"{"access_code":"sesame"}"#, ["access_code"]),
                    (open, #"{"access_code":null}"#, ["access_code"]),
                    (open, #"{"name":"x","access_code":"sesame"}"#, ["access_code"]),
                    (hidden, #"{"access_code":"abc"}"#, ["access_code"]),
                    (hidden, #"{"access_code":7}"#, ["access_code"]),
                    (hidden, #"{"access_code":""}"#, ["access_code"]),
                ]
                for row in rows {
                    let reply = try await server.request("PATCH", "/rooms/\(row.room)", as: ada, body: row.body)
                    expectInvalid(reply, row.fields)
                }
                let nothing = try await server.request("PATCH", "/rooms/\(open)", as: ada, body: "not JSON")
                expectProblem(nothing, 400, "malformed_json")
                #expect(try await server.request("GET", "/rooms/\(open)", as: ada).json["name"] == .string("room"))
            }
        }

        /// Members stay members whatever the code; strangers need the one that is.
        @Test(arguments: StoreKind.allCases)
        func anAccessCodeIsChangedAndDropped(store: StoreKind) async throws {
            try await TestServer.run(on: store) { server in
                let (ada, bob) = (try await server.user("ada"), try await server.user("bob"))
                let made = try await server.request(
                    "POST", "/rooms", as: ada, body: #"{"name":"Vault","is_private":true,"access_code":"first"}"#)
                let path = "/rooms/\(try #require(made.json["id"]?.integer))"
                func join(_ name: String, _ code: String) async throws -> HTTPReply {
                    let user = try await server.user(name)
                    return try await server.request(
                        "POST", path + "/join", as: user, body: #"{"access_code":\#(quoted(code))}"#)
                }
                func change(_ code: String) async throws {
                    let reply = try await server.request("PATCH", path, as: ada, body: #"{"access_code":\#(code)}"#)
                    #expect(reply.status == 200)
                    #expect(reply.json.keys == made.json.keys && !reply.text.contains("second"))
                }
                #expect(
                    try await server.request(
                        "POST", path + "/join", as: bob, body: #"{"access_code":"first"}"#
                    ).status == 200)
                try await change(#""second""#)
                expectProblem(try await join("eve-1", "first"), 403, "wrong_access_code")
                #expect(try await join("eve-2", "second").status == 200)
                try await change("null")
                expectProblem(try await join("eve-3", "second"), 404, "room_not_found")
                #expect(try await server.request("GET", path, as: bob).status == 200)
                try await change(#""third""#)
                #expect(try await join("eve-4", "third").status == 200)
            }
        }

        // MARK: - Deletion

        @Test(arguments: StoreKind.allCases)
        func aDeletedRoomIsGoneForAll(store: StoreKind) async throws {
            try await TestServer.run(on: store) { server in
                let (ada, bob) = (try await server.user("ada"), try await server.user("bob"))
                let room = try await server.room(of: ada, [bob])
                let lobby = try await server.room(of: ada, [bob])
                try await server.fill(room, by: ada, count: 30)
                let path = "/rooms/\(room)"
                let invitation = try await server.request("POST", path + "/invitations", as: ada)
                let code = try #require(invitation.json["code"]?.string)
                let sockets = [
                    try await server.connect(as: ada), try await server.connect(as: bob),
                    try await server.connect(as: bob),
                ]
                for socket in sockets {
                    try await socket.join(room)
                    try await socket.join(lobby)
                }
                #expect(try await server.request("DELETE", path, as: ada).status == 204)
                for socket in sockets {
                    #expect(try await socket.event("room_left", in: room)["reason"] == .string("deleted"))
                    socket.send(message: room, "too late", id: "m1")
                    expectError(try await socket.event("error"), "not_joined")
                    socket.send(join: room, #","after_seq":3"#)
                    expectError(try await socket.event("error"), "room_not_found")
                    // The connection and its other rooms live on.
                    try await socket.say("still here", in: lobby, id: "\(UInt64.random(in: 0 ... .max))")
                }
                let gone: [(method: String, path: String, body: String?)] = [
                    ("GET", path, nil), ("DELETE", path, nil), ("PATCH", path, #"{"name":"x"}"#),
                    ("POST", path + "/join", nil), ("POST", path + "/leave", nil), ("GET", path + "/members", nil),
                    ("DELETE", path + "/members/\(bob.id)", nil), ("GET", path + "/messages", nil),
                    ("POST", path + "/read", #"{"seq":1}"#), ("POST", path + "/invitations", nil),
                    ("GET", path + "/invitations", nil), ("DELETE", path + "/invitations/\(code)", nil),
                ]
                for user in [ada, bob] {
                    for row in gone {
                        let reply = try await server.request(row.method, row.path, as: user, body: row.body)
                        expectProblem(reply, 404, "room_not_found")
                    }
                    let list = try await server.request("GET", "/rooms", as: user)
                    #expect(list.json["rooms"]?.array?.compactMap { $0["id"]?.integer } == [lobby])
                    let accept = try await server.request("POST", "/invitations/\(code)/accept", as: user)
                    expectProblem(accept, 404, "not_found")
                }
                #expect(try await server.scrape().value("chat_room_subscriptions") == 3)
                // Its messages go soon after.
                var left = -1
                for _ in 0..<500 where left != 0 {
                    left = try await server.store.messages(in: room, page: .latest, limit: 50).messages.count
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(left == 0)
            }
        }

        /// Every send is answered: acked before the deletion, or refused; and everybody is told once that the room is gone.
        @Test(arguments: StoreKind.allCases)
        func aRoomIsDeletedWhileMessagesWait(store: StoreKind) async throws {
            try await TestServer.run(on: store) { server in
                let (ada, bob) = (try await server.user("ada"), try await server.user("bob"))
                let lobby = try await server.room(of: ada, [bob])
                for round in 0..<10 {
                    let room = try await server.room(of: ada, [bob])
                    let client = try await server.connect(as: bob)
                    try await client.join(room)
                    try await client.join(lobby)
                    for index in 0..<200 { client.send(message: room, "x", id: "m\(index)") }
                    #expect(try await server.request("DELETE", "/rooms/\(room)", as: ada).status == 204)
                    var answers: [String: String] = [:]
                    var (last, goodbyes) = (Int64(0), 0)
                    while answers.count < 200 || goodbyes == 0 {
                        let event = try await client.event()
                        let id = event["client_msg_id"]?.string ?? ""
                        switch event["event"]?.string {
                        case "ack": answers[id] = "ack"
                        case "error":
                            answers[id] = event["code"]?.string
                            #expect(event["room_id"] == .integer(room))
                        case "room_left":
                            #expect(event["reason"] == .string("deleted"))
                            goodbyes += 1
                        case "message":
                            #expect(goodbyes == 0, "nothing of the room comes after the goodbye")
                            #expect(event["seq"] == .integer(last + 1))
                            last += 1
                        default: break
                        }
                    }
                    #expect(Set(answers.values).isSubset(of: ["ack", "room_not_found", "not_joined"]), "\(answers)")
                    try await client.say("round \(round)", in: lobby, id: "r\(round)")
                    #expect(goodbyes == 1)
                    await client.socket.close()
                }
            }
        }

        /// Whoever joins at that moment is told that it is gone, or was inside before; nobody stays in it.
        @Test func aRoomIsDeletedWhileOthersJoin() async throws {
            try await TestServer.run { server in
                let (ada, bob) = (try await server.user("ada"), try await server.user("bob"))
                let http = try await TestHTTP.connect(port: server.port)
                let client = try await server.connect(as: bob)
                for round in 0..<100 {
                    let room = try await server.room(of: ada)
                    if round % 3 == 0 { client.send(join: room) }
                    http.send("DELETE", "/rooms/\(room)", token: ada.token)
                    if round % 3 != 0 { client.send(join: room) }
                    #expect(try await http.reply().status == 204)
                    var event = try await client.event()
                    if event["event"] == .string("room_joined") { event = try await client.event() }
                    if event["event"] == .string("error") {
                        expectError(event, "room_not_found")
                    } else {
                        #expect(event["event"] == .string("room_left"))
                        #expect(event["reason"] == .string("deleted"))
                    }
                }
                try await server.until("nobody in any room") { $0.value("chat_room_subscriptions") == 0 }
                try await server.until("no room") { $0.value("chat_rooms_active") == 0 }
            }
        }

        // MARK: - Reading

        @Test(arguments: StoreKind.allCases)
        func whatIsUnread(store: StoreKind) async throws {
            try await TestServer.run(on: store) { server in
                let (ada, bob) = (try await server.user("ada"), try await server.user("bob"))
                let made = try await server.request("POST", "/rooms", as: ada, body: #"{"name":"Tea"}"#)
                let room = try #require(made.json["id"]?.integer)
                let path = "/rooms/\(room)"
                #expect(made.json["last_read_seq"] == .integer(0))
                #expect(made.json["unread"] == .integer(0))
                try await server.fill(room, by: ada, count: 10)
                func expectUnread(_ user: TestUser, _ lastRead: Int64?, _ unread: Int64?) async throws {
                    let views = [
                        try await server.request("GET", path, as: user).json,
                        try await server.request("GET", "/rooms", as: user).json["rooms"]?[0] ?? .null,
                    ]
                    for view in views {
                        #expect(view["last_read_seq"] == lastRead.map { .integer($0) } ?? .null)
                        #expect(view["unread"] == unread.map { .integer($0) } ?? .null)
                    }
                }
                try await expectUnread(ada, 0, 10)
                try await expectUnread(bob, nil, nil)
                let client = try await server.connect(as: bob)
                try await client.join(room)
                try await expectUnread(bob, 10, 0)
                try await client.say("hello", in: room, id: "m1")
                try await expectUnread(bob, 10, 1)
                for (seq, lastRead) in [
                    ("4", 4), ("2", 4), ("0", 4), ("7", 7), ("9223372036854775807", 11), ("3", 11),
                ] as [(String, Int64)] {
                    let reply = try await server.request("POST", path + "/read", as: ada, body: #"{"seq":\#(seq)}"#)
                    #expect(reply.status == 200)
                    #expect(
                        reply.json
                            == .object([
                                "room_id": .integer(room), "last_read_seq": .integer(lastRead),
                                "unread": .integer(11 - lastRead),
                            ]))
                    try await expectUnread(ada, lastRead, 11 - lastRead)
                }
                for body in [
                    "{}", #"{"seq":null}"#, #"{"seq":-1}"#, #"{"seq":1.5}"#, #"{"seq":"1"}"#,
                    #"{"seq":9223372036854775808}"#,
                ] {
                    expectInvalid(try await server.request("POST", path + "/read", as: ada, body: body), ["seq"])
                }
                expectProblem(try await server.request("POST", path + "/read", as: ada), 400, "malformed_json")
            }
        }

        // MARK: - Invitations

        @Test(arguments: StoreKind.allCases)
        func invitationsAreListedAndRevoked(store: StoreKind) async throws {
            try await TestServer.run(on: store) { server in
                let (ada, bob, eve) = (
                    try await server.user("ada"), try await server.user("bob"), try await server.user("eve")
                )
                let room = try await server.room(of: ada, isPrivate: true)
                let other = try await server.room(of: ada, isPrivate: true)
                let path = "/rooms/\(room)/invitations"
                func list() async throws -> [JSON] {
                    let reply = try await server.request("GET", path, as: ada)
                    #expect(reply.status == 200 && reply.json.keys == ["invitations"])
                    return reply.json["invitations"]?.array ?? []
                }
                #expect(try await list().isEmpty)
                var made: [JSON] = []
                for body in ["{}", #"{"max_uses":3}"#, #"{"expires_in":60}"#] {
                    made.append(try await server.request("POST", path, as: ada, body: body).json)
                }
                #expect(try await list() == made.reversed())
                #expect(made[0].keys == ["code", "room_id", "max_uses", "uses", "expires_at", "created_at"])
                let codes = made.compactMap { $0["code"]?.string }
                #expect(try await server.request("POST", "/invitations/\(codes[1])/accept", as: bob).status == 200)
                #expect(try await list()[1]["uses"] == .integer(1))
                let elsewhere = try await server.request("DELETE", "/rooms/\(other)/invitations/\(codes[1])", as: ada)
                expectProblem(elsewhere, 404, "not_found")
                #expect(try await server.request("DELETE", path + "/\(codes[1])", as: ada).status == 204)
                expectProblem(try await server.request("DELETE", path + "/\(codes[1])", as: ada), 404, "not_found")
                #expect(try await list().compactMap { $0["code"]?.string } == [codes[2], codes[0]])
                let revoked = try await server.request("POST", "/invitations/\(codes[1])/accept", as: eve)
                let unknown = try await server.request("POST", "/invitations/none/accept", as: eve)
                expectProblem(revoked, 404, "not_found")
                #expect(revoked.text == unknown.text)
                // Who has accepted it stays.
                #expect(try await server.request("GET", "/rooms/\(room)", as: bob).status == 200)
            }
        }

        @Test func theListOfInvitationsEnds() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                for index in 0..<205 {
                    try await server.store.createInvitation(
                        Invitation(
                            code: "code-\(index)", roomID: room, creatorID: ada.id,
                            createdAt: Timestamp(microseconds: Int64(index))))
                }
                let reply = try await server.request("GET", "/rooms/\(room)/invitations", as: ada)
                let codes = reply.json["invitations"]?.array?.compactMap { $0["code"]?.string }
                #expect(codes == (5..<205).reversed().map { "code-\($0)" })
            }
        }

        // MARK: - Guesses

        @Test func guessesAreLimitedOnBothDoors() async throws {
            try await TestServer.run(limitsOn: true) { server in
                let (ada, eve) = (try await server.user("ada"), try await server.user("eve"))
                let room = try await server.room(of: ada, isPrivate: true, code: "sesame")
                let path = "/rooms/\(room)/join"
                let socket = try await server.connect(as: eve)
                for index in 0..<5 {
                    if index % 2 == 0 {
                        let reply = try await server.request("POST", path, as: eve, body: #"{"access_code":"guess"}"#)
                        expectProblem(reply, 403, "wrong_access_code")
                    } else {
                        socket.send(join: room, #","access_code":"guess""#)
                        expectError(try await socket.event(), "wrong_access_code")
                    }
                }
                let reply = try await server.request("POST", path, as: eve, body: #"{"access_code":"sesame"}"#)
                expectProblem(reply, 429, "rate_limited")
                #expect((1...30).contains(reply.headers["retry-after"].flatMap { Int($0) } ?? 0))
                socket.send(join: room, #","access_code":"sesame""#)
                let refusal = try await socket.event()
                expectError(refusal, "rate_limited")
                #expect(refusal["room_id"] == .integer(room))
                #expect((1...30_000).contains(refusal["retry_after_ms"]?.integer ?? 0))
                // Another user is not kept out, until the address is.
                let bob = try await server.user("bob")
                let other = try await server.connect(as: bob)
                try await other.join(room, #","access_code":"sesame""#)
            }
        }

        @Test func guessesAtARoomAreLimitedOverAllUsers() async throws {
            try await TestServer.run(limitsOn: true) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada, isPrivate: true, code: "sesame")
                let http = try await TestHTTP.connect(port: server.port)
                var statuses: [Int] = []
                for index in 0..<11 {
                    let user = try await server.user("user-\(index)")
                    for _ in 0..<5 {
                        let body = #"{"access_code":"guess"}"#
                        let reply = try await http.request(
                            "POST", "/rooms/\(room)/join", token: user.token, body: body)
                        statuses.append(reply.status)
                    }
                }
                #expect(statuses.prefix(50).allSatisfy { $0 == 403 })
                #expect(statuses.suffix(4).allSatisfy { $0 == 429 }, "\(statuses)")
            }
        }
    }
}
