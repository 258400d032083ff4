import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    /// Two things at once, often enough that each comes in the middle of the other.
    @Suite struct Races {
        @Test func whoIsRemovedWhileJoiningIsNotInside() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, isPrivate: true)
                let owner = try await server.connect(as: ada)
                try await owner.join(room)
                let guest = try await server.connect(as: bob)
                let http = try await TestHTTP.connect(port: server.port)
                for round in 0..<150 {
                    _ = try await server.store.addMember(roomID: room, userID: bob.id, now: Clock.system.now)
                    // Now the one, now the other comes first.
                    let path = "/rooms/\(room)/members/\(bob.id)"
                    if round % 3 == 0 { guest.send(join: room) }
                    http.send("DELETE", path, token: ada.token)
                    if round % 3 != 0 { guest.send(join: room) }
                    #expect(try await http.reply().status == 204)
                    var event = try await guest.event()
                    while !["room_joined", "error"].contains(event["event"]?.string ?? "") {
                        event = try await guest.event()
                    }
                    try await owner.say("he is gone", in: room, id: "m\(round)")
                    guest.send(#"{"event":"ping"}"#)
                    var isInside = event["event"] == .string("room_joined")
                    var isAnswered = false
                    while isInside || !isAnswered {
                        event = try await guest.event()
                        try #require(event["event"] != .string("message"), "round \(round)")
                        if event["event"] == .string("room_left") { isInside = false }
                        if event["event"] == .string("pong") { isAnswered = true }
                    }
                }
            }
        }

        @Test func whoLogsOutWhileConnectingIsClosed() async throws {
            try await TestServer.run { server in
                let http = try await TestHTTP.connect(port: server.port)
                for round in 0..<150 {
                    let user = try await server.user("user-\(round)")
                    let client = try await server.connect()
                    let logout = #"{"refresh_token":"\#(user.refreshToken)"}"#
                    if round % 2 == 0 { http.send("POST", "/auth/logout", body: logout) }
                    client.send(#"{"event":"authenticate","token":"\#(user.token)"}"#)
                    if round % 2 != 0 { http.send("POST", "/auth/logout", body: logout) }
                    #expect(try await http.reply().status == 204)
                    // Sooner than the 5 s for a first token.
                    let end = try await client.closed(timeout: .seconds(4))
                    try #require(end == .close(code: 1008, reason: "token_revoked"), "round \(round)")
                }
            }
        }

        /// Clients come back for what they missed, and are gone again before it is written: nothing of them stays.
        @Test func whoIsGoneBeforeTheReplayIsNotInside() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let batch = (0..<400).map {
                    NewMessage(
                        roomID: room, userID: ada.id, content: String(repeating: "x", count: 2000),
                        clientMessageID: "m\($0)")
                }
                _ = try await server.store.append(batch, now: Clock.system.now)
                for round in 0..<120 {
                    let client = try await server.connect(as: ada)
                    client.send(join: room, #","after_seq":0"#)
                    // Some are gone before the join is looked at, some in the middle of its answer.
                    if round % 3 == 0 { _ = try await client.event("room_joined") }
                    if round % 3 == 1 { _ = try await server.store.heads(of: [room]) }
                    await client.socket.reset()
                }
                try await server.until("nobody is inside") {
                    $0.value("chat_connections") == 0 && $0.value("chat_room_subscriptions") == 0
                        && $0.value("chat_rooms_active") == 0
                }
                // The room works for who comes next.
                let client = try await server.connect(as: ada)
                #expect(try await client.join(room)["seq"] == .integer(400))
                #expect(try await server.scrape().value("chat_room_subscriptions") == 1)
            }
        }
    }
}
