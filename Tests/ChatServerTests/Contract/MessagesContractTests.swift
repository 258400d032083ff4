import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Messages {
        @Test func sendAckDeliver() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let sender = try await server.connect(as: ada)
                let second = try await server.connect(as: ada)
                let receiver = try await server.connect(as: bob)
                for client in [sender, second, receiver] { try await client.join(room) }

                sender.send(message: room, "hello", id: "m1")
                var own: [String: JSON] = [:]
                while own.count < 2 {
                    let event = try await sender.event()
                    if let name = event["event"]?.string, ["ack", "message"].contains(name) { own[name] = event }
                }
                let ack = try #require(own["ack"])
                #expect(
                    ack.keys == ["event", "client_msg_id", "room_id", "id", "seq", "created_at", "duplicate"]
                )
                #expect(ack["seq"] == .integer(1))
                #expect(ack["duplicate"] == .bool(false))
                #expect(ack["created_at"]?.string.flatMap { Timestamp(text: $0) } != nil)
                // The sender's own connections get it too, and everybody the same.
                let message = try #require(own["message"])
                for client in [second, receiver] { #expect(try await client.event("message") == message) }
                #expect(
                    message.keys == [
                        "event", "room_id", "id", "seq", "user_id", "username", "content", "client_msg_id",
                        "created_at",
                    ]
                )
                #expect(message["content"] == .string("hello"))
                #expect(message["username"] == .string("ada"))
                #expect(message["id"] == ack["id"])
                #expect(message["created_at"] == ack["created_at"])
            }
        }

        @Test func aDuplicateIsAnsweredWithTheFirstAck() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let (sender, other) = (try await server.connect(as: ada), try await server.connect(as: bob))
                for client in [sender, other] { try await client.join(room) }
                let first = try await sender.say("one", in: room, id: "same")
                let again = try await sender.say("one, edited", in: room, id: "same")
                #expect(again["duplicate"] == .bool(true))
                for key in ["id", "seq", "created_at", "client_msg_id"] { #expect(again[key] == first[key]) }
                // Another connection of the sender, and another sender with the same id.
                let elsewhere = try await server.connect(as: ada)
                try await elsewhere.join(room)
                #expect(try await elsewhere.say("one", in: room, id: "same")["duplicate"] == .bool(true))
                #expect(try await other.say("two", in: room, id: "same")["seq"] == .integer(2))
                #expect(try await other.event("message")["seq"] == .integer(2))
                let metrics = try await server.scrape()
                #expect(metrics.value("chat_messages_duplicate_total") == 2)
                #expect(metrics.value("chat_messages_persisted_total") == 2)
            }
        }

        @Test func tracesAreForThoseWhoAsk() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let sender = try await server.connect(as: ada)
                let receiver = try await server.connect(as: ada)
                for client in [sender, receiver] { try await client.join(room) }
                sender.send(message: room, "traced", id: "m1", #","trace":true"#)
                let ack = try await sender.event("ack")
                #expect(ack["trace"]?.keys == ["received_ns", "persisted_ns"])
                let trace = try #require(try await receiver.event("message")["trace"])
                #expect(
                    trace.keys == [
                        "received_ns", "persisted_ns", "published_ns", "broker_received_ns", "origin", "instance",
                    ]
                )
                #expect(trace["origin"] == .string("test"))
                #expect(trace["instance"] == .string("test"))
                let stamps = ["received_ns", "persisted_ns", "published_ns", "broker_received_ns"].compactMap {
                    trace[$0]?.integer
                }
                #expect(stamps.count == 4)
                #expect(stamps == stamps.sorted())
                #expect(ack["trace"]?["received_ns"]?.integer == stamps.first)
                #expect(try await sender.say("plain", in: room, id: "m2")["trace"] == nil)
                #expect(try await receiver.event("message")["trace"] == nil)
            }
        }

        @Test func whoHasNotJoinedCannotSend() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: ada)
                client.send(message: room, "hello", id: "m1")
                let error = try await client.event()
                expectError(error, "not_joined")
                #expect(error["client_msg_id"] == .string("m1"))
                #expect(error["room_id"] == .integer(room))
                for event in ["typing", "leave_room"] {
                    client.send(#"{"event":"\#(event)","room_id":\#(room)}"#)
                    let error = try await client.event()
                    expectError(error, "not_joined")
                    #expect(error["room_id"] == .integer(room))
                }
                try await client.join(room)
                client.send(#"{"event":"leave_room","room_id":\#(room)}"#)
                #expect(try await client.event("room_left")["reason"] == .string("left"))
                client.send(message: room, "hello", id: "m2")
                expectError(try await client.event(), "not_joined")
                // The membership stays.
                #expect(try await server.request("GET", "/rooms/\(room)/messages", as: ada).status == 200)
            }
        }

        @Test func pipelinedSendsAreAnsweredInOrder() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: ada)
                client.send(join: room)
                for index in 1...600 { client.send(message: room, "\(index)", id: "m\(index)") }
                var acks: [Int64] = []
                var messages: [String] = []
                while acks.count < 600 || messages.count < 600 {
                    let event = try await client.event()
                    if event["event"] == .string("ack") { acks += [event["seq"]?.integer ?? 0] }
                    if event["event"] == .string("message") { messages += [event["content"]?.string ?? ""] }
                }
                #expect(acks == Array(1...600))
                #expect(messages == (1...600).map { "\($0)" })
            }
        }

        @Test func contentHas1To4000Scalars() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: ada)
                try await client.join(room)
                for (content, id) in [
                    ("", "m1"), (String(repeating: "\u{1F680}", count: 4001), "m2"), ("x", ""),
                    ("x", String(repeating: "i", count: 65)),
                ] {
                    client.send(message: room, content, id: id)
                    let error = try await client.event()
                    expectError(error, "validation_failed")
                    #expect(error["client_msg_id"] == .string(id))
                    #expect(error["room_id"] == .integer(room))
                }
                try await client.say(
                    String(repeating: "e\u{301}", count: 2000), in: room, id: String(repeating: "i", count: 64))
            }
        }
    }
}
