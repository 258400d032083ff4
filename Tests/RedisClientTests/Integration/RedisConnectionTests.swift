import Foundation
import NIOCore
import Testing

@testable import RedisClient
@testable import TestSupport

extension IntegrationTests {
    struct RedisConnectionTests {
        @Test func `commands are answered, in order, with any bytes`() async throws {
            try await ThrowawayRedis.with { redis in
                try await withConnection(redis.url, RedisOptions(clientName: "chat-1")) { connection in
                    #expect(try await connection.send(RedisCommand("SET", "k", "a\0b")) == .simpleString("OK"))
                    #expect(try await connection.send(RedisCommand("GET", "k")) == .bulk(ByteBuffer(string: "a\0b")))
                    #expect(try await connection.send(RedisCommand("GET", "none")) == .null)
                    #expect(
                        try await connection.send(RedisCommand("MGET", "k", "none"))
                            == .array([.bulk(ByteBuffer(string: "a\0b")), .null])
                    )
                    guard case .error(let text) = try await connection.send(RedisCommand("NONSENSE")) else {
                        throw RedisError.malformedReply("no error")
                    }
                    #expect(text.hasPrefix("ERR unknown command"))
                    let replies = try await connection.send((0..<2000).map { _ in RedisCommand("INCR", "n") })
                    #expect(replies == (1...2000).map { .integer($0) })
                    #expect(try await connection.send(RedisCommand("CLIENT", "GETNAME")).text == "chat-1")
                    #expect(try await connection.send([RedisCommand]()) == [])
                }
            }
        }

        @Test func `the database of the address is selected, and a socket's path will do`() async throws {
            try await ThrowawayRedis.with { redis in
                _ = try await withConnection(redis.url + "/3") { try await $0.send(RedisCommand("SET", "k", "three")) }
                #expect(try await withConnection(redis.url) { try await $0.send(RedisCommand("GET", "k")) } == .null)
                let local = "redis+unix://\(redis.unixSocket)?db=3"
                #expect(
                    try await withConnection(local) { try await $0.send(RedisCommand("GET", "k")) }.text == "three"
                )
                await #expect { try await withConnection(redis.url + "/99") { _ in } } throws: { error in
                    if case RedisError.server(let text) = error { text.contains("out of range") } else { false }
                }
            }
        }

        @Test func `a password opens, a wrong one or none does not`() async throws {
            try await ThrowawayRedis.with(.init(password: "p@ss word")) { redis in
                let address = { (credentials: String) in "redis://\(credentials)127.0.0.1:\(redis.port)" }
                _ = try await withConnection(address(":p%40ss%20word@")) { try await $0.send(RedisCommand("PING")) }
                await expectServerError("WRONGPASS") { try await withConnection(address(":nope@")) { _ in } }
                await expectServerError("NOAUTH") { try await withConnection(address("")) { _ in } }
            }
        }

        @Test func `an ACL user has its own password and rights`() async throws {
            let options = ThrowawayRedis.Options(password: "x", user: "bob on >bobpw resetchannels &chat:* +@all")
            try await ThrowawayRedis.with(options) { redis in
                let address = { (password: String) in "redis://bob:\(password)@127.0.0.1:\(redis.port)" }
                try await withConnection(address("bobpw")) { connection in
                    let name = try await connection.send(RedisCommand("ACL", "WHOAMI")).text
                    #expect(name == "bob")
                }
                await expectServerError("WRONGPASS") { try await withConnection(address("x")) { _ in } }
                let group = RedisGroup([try RedisServer(parsing: address("bobpw"))])
                try await withSubscriber(group) { subscriber, recorder in
                    try await subscriber.subscribe("chat:1")
                    await expectServerError("NOPERM") { try await subscriber.subscribe("other") }
                    try await withPublisher(group) { publisher in
                        await expectServerError("NOPERM") {
                            try await publisher.publish([RedisMessage("other", "no"), RedisMessage("chat:1", "yes")])
                        }
                    }
                    try await eventually("the allowed message") { recorder.messageCount == 1 }
                    #expect(recorder.current.reasons == [])
                }
            }
        }

        @Test func `a refused connection says so at once`() async throws {
            let redis = try await ThrowawayRedis.start()
            await redis.stop()
            let start = ContinuousClock.now
            await #expect { try await withConnection(redis.url) { _ in } } throws: { error in
                guard case RedisError.unavailable(let why) = error else { return false }
                return why.contains("127.0.0.1:\(redis.port)") && why.contains("refused")
            }
            #expect(ContinuousClock.now - start < .seconds(1))
        }

        @Test func `a server that says nothing costs the connect timeout`() async throws {
            try await ScriptedServer.with([]) { server in
                let start = ContinuousClock.now
                await #expect(throws: RedisError.timeout) {
                    try await withConnection(server.url, RedisOptions(connectTimeout: .milliseconds(300))) { _ in }
                }
                #expect(ContinuousClock.now - start < .seconds(1))
            }
        }

        @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "+PONG\r\n+PONG\r\n", "*1\r\n!\r\n"])
        func `garbage ends the connection`(garbage: String) async throws {
            try await ScriptedServer.with([garbage]) { server in
                await #expect {
                    try await withConnection(server.url) { _ = try await $0.send(RedisCommand("PING")) }
                } throws: { error in
                    if case RedisError.malformedReply = error { true } else { false }
                }
            }
        }

        @Test func `garbage fails what waits, and what comes after`() async throws {
            try await ScriptedServer.with(["+PONG\r\n", "\0garbage\r\n"]) { server in
                try await withConnection(server.url) { connection in
                    for _ in 0..<2 {
                        await #expect {
                            _ = try await connection.send(RedisCommand("PING"))
                        } throws: { error in
                            if case RedisError.malformedReply = error { true } else { false }
                        }
                    }
                }
            }
        }

        @Test func `what is unanswered has a bound, and a time`() async throws {
            try await ThrowawayRedis.with { redis in
                let options = RedisOptions(commandTimeout: .milliseconds(500), maxBytesInFlight: 10_000)
                try await withConnection(redis.url, options) { connection in
                    redis.pause()
                    let big = RedisCommand("ECHO", String(repeating: "x", count: 6000))
                    async let first = connection.send(big)
                    try await Task.sleep(for: .milliseconds(50))
                    let start = ContinuousClock.now
                    await #expect(throws: RedisError.overloaded) { try await connection.send(big) }
                    #expect(ContinuousClock.now - start < .milliseconds(200))
                    redis.resume()
                    #expect(try await first.text?.count == 6000)
                    #expect(try await connection.send(big).text?.count == 6000)

                    redis.pause()
                    let pausedAt = ContinuousClock.now
                    await #expect(throws: RedisError.timeout) { try await connection.send(RedisCommand("PING")) }
                    #expect(ContinuousClock.now - pausedAt < .seconds(1))
                    await #expect(throws: RedisError.timeout) { try await connection.send(RedisCommand("PING")) }
                    redis.resume()
                }
            }
        }

        @Test func `a server that dies fails what waits`() async throws {
            try await ThrowawayRedis.with { redis in
                try await withConnection(redis.url) { connection in
                    redis.pause()
                    async let reply = connection.send(RedisCommand("PING"))
                    try await Task.sleep(for: .milliseconds(50))
                    await redis.kill()
                    do {
                        _ = try await reply
                        Issue.record("a dead server answered")
                    } catch RedisError.connectionLost {}
                }
            }
        }
    }
}

/// The server's error reply begins with this code.
func expectServerError(
    _ code: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch RedisError.server(let text) {
        #expect(text.hasPrefix(code), sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}
