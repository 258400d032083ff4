import NIOCore
import Testing

@testable import RedisClient
@testable import TestSupport

extension IntegrationTests {
    struct OutageTests {
        @Test func `after a restart all channels are subscribed again, and then the delegate knows`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                try await withSubscriber(group) { subscriber, recorder in
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        for channel in 0..<1200 { tasks.addTask { try await subscriber.subscribe("c\(channel)") } }
                        try await tasks.waitForAll()
                    }
                    await subscriber.unsubscribe("c7")
                    try await withPublisher(group) { publisher in
                        await redis.kill()
                        try await eventually("the end") { recorder.current.reasons.count == 1 }
                        #expect(!subscriber.isConnected)
                        try await eventually("the publisher's end") { !publisher.isConnected }
                        let start = ContinuousClock.now
                        await #expect {
                            try await publisher.publish([RedisMessage("c1", "lost")])
                        } throws: { error in
                            if case RedisError.unavailable = error { true } else { false }
                        }
                        #expect(ContinuousClock.now - start < .milliseconds(100))

                        // Wanted during the outage, and confirmed after it.
                        async let late: Void = subscriber.subscribe("late", timeout: .seconds(10))
                        try await redis.restart()
                        try await late
                        try await eventually("the announcement") { recorder.current.generations == [1, 2] }
                        #expect(subscriber.isConnected)
                        try await publisher.waitUntilConnected(timeout: .seconds(5))
                        try await publisher.publish(
                            (0..<1200).map { RedisMessage("c\($0)", String($0)) } + [RedisMessage("late", "late")]
                        )
                    }
                    let expected = (0..<1200).filter { $0 != 7 }.map(String.init) + ["late"]
                    try await eventually("a message on each channel") { recorder.messageCount == expected.count }
                    #expect(recorder.texts == expected)
                    #expect(recorder.current.reasons.count == 1)
                }
            }
        }

        @Test func `a frozen server fails publishing in time, and is found by the subscriber's ping`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                try await withSubscriber(group) { subscriber, recorder in
                    try await subscriber.subscribe("a")
                    try await withPublisher(group) { publisher in
                        redis.pause()
                        let start = ContinuousClock.now
                        await #expect(throws: RedisError.timeout) {
                            try await publisher.publish([RedisMessage("a", "x")])
                        }
                        let took = ContinuousClock.now - start
                        #expect(took >= .milliseconds(1900) && took < .seconds(3), "\(took)")
                        #expect(!publisher.isConnected)
                        try await eventually("the subscriber's end") { !recorder.current.reasons.isEmpty }
                        #expect(ContinuousClock.now - start < .seconds(10))
                        #expect(recorder.current.reasons == [.timeout])
                        redis.resume()
                        try await publisher.waitUntilConnected(timeout: .seconds(5))
                        try await eventually("the announcement") { recorder.current.generations == [1, 2] }
                        try await publisher.publish([RedisMessage("a", "again")])
                        // The first one may come too: it was with the server, and nobody knows.
                        try await eventually("the message") { recorder.texts.last == "again" }
                    }
                }
            }
        }

        @Test func `pings keep an idle subscriber's connection`() async throws {
            try await ThrowawayRedis.with { redis in
                let options = RedisOptions(pingInterval: .milliseconds(200), pingTimeout: .milliseconds(400))
                try await withSubscriber(try redis.group, options) { subscriber, recorder in
                    try await Task.sleep(for: .milliseconds(700))
                    try await subscriber.subscribe("a")
                    try await Task.sleep(for: .milliseconds(700))
                    #expect(recorder.current.generations == [1])
                    #expect(recorder.current.reasons == [])
                    redis.pause()
                    let took = try await eventually("the end") { recorder.current.reasons == [.timeout] }
                    #expect(took < .seconds(1))
                    redis.resume()
                    try await eventually("the announcement") { recorder.current.generations.count == 2 }
                }
            }
        }

        @Test func `a reconnect that is asked for makes a new connection`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                try await withSubscriber(group) { subscriber, recorder in
                    try await subscriber.subscribe("a")
                    subscriber.reconnect(reason: "the probe is late")
                    try await eventually("the announcement") { recorder.current.generations == [1, 2] }
                    #expect(recorder.current.reasons == [.connectionLost("the probe is late")])
                    try await withPublisher(group) { try await $0.publish([RedisMessage("a", "x")]) }
                    try await eventually("the message") { recorder.texts == ["x"] }
                    #expect(recorder.messageCount == 1)
                }
            }
        }

        @Test func `nothing that was given up stays connected`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                try await withSubscriber(group, RedisOptions(maxBackoff: .milliseconds(50))) { subscriber, recorder in
                    for round in 1...20 {
                        try await eventually("connection \(round)") {
                            subscriber.isConnected && recorder.current.generations.count == round
                        }
                        subscriber.reconnect(reason: "again")
                    }
                    for _ in 0..<20 {
                        let publisher = RedisPublisher(group: group, eventLoop: testLoop, logger: quietLogger)
                        publisher.start()
                        try await Task.sleep(for: .microseconds(.random(in: 0...2000)))
                        await publisher.close()
                    }
                    try await eventually("the last connection") { subscriber.isConnected }
                    try await withConnection(redis.url) { connection in
                        var text = ""
                        for _ in 0..<100 where !text.contains("connected_clients:2\r\n") {
                            text = try await connection.send(RedisCommand("INFO", "clients")).text ?? ""
                            try await Task.sleep(for: .milliseconds(20))
                        }
                        #expect(text.contains("connected_clients:2\r\n"), "\(text)")
                    }
                }
            }
        }

        @Test func `outages in the midst of subscribing leave every call with an end`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                try await withSubscriber(group) { subscriber, recorder in
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        for channel in 0..<3000 {
                            tasks.addTask { try await subscriber.subscribe("c\(channel)", timeout: .seconds(20)) }
                            if channel % 500 == 0 { subscriber.reconnect(reason: "\(channel)") }
                        }
                        try await tasks.waitForAll()
                    }
                    // All calls have returned, so all are confirmed on the connection of that time; a reconnect may
                    // have come after.
                    try await eventually("a connection") { subscriber.isConnected }
                    try await subscriber.subscribe("c0")
                    try await withPublisher(group) { publisher in
                        try await publisher.publish((0..<3000).map { RedisMessage("c\($0)", String($0)) })
                    }
                    try await eventually("a message on each channel") { recorder.messageCount == 3000 }
                    #expect(recorder.texts == (0..<3000).map(String.init))
                }
            }
        }

        @Test func `a server that begins to talk nonsense is left`() async throws {
            try await ScriptedServer.with(["+PONG\r\n", "+WHAT\r\n"]) { server in
                let group = RedisGroup([try RedisServer(parsing: server.url)])
                try await withSubscriber(group) { subscriber, recorder in
                    try await eventually("the announcement") { subscriber.isConnected }
                    await #expect(throws: RedisError.timeout) {
                        try await subscriber.subscribe("a", timeout: .milliseconds(500))
                    }
                    // The connections after it were left before they were announced.
                    #expect(
                        recorder.current.reasons == [.malformedReply("type \(5) where a message was expected")]
                    )
                    #expect(recorder.current.generations.first == 1)
                }
            }
        }
    }
}
