import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct PresenceEvents {
        @Test func firstAndLastConnectionAreTold() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let watcher = try await server.connect(as: ada)
                #expect(try await watcher.join(room)["online"] == .integer(1))
                let first = try await server.connect(as: bob)
                #expect(try await first.join(room)["online"] == .integer(2))
                let joined = try await watcher.event()
                #expect(joined.keys == ["event", "room_id", "user_id", "username", "online"])
                #expect(joined["event"] == .string("user_joined"))
                #expect(joined["user_id"] == .integer(bob.id))
                #expect(joined["username"] == .string("bob"))
                #expect(joined["online"] == .integer(2))

                let second = try await server.connect(as: bob)
                #expect(try await second.join(room)["online"] == .integer(2))
                first.send(#"{"event":"leave_room","room_id":\#(room)}"#)
                _ = try await first.event("room_left")
                // Not the last one: nobody is told. A message shows that nothing came before it.
                try await second.say("still here", in: room, id: "m1")
                #expect(try await watcher.event()["event"] == .string("message"))
                second.send(#"{"event":"leave_room","room_id":\#(room)}"#)
                let left = try await watcher.event()
                #expect(left["event"] == .string("user_left"))
                #expect(left["user_id"] == .integer(bob.id))
                #expect(left["online"] == .integer(1))
            }
        }

        @Test func aReconnectWithinTheGraceIsSilent() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let watcher = try await server.connect(as: ada)
                try await watcher.join(room)
                let first = try await server.connect(as: bob)
                try await first.join(room)
                _ = try await watcher.event("user_joined")
                await first.socket.close()
                let second = try await server.connect(as: bob)
                try await second.join(room)
                await second.socket.close()
                // The next thing to be told is the end, once and after the grace.
                let left = try await watcher.event()
                #expect(left["event"] == .string("user_left"))
                #expect(left["online"] == .integer(1))
            }
        }

        @Test func typingGoesToTheOthers() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let typist = try await server.connect(as: ada)
                let reader = try await server.connect(as: bob)
                for client in [typist, reader] { try await client.join(room) }
                typist.send(#"{"event":"typing","room_id":\#(room)}"#)
                let typing = try await reader.event("typing")
                #expect(typing.keys == ["event", "room_id", "user_id", "username"])
                #expect(typing["user_id"] == .integer(ada.id))
                #expect(typing["username"] == .string("ada"))
                try await reader.say("go on", in: room, id: "m1")
                while true {
                    let event = try await typist.event()
                    #expect(event["event"] != .string("typing"))
                    if event["event"] == .string("message") { break }
                }
                let history = try await server.request("GET", "/rooms/\(room)/messages", as: ada)
                #expect(history.json["messages"]?.array?.count == 1)
            }
        }

        @Test func nobodyElseHearsARoom() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let eve = try await server.user("eve")
                let room = try await server.room(of: ada, isPrivate: true)
                let lobby = try await server.room(of: ada, [eve])
                let inside = try await server.connect(as: ada)
                let outside = try await server.connect(as: eve)
                try await inside.join(room)
                outside.send(join: room)
                expectError(try await outside.event(), "room_not_found")
                outside.send(join: 999_999)
                expectError(try await outside.event(), "room_not_found")
                try await outside.join(lobby)
                try await inside.say("secret", in: room, id: "m1")
                inside.send(#"{"event":"typing","room_id":\#(room)}"#)
                outside.send(message: room, "let me in", id: "m2")
                let refusal = try await outside.event()
                expectError(refusal, "not_joined")
                try await outside.say("hello", in: lobby, id: "m3")
                #expect(try await server.scrape().value("chat_room_subscriptions") == 2)
            }
        }
    }
}
