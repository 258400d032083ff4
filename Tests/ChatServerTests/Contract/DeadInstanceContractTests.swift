import ChatProtocol
import Foundation
import NIOCore
import PostgresClient
import Testing

@testable import ChatServer
@testable import TestSupport

extension ContractTests {
    /// Two processes on one Redis, and one of them is killed: it says goodbye to nobody, and still its users are gone for
    /// the other one.
    @Suite struct DeadInstance {
        @Test(.timeLimit(.minutes(2)))
        func itsUsersAreGoneWithinTenSeconds() async throws {
            let postgres = try ThrowawayPostgres()
            try await ThrowawayRedis.with { redis in
                let store = postgres.url()
                let survivor = try await ServerProcess("a", store: store, broker: redis.url)
                defer { survivor.stop() }
                let victim = try await ServerProcess("b", store: store, broker: redis.url)
                defer { victim.stop() }
                let door = try await PostgresStore.open(PostgresConfiguration(url: store), logger: TestPostgres.quiet)
                let tokens = await AccessTokens(secret: TestServer.secret)
                var people: [(user: User, token: String)] = []
                let now = Clock.system.now
                for name in ["ada", "bob", "eve", "zoe"] {
                    let user = try await door.createUser(username: name, passwordHash: "none", now: now)
                    let session = try await door.createSession(
                        userID: user.id, refreshToken: Secrets.digest(name), now: now,
                        expires: Timestamp(microseconds: now.microseconds + 3_600_000_000))
                    people.append(
                        (user, try await tokens.sign(user, session: session, now: now.microseconds / 1_000_000)))
                }
                let room = try await door.createRoom(
                    name: "room", isPrivate: false, accessCodeHash: nil, ownerID: people[0].user.id, now: now
                ).id

                func connect(_ who: Int, to server: ServerProcess) async throws -> TestClient {
                    let socket = try await TestSocket.connect(port: server.port)
                    let client = try await TestClient.open(socket, "/ws?token=\(people[who].token)").0
                    _ = try await client.event("ready")
                    try await client.join(room)
                    return client
                }
                func online() async throws -> [Bool] {
                    let http = try await TestHTTP.connect(port: survivor.port)
                    let reply = try await http.request("GET", "/rooms/\(room)/members", token: people[0].token)
                    await http.socket.close()
                    return reply.json["members"]?.array?.compactMap { $0["online"]?.bool } ?? []
                }

                // Ada here; bob there; eve on both; zoe there, twice.
                let ada = try await connect(0, to: survivor)
                let there = [
                    try await connect(1, to: victim), try await connect(2, to: victim),
                    try await connect(3, to: victim),
                    try await connect(3, to: victim),
                ]
                let eve = try await connect(2, to: survivor)
                var joined: Set<String> = []
                while joined.count < 3 { joined.insert(try await ada.event("user_joined")["username"]?.string ?? "") }
                #expect(try await online() == [true, true, true, true])

                let start = ContinuousClock.now
                victim.kill()
                var left: [String: Int64] = [:]
                while left.count < 2 {
                    let event = try await ada.event("user_left", in: room, timeout: .seconds(10))
                    left[event["username"]?.string ?? ""] = event["online"]?.integer
                }
                #expect(ContinuousClock.now - start < .seconds(10))
                #expect(Set(left.keys) == ["bob", "zoe"], "eve is still here")
                #expect(Set(left.values) == [3, 2])
                #expect(try await online() == [true, false, true, false])
                for client in there { _ = try await client.socket.readToEnd() }

                // They come back, to the one that lives.
                let bob = try await connect(1, to: survivor)
                #expect(try await ada.event("user_joined", in: room)["online"] == .integer(3))
                #expect(try await online() == [true, true, true, false])
                for client in [ada, bob, eve] { await client.socket.close() }
                try await door.close()
            }
        }
    }
}
