import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Memberships {
        @Test func theOwnerStays() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let leave = try await server.request("POST", "/rooms/\(room)/leave", as: ada)
                expectProblem(leave, 409, "owner_cannot_leave")
                let remove = try await server.request("DELETE", "/rooms/\(room)/members/\(ada.id)", as: ada)
                expectProblem(remove, 409, "owner_cannot_leave")
                for who in ["999999", "abc"] {
                    let reply = try await server.request("DELETE", "/rooms/\(room)/members/\(who)", as: ada)
                    expectProblem(reply, 404, "not_found")
                }
            }
        }

        @Test func leavingOverRestEndsBoth() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let sockets = [try await server.connect(as: bob), try await server.connect(as: bob)]
                for socket in sockets { try await socket.join(room) }
                let left = try await server.request("POST", "/rooms/\(room)/leave", as: bob)
                #expect(left.status == 204)
                for socket in sockets {
                    #expect(try await socket.event("room_left", in: room)["reason"] == .string("left"))
                    socket.send(message: room, "too late", id: "m1")
                    expectError(try await socket.event("error"), "not_joined")
                }
                let history = try await server.request("GET", "/rooms/\(room)/messages", as: bob)
                expectProblem(history, 403, "forbidden")
            }
        }

        @Test func removalMakesTheSocketsLeaveAtOnce() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let owner = try await server.connect(as: ada)
                try await owner.join(room)
                let sockets = [try await server.connect(as: bob), try await server.connect(as: bob)]
                for socket in sockets { try await socket.join(room) }
                _ = try await owner.event("user_joined", in: room)
                let path = "/rooms/\(room)/members/\(bob.id)"
                expectProblem(try await server.request("DELETE", path, as: bob), 403, "forbidden")
                #expect(try await server.request("DELETE", path, as: ada).status == 204)
                for socket in sockets {
                    #expect(try await socket.event("room_left", in: room)["reason"] == .string("removed"))
                }
                let left = try await owner.event("user_left", in: room)
                #expect(left["user_id"] == .integer(bob.id))
                #expect(left["online"] == .integer(1))
                try await owner.say("he is gone", in: room, id: "m1")
                for socket in sockets {
                    // Nothing of the room comes before the answer to this.
                    socket.send(#"{"event":"ping","t":1}"#)
                    #expect(try await socket.event()["event"] == .string("pong"))
                }
                expectProblem(try await server.request("DELETE", path, as: ada), 404, "not_found")
                // A removed member may join again as a stranger might.
                #expect(try await server.request("POST", "/rooms/\(room)/join", as: bob).status == 200)
            }
        }

        @Test func removalFromAPrivateRoomHidesIt() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob], isPrivate: true)
                let socket = try await server.connect(as: bob)
                try await socket.join(room)
                try await socket.say("hello", in: room, id: "m1")
                let path = "/rooms/\(room)/members/\(bob.id)"
                #expect(try await server.request("DELETE", path, as: ada).status == 204)
                _ = try await socket.event("room_left", in: room)
                socket.send(join: room)
                let refusal = try await socket.event("error")
                expectError(refusal, "room_not_found")
                #expect(refusal["room_id"] == .integer(room))
                expectProblem(try await server.request("GET", "/rooms/\(room)", as: bob), 404, "room_not_found")
            }
        }

        @Test func invitations() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let eve = try await server.user("eve")
                let room = try await server.room(of: ada, isPrivate: true)
                let path = "/rooms/\(room)/invitations"
                let endless = try await server.request("POST", path, as: ada)
                #expect(endless.status == 201)
                let members: Set = ["code", "room_id", "max_uses", "expires_at", "uses", "created_at"]
                #expect(endless.json.keys == members)
                #expect(endless.json["max_uses"] == .null)
                #expect(endless.json["expires_at"] == .null)
                let once = try await server.request("POST", path, as: ada, body: #"{"max_uses":1,"expires_in":60}"#)
                #expect(once.json["max_uses"] == .integer(1))
                #expect(once.json["expires_at"]?.string.flatMap { Timestamp(text: $0) } != nil)

                let accept = "/invitations/\(try #require(once.json["code"]?.string))/accept"
                // A member uses nothing up.
                #expect(try await server.request("POST", accept, as: ada).json["role"] == .string("owner"))
                let membership = try await server.request("POST", accept, as: bob)
                #expect(membership.status == 200)
                #expect(membership.json.keys == ["room_id", "user_id", "role", "joined_at"])
                #expect(membership.json["room_id"] == .integer(room))
                #expect(try await server.request("POST", accept, as: bob).json == membership.json)
                expectProblem(try await server.request("POST", accept, as: eve), 410, "invitation_used_up")
                expectProblem(try await server.request("POST", "/invitations/none/accept", as: eve), 404, "not_found")
                expectProblem(try await server.request("POST", path, as: bob), 403, "forbidden")
                for (body, field) in [
                    (#"{"max_uses":0}"#, "max_uses"), (#"{"max_uses":"2"}"#, "max_uses"),
                    (#"{"expires_in":0}"#, "expires_in"), (#"{"expires_in":1.5}"#, "expires_in"),
                ] {
                    expectInvalid(try await server.request("POST", path, as: ada, body: body), [field])
                }
            }
        }

        @Test func anExpiredInvitation() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, isPrivate: true)
                try await server.store.createInvitation(
                    Invitation(
                        code: "stale",
                        roomID: room,
                        creatorID: ada.id,
                        maxUses: nil,
                        expiresAt: Timestamp(microseconds: 2),
                        createdAt: Timestamp(microseconds: 1)
                    )
                )
                let reply = try await server.request("POST", "/invitations/stale/accept", as: bob)
                expectProblem(reply, 410, "invitation_expired")
                #expect(try await server.request("POST", "/invitations/stale/accept", as: ada).status == 200)
            }
        }
    }
}
