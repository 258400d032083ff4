import ChatProtocol
import GRDB
import NIOCore
import Testing

@testable import ChatServer

extension ContractTests {
    /// What one client does too much of, and what the others notice: nothing.
    @Suite struct Overload {
        /// Joins at once, some far behind, while somebody talks: each sees every message from where it began.
        @Test func manyJoinsAtOnceMissNothing() async throws {
            try await TestServer.run(eventLoops: 2) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                try await server.fill(room, by: ada, count: 950)
                var users: [TestUser] = []
                for index in 0..<8 { users.append(try await server.user("user-\(index)")) }
                for user in users {
                    _ = try await server.store.addMember(roomID: room, userID: user.id, now: .init(microseconds: 1))
                }
                let talker = try await server.connect(as: ada)
                try await talker.join(room)
                let talking = Task {
                    var count = 0
                    while !Task.isCancelled {
                        count += 1
                        try await talker.say("m\(count)", in: room, id: "live-\(count)")
                    }
                    return count
                }
                for round in 0..<40 {
                    try await withThrowingTaskGroup { group in
                        for (index, user) in users.enumerated() {
                            let client = try await server.connect(as: user)
                            group.addTask {
                                // Half of them come from far behind, so that their joins take longer.
                                let joined = try await client.join(room, index % 2 == 0 ? #","after_seq":30"# : "")
                                var next = (joined["recovered"] == .bool(true) ? 30 : joined["seq"]?.integer ?? 0) + 1
                                let last = (joined["seq"]?.integer ?? 0) + 8
                                while next <= last {
                                    let message = try await client.event("message", in: room)
                                    try #require(message["seq"] == .integer(next), "round \(round), client \(index)")
                                    next += 1
                                }
                                await client.socket.close()
                            }
                        }
                        try await group.waitForAll()
                    }
                }
                talking.cancel()
                _ = try? await talking.value
            }
        }

        @Test func aReplayMayBeLargerThanTheOutboundBound() async throws {
            let adjust = { (settings: inout GatewaySettings) in settings.outboundBound = 64 << 10 }
            try await TestServer.run(adjust: adjust) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let content = String(repeating: "x", count: 4000)
                let batch = (1...900).map {
                    NewMessage(roomID: room, userID: ada.id, content: content, clientMessageID: "m\($0)")
                }
                _ = try await server.store.append(batch, now: Clock.system.now)
                let client = try await server.connect(as: ada)
                #expect(try await client.join(room, #","after_seq":0"#)["recovered"] == .bool(true))
                for seq in 1...Int64(900) { #expect(try await client.event("message")["seq"] == .integer(seq)) }
                try await client.say("and on", in: room, id: "on")
            }
        }

        /// Pipelined requests of a client that does not read wait in its socket, not in our memory.
        @Test func answersToWhoDoesNotReadAreBounded() async throws {
            try await TestServer.run { server in
                let silent = try await TestSocket.connect(port: server.port, isReading: false)
                let request = "GET /openapi.json HTTP/1.1\r\nhost: test\r\n\r\n"
                for _ in 0..<200 { silent.send(String(repeating: request, count: 50)) }
                // The socket takes a few megabytes; then no request is answered any more.
                var answered = -1.0
                var stable = 0
                while stable < 20 {
                    let now =
                        try await server.scrape().value(
                            "chat_http_requests_total", ["route": "/openapi.json", "method": "GET", "code": "200"]
                        ) ?? 0
                    stable = now == answered ? stable + 1 : 0
                    answered = now
                }
                #expect(answered < 5000)
                await silent.close()
            }
        }

        @Test func typingIsLimitedSilently() async throws {
            try await TestServer.run(limitsOn: true) { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let typist = try await server.connect(as: ada)
                let reader = try await server.connect(as: bob)
                try await typist.join(room)
                try await reader.join(room)
                for _ in 0..<200 { typist.send(#"{"event":"typing","room_id":\#(room)}"#) }
                try await typist.say("done", in: room, id: "done")
                var typing = 0
                while true {
                    let event = try await reader.event()
                    if event["event"] == .string("typing") { typing += 1 }
                    if event["event"] == .string("message") { break }
                }
                #expect(typing <= 6)
            }
        }

        @Test func whoFloodsIsClosed() async throws {
            try await TestServer.run(limitsOn: true) { server in
                let ada = try await server.user("ada")
                let client = try await server.connect(as: ada)
                for _ in 0..<3000 { client.send(#"{"event":"ping"}"#) }
                #expect(try await client.closed() == .close(code: 1013, reason: "rate_limited"))
            }
        }

        /// The order in which users come and go is the order in which the others hear of it.
        @Test func presenceIsToldInOrder() async throws {
            try await TestServer.run(eventLoops: 2) { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let watcher = try await server.connect(as: ada)
                try await watcher.join(room)
                let other = try await server.connect(as: bob)
                for _ in 0..<300 {
                    other.send(join: room)
                    other.send(#"{"event":"leave_room","room_id":\#(room)}"#)
                }
                for round in 0..<600 {
                    var event = try await watcher.event()
                    while !["user_joined", "user_left"].contains(event["event"]?.string ?? "") {
                        event = try await watcher.event()
                    }
                    let isJoin = round % 2 == 0
                    try #require(event["event"] == .string(isJoin ? "user_joined" : "user_left"), "\(round)")
                    try #require(event["online"] == .integer(isJoin ? 2 : 1), "\(round)")
                }
            }
        }

        @Test func aStoreThatCannotBeWrittenIsNotReady() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: ada)
                try await client.join(room)
                #expect(try await server.request("GET", "/health/ready").status == 200)
                // Another process holds the only right to write.
                var configuration = Configuration()
                configuration.allowsUnsafeTransactions = true
                let store = try #require(server.store as? SQLiteStore)
                let other = try DatabaseQueue(path: store.pool.path, configuration: configuration)
                try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
                let start = ContinuousClock.now
                client.send(message: room, "hello", id: "m1")
                let error = try await client.event("error")
                expectError(error, "overloaded")
                #expect(error["retry_after_ms"]?.integer ?? 0 > 0)
                #expect(ContinuousClock.now - start < .seconds(8), "one try, not two")
                let ready = try await server.request("GET", "/health/ready")
                #expect(ready.status == 503)
                #expect(ready.json["checks"]?["store"] != .string("ok"))
                try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
                var isReady = false
                for _ in 0..<10 where !isReady {
                    isReady = try await server.request("GET", "/health/ready").status == 200
                }
                #expect(isReady)
                try await client.say("hello", in: room, id: "m1")
            }
        }
    }
}
