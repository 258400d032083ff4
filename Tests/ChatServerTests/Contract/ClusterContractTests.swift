import ChatProtocol
import NIOCore
import PostgresClient
import RedisClient
import Testing

@testable import ChatServer
@testable import TestSupport

extension ContractTests {
    /// Two servers, one Postgres, one Redis: what is said on one is heard on the other.
    @Suite struct Cluster {
        private func run(
            _ redis: ThrowawayRedis,
            _ body: (TestServer, TestServer) async throws -> Void
        ) async throws {
            let database = try TestPostgres.database()
            let servers = try RedisServer.list(redis.url)
            func configure(_ name: String) -> (inout ServerConfiguration) -> Void {
                { configuration in
                    configuration.store = .postgres(database)
                    configuration.broker = .redis(servers)
                    configuration.instance = name
                }
            }
            try await TestServer.run(configure: configure("a")) { first in
                try await TestServer.run(configure: configure("b")) { second in try await body(first, second) }
            }
        }

        /// Registers a user over REST and joins it to the room, if one is given.
        private func register(_ name: String, at server: TestServer) async throws -> (id: Int64, token: String) {
            let body = #"{"username":"\#(name)","password":"correct horse"}"#
            let reply = try await server.request("POST", "/auth/register", body: body)
            return (
                try #require(reply.json["user"]?["id"]?.integer), try #require(reply.json["access_token"]?.string)
            )
        }

        private func connect(_ token: String, to server: TestServer) async throws -> TestClient {
            let client = try await server.connect("/ws?token=\(token)")
            _ = try await client.event("ready")
            return client
        }

