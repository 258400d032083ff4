import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Rooms {
        @Test func makesAndShowsARoom() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let made = try await server.request("POST", "/rooms", as: ada, body: #"{"name":"Lobby \u2603"}"#)
                #expect(made.status == 201)
                let members: Set = ["id", "name", "is_private", "created_at", "last_seq", "role"]
                #expect(made.json.keys == members.union(["last_read_seq", "unread"]))
                #expect(made.json["name"] == .string("Lobby \u{2603}"))
                #expect(made.json["is_private"] == .bool(false))
                #expect(made.json["last_seq"] == .integer(0))
                #expect(made.json["role"] == .string("owner"))
                #expect(made.json["created_at"]?.string.flatMap { Timestamp(text: $0) } != nil)
                let id = try #require(made.json["id"]?.integer)
                #expect(try await server.request("GET", "/rooms/\(id)", as: ada).json == made.json)
                let seen = try await server.request("GET", "/rooms/\(id)", as: try await server.user("bob"))
                #expect(seen.json["role"] == .null)
            }
        }

        @Test func aRoomThatCannotBe() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let long = String(repeating: "n", count: 101)
                let rows: [(body: String, fields: [String])] = [
                    ("{}", ["name"]), (#"{"name":""}"#, ["name"]), (#"{"name":"\#(long)"}"#, ["name"]),
                    (#"{"name":"a","is_private":"yes"}"#, ["is_private"]),
                    (#"{"name":"a","access_code":"abcd"}"#, ["access_code"]),
                    (#"{"name":"a","is_private":false,"access_code":"abcd"}"#, ["access_code"]),
                    (#"{"name":"a","is_private":true,"access_code":"abc"}"#, ["access_code"]),
                    (#"{"name":"\ud800"}"#, ["name"]),
                ]
                for row in rows {
                    expectInvalid(try await server.request("POST", "/rooms", as: ada, body: row.body), row.fields)
                }
            }
        }

        @Test func unknownPrivateAndNonsenseIdsAnswerTheSame() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let eve = try await server.user("eve")
                let hidden = try await server.room(of: ada, isPrivate: true)
                let unknown = try await server.request("GET", "/rooms/999999", as: eve)
                expectProblem(unknown, 404, "room_not_found")
                for (method, rest) in [
                    ("GET", ""), ("GET", "/members"), ("GET", "/messages"), ("POST", "/leave"), ("POST", "/join"),
                    ("POST", "/invitations"), ("DELETE", "/members/1"),
                ] {
                    for id in ["\(hidden)", "999999", "abc", "99999999999999999999"] {
                        let reply = try await server.request(method, "/rooms/\(id)\(rest)", as: eve)
                        #expect(reply.status == 404, "\(method) \(id)\(rest)")
                        #expect(reply.text == unknown.text, "\(method) \(id)\(rest)")
                    }
                }
            }
        }

        @Test func accessCodes() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let eve = try await server.user("eve")
                let body = #"{"name":"Vault","is_private":true,"access_code":"s\u00e9same"}"#
                let made = try await server.request("POST", "/rooms", as: ada, body: body)
                #expect(made.status == 201)
                #expect(!made.text.contains("same"))
                let path = "/rooms/\(try #require(made.json["id"]?.integer))"
                expectProblem(try await server.request("GET", path, as: eve), 404, "room_not_found")
                expectProblem(try await server.request("POST", path + "/join", as: eve), 403, "wrong_access_code")
                for wrong in [#"{"access_code":"wrong"}"#, #"{"access_code":""}"#, "{}", #"{"access_code":null}"#] {
                    let reply = try await server.request("POST", path + "/join", as: eve, body: wrong)
                    expectProblem(reply, 403, "wrong_access_code")
                }
                let right = #"{"access_code":"s\u00e9same"}"#
                let joined = try await server.request("POST", path + "/join", as: eve, body: right)
                #expect(joined.status == 200)
                #expect(joined.json.keys == ["room_id", "user_id", "role", "joined_at"])
                #expect(joined.json["role"] == .string("member"))
                // Joining twice answers the membership that is.
                #expect(try await server.request("POST", path + "/join", as: eve).json == joined.json)
                let role = try await server.request("POST", path + "/join", as: ada).json["role"]
                #expect(role == .string("owner"))
            }
        }

        @Test func listsPublicRoomsAndOnesOwnInPages() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let eve = try await server.user("eve")
                var visible: [RoomID] = []
                for index in 0..<7 {
                    let id = try await server.room(of: ada, isPrivate: index % 3 == 1)
                    if index % 3 != 1 { visible.append(id) }
                }
                let own = try await server.room(of: eve, isPrivate: true)
                var found: [RoomID] = []
                var after: Int64? = 0
                while let next = after {
                    let page = try await server.request("GET", "/rooms?after_id=\(next)&limit=2", as: eve)
                    #expect(page.json.keys == ["rooms", "next_after_id"])
                    found += page.json["rooms"]?.array?.compactMap { $0["id"]?.integer } ?? []
                    after = page.json["next_after_id"]?.integer
                }
                #expect(found == visible + [own])
                let exact = try await server.request("GET", "/rooms?limit=\(found.count)", as: eve)
                #expect(exact.json["next_after_id"] == .null)
                for query in ["limit=0", "limit=201", "limit=x", "limit=", "after_id=x", "after_id=-1"] {
                    let reply = try await server.request("GET", "/rooms?\(query)", as: eve)
                    expectInvalid(reply, [String(query.prefix { $0 != "=" })])
                }
                #expect(try await server.request("GET", "/rooms?limit=200", as: eve).status == 200)
            }
        }

        @Test func membersAndHistoryAreForMembers() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let eve = try await server.user("eve")
                let room = try await server.room(of: ada)
                for (method, rest) in [
                    ("GET", "/members"), ("GET", "/messages"), ("POST", "/invitations"), ("POST", "/leave"),
                    ("DELETE", "/members/\(ada.id)"),
                ] {
                    expectProblem(try await server.request(method, "/rooms/\(room)\(rest)", as: eve), 403, "forbidden")
                }
                #expect(try await server.request("POST", "/rooms/\(room)/join", as: eve).status == 200)
                let socket = try await server.connect(as: eve)
                try await socket.join(room)
                let page = try await server.request("GET", "/rooms/\(room)/members?limit=1", as: eve)
                #expect(page.json.keys == ["members", "next_after_id"])
                let first = try #require(page.json["members"]?[0])
                #expect(first.keys == ["user_id", "username", "role", "joined_at", "online"])
                #expect(first["user_id"] == .integer(ada.id))
                #expect(first["role"] == .string("owner"))
                #expect(first["online"] == .bool(false))
                let after = try #require(page.json["next_after_id"]?.integer)
                let path = "/rooms/\(room)/members?limit=1&after_id=\(after)"
                let rest = try await server.request("GET", path, as: ada)
                #expect(rest.json["members"]?[0]?["username"] == .string("eve"))
                #expect(rest.json["members"]?[0]?["online"] == .bool(true))
                #expect(rest.json["next_after_id"] == .null)
            }
        }
    }
}
