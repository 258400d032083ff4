import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Authentication {
        @Test func theTokenInTheQuery() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                // What else stands in the query is for the balancer.
                let client = try await server.connect("/ws?room=5&token=\(ada.token)&user=7")
                let ready = try await client.event()
                #expect(
                    ready.keys == [
                        "event", "user_id", "username", "instance", "epoch", "ping_interval_ms", "max_frame_bytes",
                    ]
                )
                #expect(ready["event"] == .string("ready"))
                #expect(ready["user_id"] == .integer(ada.id))
                #expect(ready["username"] == .string("ada"))
                #expect(ready["instance"] == .string("test"))
                let epoch = try await server.store.epoch()
                #expect(ready["epoch"] == .string(epoch))
                #expect(ready["ping_interval_ms"] == .integer(25_000))
                #expect(ready["max_frame_bytes"] == .integer(65_536))
            }
        }

        @Test func theTokenAsASubprotocol() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let socket = try await TestSocket.connect(port: server.port)
                let offer = ["sec-websocket-protocol": "chat.v1, bearer.\(ada.token)"]
                let (client, reply) = try await TestClient.open(socket, "/ws", offer)
                #expect(reply.headers["sec-websocket-protocol"] == "chat.v1")
                #expect(try await client.event()["event"] == .string("ready"))
            }
        }

        @Test func theTokenInAFirstMessage() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let client = try await server.connect()
                // Errors before it leave the connection alone.
                for text in [#"{"event":"ping"}"#, #"{"event":"join_room","room_id":1}"#] {
                    client.send(text)
                    expectError(try await client.event(), "unauthorized")
                }
                client.send("{")
                expectError(try await client.event(), "malformed_json")
                client.send(#"{"event":"authenticate"}"#)
                expectError(try await client.event(), "invalid_event")
                client.send(message: 7, "hello", id: "m1")
                let error = try await client.event()
                expectError(error, "unauthorized")
                #expect(error["client_msg_id"] == .string("m1"))
                #expect(error["room_id"] == .integer(7))
                client.send(#"{"event":"authenticate","token":"\#(ada.token)"}"#)
                #expect(try await client.event()["event"] == .string("ready"))
            }
        }

        @Test func whatFollowsTheTokenInOnePacketIsRead() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let socket = try await TestSocket.connect(port: server.port)
                var packet = ByteBuffer(string: TestClient.handshake())
                let events = [
                    #"{"event":"authenticate","token":"\#(ada.token)"}"#,
                    #"{"event":"join_room","room_id":\#(room)}"#,
                    #"{"event":"message_send","room_id":\#(room),"content":"hi","client_msg_id":"m1"}"#,
                ]
                for event in events { packet.writeImmutableBuffer(TestClient.frame(0x81, Array(event.utf8))) }
                socket.send(packet)
                #expect(try await TestHTTP(socket: socket).reply(hasBody: false).status == 101)
                let client = TestClient(socket: socket)
                for name in ["ready", "room_joined"] {
                    #expect(try await client.event()["event"] == .string(name))
                }
                #expect(try await client.event("ack")["seq"] == .integer(1))
            }
        }

        @Test func badTokensCloseAndSayWhy() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let expired = try await server.expiredToken()
                let stranger = await AccessTokens(secret: "another secret, which is long enough too")
                let now = Clock.system.now.microseconds / 1_000_000
                let forged = try await stranger.sign(ada.user, session: ada.session, now: now)
                let orphan = try await server.tokens.sign(ada.user, session: 999_999, now: now)
                for (token, reason) in [
                    ("nonsense", "token_invalid"), ("", "token_invalid"), (forged, "token_invalid"),
                    (expired, "token_expired"), (orphan, "token_revoked"),
                ] {
                    let query = try await server.connect("/ws?token=\(token)")
                    #expect(try await query.closed() == .close(code: 1008, reason: reason))
                    guard !token.isEmpty else { continue }
                    let offer = ["sec-websocket-protocol": "chat.v1, bearer.\(token)"]
                    let subprotocol = try await server.connect("/ws", offer)
                    #expect(try await subprotocol.closed() == .close(code: 1008, reason: reason))
                    let message = try await server.connect()
                    message.send(#"{"event":"authenticate","token":"\#(token)"}"#)
                    #expect(try await message.closed() == .close(code: 1008, reason: reason))
                }
            }
        }

        @Test func authenticatingLaterRenews() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: ada)
                try await client.join(room)
                let now = Clock.system.now.microseconds / 1_000_000
                let fresh = try await server.tokens.sign(ada.user, session: ada.session, now: now)
                client.send(#"{"event":"authenticate","token":"\#(fresh)"}"#)
                #expect(try await client.event("ready")["user_id"] == .integer(ada.id))
                // The rooms stay joined.
                try await client.say("still here", in: room, id: "m1")
                client.send(#"{"event":"authenticate","token":"\#(bob.token)"}"#)
                #expect(try await client.closed() == .close(code: 1008, reason: "token_of_another_user"))
                let other = try await server.connect(as: ada)
                other.send(#"{"event":"authenticate","token":"nonsense"}"#)
                #expect(try await other.closed() == .close(code: 1008, reason: "token_invalid"))
            }
        }

        @Test func aTokenThatRunsOutClosesUnlessItWasRenewed() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let now = Clock.system.now.microseconds / 1_000_000
                let lifetime = server.tokens.lifetime
                let short = try await server.tokens.sign(ada.user, session: ada.session, now: now - lifetime + 2)
                let closing = try await server.connect("/ws?token=\(short)")
                let renewed = try await server.connect("/ws?token=\(short)")
                renewed.send(#"{"event":"authenticate","token":"\#(ada.token)"}"#)
                for _ in 0..<2 { _ = try await renewed.event("ready") }
                #expect(try await closing.closed() == .close(code: 1008, reason: "token_expired"))
                renewed.send(#"{"event":"ping"}"#)
                _ = try await renewed.event("pong")
            }
        }

        @Test func aTokenThatEndsInAThousandYears() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let far = try await server.tokens.sign(ada.user, session: ada.session, now: 99_999_999_999)
                let client = try await server.connect("/ws?token=\(far)")
                #expect(try await client.event()["event"] == .string("ready"))
            }
        }

        @Test func twoThousandThatNeverAuthenticateAreAllClosed() async throws {
            try await TestServer.run { server in
                let began = ContinuousClock.now
                try await withThrowingTaskGroup { group in
                    for lane in 0..<20 {
                        group.addTask {
                            var clients: [TestClient] = []
                            for _ in 0..<100 { clients.append(try await server.connect()) }
                            if lane == 0 { clients[0].send(#"{"event":"ping"}"#) }
                            for client in clients {
                                let end = try await client.closed(timeout: .seconds(40))
                                #expect(end == .close(code: 1008, reason: "token_missing"))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(ContinuousClock.now - began >= .seconds(5))
                try await server.until("no connection") { $0.value("chat_connections") == 0 }
                let closed = try await server.scrape().sum("chat_connections_closed_total", ["reason": "token_missing"])
                #expect(closed == 2000)
            }
        }
    }
}
