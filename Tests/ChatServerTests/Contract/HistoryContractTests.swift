import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct History {
        @Test func pages() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                try await server.fill(room, by: ada, count: 120)
                func page(_ query: String) async throws -> (seqs: [Int64], hasMore: Bool?) {
                    let reply = try await server.request("GET", "/rooms/\(room)/messages?\(query)", as: ada)
                    #expect(reply.status == 200, "\(reply.text)")
                    #expect(reply.json.keys == ["messages", "has_more"])
                    let messages = reply.json["messages"]?.array ?? []
                    return (messages.compactMap { $0["seq"]?.integer }, reply.json["has_more"]?.bool)
                }
                let rows: [(query: String, seqs: ClosedRange<Int64>, hasMore: Bool)] = [
                    ("", 71...120, true), ("limit=120", 1...120, false), ("limit=119", 2...120, true),
                    ("before_seq=51", 1...50, false), ("before_seq=52", 2...51, true),
                    ("before_seq=11&limit=10", 1...10, false), ("after_seq=0", 1...50, true),
                    ("after_seq=70", 71...120, false), ("after_seq=69", 70...119, true),
                    ("after_seq=119&limit=1", 120...120, false), ("before_seq=9999&limit=2", 119...120, true),
                ]
                for row in rows {
                    let found = try await page(row.query)
                    #expect(found.seqs == Array(row.seqs), "\(row.query)")
                    #expect(found.hasMore == row.hasMore, "\(row.query)")
                }
                for query in ["after_seq=120", "before_seq=1", "after_seq=99999"] {
                    let found = try await page(query)
                    #expect(found.seqs.isEmpty, "\(query)")
                    #expect(found.hasMore == false, "\(query)")
                }
            }
        }

        @Test func whatAPageCannotBe() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                for (query, field) in [
                    ("limit=0", "limit"), ("limit=201", "limit"), ("limit=-1", "limit"), ("limit=ten", "limit"),
                    ("before_seq=x", "before_seq"), ("after_seq=1.5", "after_seq"), ("after_seq=-1", "after_seq"),
                    ("before_seq=5&after_seq=1", "after_seq"),
                ] {
                    expectInvalid(try await server.request("GET", "/rooms/\(room)/messages?\(query)", as: ada), [field])
                }
            }
        }

        @Test func textComesBackAsItWasSent() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let socket = try await server.connect(as: ada)
                try await socket.join(room)
                let texts = [
                    "plain", "\"quotes\" \\ / \u{8}\u{C}\n\r\t\u{1}\u{7F}", "e\u{301} is not \u{E9}",
                    "\u{1F469}\u{200D}\u{1F680}\u{FE0F} \u{2028}\u{2029}", "</script><!--", " \u{FEFF}spaces ",
                    String(repeating: "\u{1F680}", count: 4000),
                ]
                for (index, text) in texts.enumerated() {
                    let id = "id \"\(index)\" \u{E9}"
                    let ack = try await socket.say(text, in: room, id: id)
                    #expect(ack["client_msg_id"] == .string(id))
                }
                let reply = try await server.request("GET", "/rooms/\(room)/messages", as: ada)
                let messages = try #require(reply.json["messages"]?.array)
                let contents = messages.compactMap { $0["content"]?.string }
                // Scalar by scalar: Swift's equality would take one normalization for another.
                #expect(contents.map { Array($0.unicodeScalars) } == texts.map { Array($0.unicodeScalars) })
                #expect(
                    messages.first?.keys == [
                        "room_id", "id", "seq", "user_id", "username", "content", "client_msg_id", "created_at",
                    ]
                )
                #expect(messages.first?["username"] == .string("ada"))
                #expect(try await server.request("GET", "/rooms/\(room)", as: ada).json["last_seq"] == .integer(7))
            }
        }
    }
}

extension TestServer {
    /// Stores messages behind the server's back: `content` is the number, 1, 2, 3 …
    func fill(_ room: RoomID, by user: TestUser, count: Int) async throws {
        let batch = (1...count).map {
            NewMessage(roomID: room, userID: user.id, content: "\($0)", clientMessageID: "fill-\($0)")
        }
        _ = try await store.append(batch, now: Clock.system.now)
    }
}
