import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    /// Who may do what over the WebSocket: every event, for every kind of caller, in every kind of room, on both stores.
    @Suite struct SocketPermissions {
        /// A question is one or more events, each answered before the next is sent; the answer is the last one's: the
        /// event's name, the error's code, or the close's reason. Short words: `unauth` unauthorized, `bad`
        /// token_invalid, `ended` token_revoked, `hidden` room_not_found, `code` wrong_access_code, `out` not_joined.
        /// `typing` is answered by what another member hears.
        private static let table = """
            authenticate                    | *      | unauth bad ready  ready  ready  ready  ready  ended
            ping                            | *      | unauth bad pong   pong   pong   pong   pong   ended
            join_room                       | public | unauth bad joined joined joined joined joined ended
                                            | code   | unauth bad code   joined joined code   code   ended
                                            | invite | unauth bad hidden joined joined hidden hidden ended
            join_right                      | public | unauth bad joined joined joined joined joined ended
                                            | code   | unauth bad joined joined joined joined joined ended
                                            | invite | unauth bad hidden joined joined hidden hidden ended
            join_wrong                      | public | unauth bad joined joined joined joined joined ended
                                            | code   | unauth bad code   joined joined code   code   ended
                                            | invite | unauth bad hidden joined joined hidden hidden ended
            leave_room                      | *      | unauth bad out    out    out    out    out    ended
            join_room leave_room            | public | unauth bad left   left   left   left   left   ended
                                            | private| unauth bad out    left   left   out    out    ended
            message_send                    | *      | unauth bad out    out    out    out    out    ended
            join_room message_send          | public | unauth bad ack    ack    ack    ack    ack    ended
                                            | private| unauth bad out    ack    ack    out    out    ended
            join_right message_send         | public | unauth bad ack    ack    ack    ack    ack    ended
                                            | code   | unauth bad ack    ack    ack    ack    ack    ended
                                            | invite | unauth bad out    ack    ack    out    out    ended
            typing                          | *      | unauth bad out    out    out    out    out    ended
            join_room typing                | public | unauth bad heard  heard  heard  heard  heard  ended
                                            | private| unauth bad out    heard  heard  out    out    ended
            join_room leave_room typing     | *      | unauth bad out    out    out    out    out    ended
            """

        private static let words = [
            "unauthorized": "unauth", "token_invalid": "bad", "token_revoked": "ended", "room_not_found": "hidden",
            "wrong_access_code": "code", "not_joined": "out", "room_joined": "joined", "room_left": "left",
        ]

        @Test(arguments: StoreKind.allCases)
        func everyEventForEveryCaller(store: StoreKind) async throws {
            let table = try PermissionTable(Self.table)
            table.expectWhole()
            try await PermissionStage.run(on: store) { stage in
                for row in table.rows {
                    for kind in row.kinds {
                        for caller in Caller.allCases {
                            let room = try await stage.room(kind)
                            let expected = try #require(row.answers[caller])
                            let found = try await Self.ask(row.question, caller, room, stage)
                            #expect(found == expected, "\(row.question), \(kind), \(caller)")
                        }
                    }
                }
            }
        }

        private static func ask(
            _ question: String, _ caller: Caller, _ room: PermissionRoom, _ stage: PermissionStage
        ) async throws -> String {
            let client = try await stage.server.connect("/ws" + (stage.token(caller).map { "?token=\($0)" } ?? ""))
            var answer = caller == .nobody ? "ready" : try await self.answer(client)
            // Who is not let in is asked nothing.
            for step in question.split(separator: " ") where !["token_invalid", "token_revoked"].contains(answer) {
                if step == "typing" {
                    answer = try await stage.type(client, in: room)
                } else {
                    client.send(frame(String(step), room, stage.token(caller)))
                    answer = try await self.answer(client)
                }
            }
            await client.socket.close()
            return words[answer] ?? answer
        }

        private static func frame(_ step: String, _ room: PermissionRoom, _ token: String?) -> String {
            switch step {
            // Who has no token says something else first.
            case "authenticate": token.map { #"{"event":"authenticate","token":"\#($0)"}"# } ?? #"{"event":"ping"}"#
            case "join_right":
                #"{"event":"join_room","room_id":\#(room.id),"access_code":"\#(PermissionStage.code)"}"#
            case "join_wrong": #"{"event":"join_room","room_id":\#(room.id),"access_code":"wrong"}"#
            case "message_send":
                #"{"event":"message_send","room_id":\#(room.id),"content":"hi","client_msg_id":"m1"}"#
            default: #"{"event":"\#(step)","room_id":\#(room.id)}"#
            }
        }

        /// The next thing that is said to this client alone.
        private static func answer(_ client: TestClient) async throws -> String {
            while true {
                switch try await client.next() {
                case .close(let code, let reason):
                    #expect(code == 1008)
                    return reason
                case .event(let event):
                    let name = event["event"]?.string ?? "?"
                    if ["message", "user_joined", "user_left", "typing"].contains(name) { continue }
                    return name == "error" ? event["code"]?.string ?? "?" : name
                case .ping, .pong: continue
                }
            }
        }

        // MARK: - What is heard

        /// Whatever happens in a room, who is no member, or not any more, or has not joined it, hears nothing of it.
        @Test(arguments: StoreKind.allCases, RoomKind.allCases)
        func onlyWhoIsInsideHears(store: StoreKind, kind: RoomKind) async throws {
            try await PermissionStage.run(on: store) { stage in
                let room = try await stage.room(kind)
                var clients: [Caller: TestClient] = [:]
                for caller in [Caller.stranger, .member, .owner, .removed, .invited] {
                    clients[caller] = try await stage.server.connect(as: try stage.user(caller))
                }
                let waiting = try await stage.server.connect(as: try stage.user(.member))
                for caller in [Caller.member, .owner] { try await clients[caller]?.join(room.id) }
                let owner = try #require(clients[.owner])
                let other = try await stage.server.connect(as: stage.other)
                let path = "/rooms/\(room.id)"
                let token = stage.token(.owner)

                try await other.join(room.id)
                try await other.say("hello", in: room.id, id: "m1")
                other.send(#"{"event":"typing","room_id":\#(room.id)}"#)
                _ = try await owner.event("typing")
                let renamed = try await stage.http.request("PATCH", path, token: token, body: #"{"name":"New"}"#)
                #expect(renamed.status == 200)
                let removal = path + "/members/\(stage.other.id)"
                #expect(try await stage.http.request("DELETE", removal, token: token).status == 204)
                _ = try await owner.event("user_left")
                #expect(try await stage.http.request("DELETE", path, token: token).status == 204)

                let member = try #require(clients[.member])
                let all: Set = ["user_joined", "message", "typing", "room_updated", "user_left", "room_left"]
                let heard = try await Self.heard(member)
                #expect(Set(heard) == all && heard.last == "room_left", "\(heard)")
                let ends = try await (Self.heard(other), Self.heard(owner))
                #expect(ends.0.contains("room_updated") && ends.0.last == "room_left", "\(ends)")
                #expect(!ends.0.contains("user_left") && ends.1.last == "room_left", "\(ends)")
                for caller in [Caller.stranger, .removed, .invited] {
                    #expect(try await Self.heard(try #require(clients[caller])) == [], "\(caller)")
                }
                #expect(try await Self.heard(waiting) == [], "a member that has not joined it")
            }
        }

        /// What has come up to now, by name, each once.
        private static func heard(_ client: TestClient) async throws -> [String] {
            client.send(#"{"event":"ping","t":"the end"}"#)
            var names: [String] = []
            while true {
                let name = try await client.event()["event"]?.string ?? "?"
                if name == "pong" { return names }
                if !names.contains(name) { names.append(name) }
            }
        }
    }
}

extension PermissionStage {
    /// Sends `typing`.
    /// - Returns: `heard` if another member of the room is told, else the code of the error.
    fileprivate func type(_ client: TestClient, in room: PermissionRoom) async throws -> String {
        let witness = try await server.connect(as: other)
        try await witness.join(room.id)
        client.send(#"{"event":"typing","room_id":\#(room.id)}"#)
        // An error comes before this one's answer.
        client.send(#"{"event":"ping","t":"typed"}"#)
        var answer = "?"
        while answer == "?" {
            let event = try await client.event()
            if event["event"] == .string("error") { answer = event["code"]?.string ?? "" }
            if event["event"] == .string("pong") { answer = "heard" }
        }
        if answer == "heard" { _ = try await witness.event("typing", in: room.id) }
        await witness.socket.close()
        return answer
    }
}