        private func room(_ token: String, at server: TestServer) async throws -> RoomID {
            let http = try await TestHTTP.connect(port: server.port)
            let reply = try await http.request("POST", "/rooms", token: token, body: #"{"name":"Tea"}"#)
            return try #require(reply.json["id"]?.integer)
        }

        @Test func theWholeWay() async throws {
            try await ThrowawayRedis.with { redis in
                try await run(redis) { first, second in
                    let (ada, bob) = (try await register("ada", at: first), try await register("bob", at: second))
                    let room = try await room(ada.token, at: first)
                    let here = try await connect(ada.token, to: first)
                    let there = try await connect(bob.token, to: second)
                    #expect(try await here.join(room)["online"] == .integer(1))
                    try await there.join(room)
                    let joined = try await here.event("user_joined", in: room)
                    #expect(joined["user_id"] == .integer(bob.id))
                    #expect(joined["online"] == .integer(2))
                    for index in 1...50 {
                        let (speaker, listener) = index % 2 == 0 ? (here, there) : (there, here)
                        speaker.send(message: room, "hello \(index)", id: "m\(index)", #","trace":true"#)
                        let message = try await listener.event("message", in: room)
                        #expect(message["seq"] == .integer(Int64(index)))
                        let trace = try #require(message["trace"])
                        #expect(trace["origin"] == .string(index % 2 == 0 ? "a" : "b"))
                        #expect(trace["instance"] == .string(index % 2 == 0 ? "b" : "a"))
                        #expect((trace["broker_received_ns"]?.integer ?? 0) >= (trace["published_ns"]?.integer ?? 0))
                        #expect((trace["persisted_ns"]?.integer ?? 0) >= (trace["received_ns"]?.integer ?? .max))
                        // The speaker hears itself, too.
                        #expect(try await speaker.event("message", in: room)["seq"] == .integer(Int64(index)))
                    }
                    let path = "/rooms/\(room)/members"
                    let http = try await TestHTTP.connect(port: first.port)
                    let members = try await http.request("GET", path, token: ada.token).json["members"]?.array ?? []
                    #expect(members.map { $0["online"]?.bool } == [true, true], "also who is elsewhere")

                    // Removed here, it is gone there.
                    let removed = try await http.request("DELETE", path + "/\(bob.id)", token: ada.token)
                    #expect(removed.status == 204)
                    let left = try await there.event("room_left", in: room)
                    #expect(left["reason"] == .string("removed"))
                    #expect(try await here.event("user_left", in: room)["online"] == .integer(1))
                }
            }
        }

        /// Messages that were said while Redis was away reach the other instance when it is back, in order.
        @Test func anOutageOfTheBroker() async throws {
            try await ThrowawayRedis.with { redis in
                try await run(redis) { first, second in
                    let ada = try await register("ada", at: first)
                    let bob = try await register("bob", at: second)
                    let room = try await room(ada.token, at: first)
                    let here = try await connect(ada.token, to: first)
                    let there = try await connect(bob.token, to: second)
                    try await here.join(room)
                    try await there.join(room)
                    try await here.say("before", in: room, id: "1")
                    #expect(try await there.event("message")["seq"] == .integer(1))
                    await redis.kill()
                    for index in 2...20 { try await here.say("meanwhile", in: room, id: "\(index)") }
                    // Sent over there, its ack and its message come in any order with the others.
                    there.send(message: room, "from there", id: "there")
                    for _ in 0..<200 {
                        let heads = try await second.request(
                            "GET", "/rooms/\(room)", headers: ["authorization": "Bearer \(bob.token)"])
                        if heads.json["last_seq"] == .integer(21) { break }
                    }
                    try await redis.restart()
                    try await here.say("after", in: room, id: "22")
                    var next: Int64 = 2
                    while next <= 22 {
                        let message = try await there.event("message", in: room)
                        try #require(message["seq"] == .integer(next))
                        next += 1
                    }
                }
            }
        }

        /// Who is removed or logged out while Redis is away hears nothing more on the other instance: it asks the store.
        @Test func standingsEndDuringAnOutage() async throws {
            try await ThrowawayRedis.with { redis in
                try await run(redis) { first, second in
                    let ada = try await register("ada", at: first)
                    let body = #"{"username":"bob","password":"correct horse"}"#
                    let bob = try await second.request("POST", "/auth/register", body: body).json
                    let bobsID = try #require(bob["user"]?["id"]?.integer)
                    let room = try await room(ada.token, at: first)
                    let there = try await connect(try #require(bob["access_token"]?.string), to: second)
                    try await there.join(room)
                    await redis.kill()
                    let path = "/rooms/\(room)/members/\(bobsID)"
                    let http = try await TestHTTP.connect(port: first.port)
                    #expect(try await http.request("DELETE", path, token: ada.token).status == 204)
                    #expect(try await there.event("room_left", in: room)["reason"] == .string("removed"))
                    let logout = #"{"refresh_token":"\#(try #require(bob["refresh_token"]?.string))"}"#
                    #expect(try await first.request("POST", "/auth/logout", body: logout).status == 204)
                    #expect(try await there.closed() == .close(code: 1008, reason: "token_revoked"))
                    try await redis.restart()
                }
            }
        }

        /// A new name, and the end of a room, are told on the other instance, within a second.
        @Test func roomsChangeAndEndOnTheOtherInstance() async throws {
            try await ThrowawayRedis.with { redis in
                try await run(redis) { first, second in
                    let (ada, bob) = (try await first.user("ada"), try await first.user("bob"))
                    let room = try await first.room(of: ada, [bob])
                    let path = "/rooms/\(room)"
                    let there = [try await second.connect(as: bob), try await second.connect(as: ada)]
                    for client in there { try await client.join(room) }
                    try await there[0].say("hello", in: room, id: "m1")
                    let renamed = try await first.request("PATCH", path, as: ada, body: #"{"name":"Cake"}"#)
                    #expect(renamed.status == 200)
                    for client in there {
                        #expect(try await client.event("room_updated", in: room)["name"] == .string("Cake"))
                    }
                    #expect(try await first.request("DELETE", path, as: ada).status == 204)
                    for client in there {
                        let left = try await client.event("room_left", in: room, timeout: .seconds(1))
                        #expect(left["reason"] == .string("deleted"))
                        client.send(message: room, "too late", id: "m2")
                        expectError(try await client.event("error"), "not_joined")
                    }
                    expectProblem(try await second.request("GET", path, as: bob), 404, "room_not_found")
                }
            }
        }

        /// While Redis is away the other instance finds in the store that a room is gone: gone, and not that its members
        /// were removed.
        @Test func roomsEndDuringAnOutage() async throws {
            try await ThrowawayRedis.with { redis in
                try await run(redis) { first, second in
                    let (ada, bob) = (try await first.user("ada"), try await first.user("bob"))
                    let room = try await first.room(of: ada, [bob])
                    let later = try await first.room(of: ada, [bob])
                    let here = try await first.connect(as: bob)
                    let there = try await second.connect(as: bob)
                    for client in [here, there] {
                        try await client.join(room)
                        try await client.join(later)
                    }
                    await redis.kill()
                    #expect(try await first.request("DELETE", "/rooms/\(room)", as: ada).status == 204)
                    let timeouts: [(TestClient, TimeAmount)] = [(here, .seconds(1)), (there, .seconds(4))]
                    for (client, timeout) in timeouts {
                        let left = try await client.event("room_left", in: room, timeout: timeout)
                        #expect(left["reason"] == .string("deleted"))
                    }
                    // Also a room with a hole that nobody can fill any more.
                    try await here.say("unheard over there", in: later, id: "m1")
                    #expect(try await first.request("DELETE", "/rooms/\(later)", as: ada).status == 204)
                    #expect(
                        try await there.event("room_left", in: later, timeout: .seconds(4))["reason"]
                            == .string("deleted"))
                    try await redis.restart()
                    let lobby = try await first.room(of: ada, [bob])
                    for client in [here, there] { try await client.join(lobby) }
                    try await here.say("and on", in: lobby, id: "m2")
                    #expect(try await there.event("message", in: lobby)["seq"] == .integer(1))
                }
            }
        }

        @Test func logoutClosesSocketsOnTheOtherInstance() async throws {
            try await ThrowawayRedis.with { redis in
                try await run(redis) { first, second in
                    let body = #"{"username":"ada","password":"correct horse"}"#
                    let session = try await first.request("POST", "/auth/register", body: body).json
                    let client = try await connect(try #require(session["access_token"]?.string), to: second)
                    let logout = #"{"refresh_token":"\#(try #require(session["refresh_token"]?.string))"}"#
                    #expect(try await first.request("POST", "/auth/logout", body: logout).status == 204)
                    #expect(try await client.closed() == .close(code: 1008, reason: "token_revoked"))
                }
            }
        }
    }
}
