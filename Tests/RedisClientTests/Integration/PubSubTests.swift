import NIOCore
import Testing

@testable import RedisClient
@testable import TestSupport

extension IntegrationTests {
    struct PubSubTests {
        @Test func `10,000 messages arrive in the order of their publishing`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                try await withSubscriber(group) { subscriber, recorder in
                    try await subscriber.subscribe("a")
                    try await withPublisher(group) { publisher in
                        // Many batches at a time: the order is that of the calls.
                        let sent = (0..<100).map { batch in
                            publisher.enqueue((0..<100).map { RedisMessage("a", String(batch * 100 + $0)) })
                        }
                        for future in sent { try await future.get() }
                    }
                    try await eventually("all messages") { recorder.messageCount == 10_000 }
                    #expect(recorder.texts == (0..<10_000).map(String.init))
                    #expect(recorder.current.batches < 5000, "a read's messages come together")
                }
            }
        }

        @Test func `a large payload with NUL bytes arrives as it was sent`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                let payload = ByteBuffer(bytes: (0..<70_000).map { UInt8(truncatingIfNeeded: $0 % 7 * $0) })
                let message = RedisMessage(channel: "chat:room:ü", payload: payload)
                try await withSubscriber(group) { subscriber, recorder in
                    try await subscriber.subscribe("chat:room:ü")
                    try await withPublisher(group) { try await $0.publish([message, RedisMessage("b", "?"), message]) }
                    try await eventually("both messages") { recorder.messageCount == 2 }
                    #expect(recorder.current.messages == [message, message])
                }
            }
        }

        @Test func `nothing comes before subscribe or after unsubscribe`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                try await withSubscriber(group) { subscriber, recorder in
                    try await subscriber.subscribe("marker")
                    try await withPublisher(group) { publisher in
                        try await publisher.publish([RedisMessage("a", "early")])
                        try await subscriber.subscribe("a")
                        try await publisher.publish([RedisMessage("a", "1")])
                        try await eventually("the message") { recorder.texts == ["1"] }
                        await subscriber.unsubscribe("a")
                        try await publisher.publish([RedisMessage("a", "late"), RedisMessage("marker", "m")])
                        try await eventually("the marker") { recorder.messageCount == 2 }
                        try await subscriber.subscribe("a")
                        try await publisher.publish([RedisMessage("a", "2")])
                        try await eventually("the message") { recorder.messageCount == 3 }
                    }
                    #expect(recorder.texts == ["1", "m", "2"])
                }
            }
        }

        @Test func `a storm of subscribing and unsubscribing ends as it should`() async throws {
            try await ThrowawayRedis.with { redis in
                let group = try redis.group
                try await withSubscriber(group) { subscriber, recorder in
                    await withTaskGroup(of: Void.self) { tasks in
                        for channel in 0..<50 {
                            tasks.addTask {
                                for round in 0..<40 {
                                    async let waiting: Void = subscriber.subscribe("c\(channel)")
                                    if round % 2 == 0 { await subscriber.unsubscribe("c\(channel)") }
                                    _ = try? await waiting
                                    if round % 3 == 0 { await subscriber.unsubscribe("c\(channel)") }
                                }
                                await subscriber.unsubscribe("c\(channel)")
                                if channel % 2 == 0 { try? await subscriber.subscribe("c\(channel)") }
                            }
                        }
                    }
                    try await withPublisher(group) { publisher in
                        try await publisher.publish((0..<50).map { RedisMessage("c\($0)", String($0)) })
                    }
                    let expected = stride(from: 0, to: 50, by: 2).map(String.init)
                    try await eventually("a message on every second channel") { recorder.texts == expected }
                    #expect(recorder.current.reasons == [])
                    let counts = try await withConnection(redis.url) { connection in
                        try await connection.send(RedisCommand("PUBSUB", "CHANNELS"))
                    }
                    guard case .array(let names) = counts else { throw RedisError.malformedReply("PUBSUB") }
                    #expect(Set(names.compactMap(\.text)) == Set(expected.map { "c" + $0 }))
                }
            }
        }

        @Test func `too much that is unanswered is refused, and published later`() async throws {
            try await ThrowawayRedis.with { redis in
                let options = RedisOptions(commandTimeout: .seconds(5), maxBytesInFlight: 100_000)
                try await withPublisher(try redis.group, options) { publisher in
                    redis.pause()
                    let batch = [RedisMessage("a", String(repeating: "x", count: 40_000))]
                    let first = [publisher.enqueue(batch), publisher.enqueue(batch)]
                    await #expect(throws: RedisError.overloaded) { try await publisher.publish(batch) }
                    redis.resume()
                    for future in first { try await future.get() }
                    try await publisher.publish(batch)
                    #expect(publisher.isConnected)
                }
            }
        }

        @Test func `too many waiting calls are refused`() async throws {
            let redis = try await ThrowawayRedis.start()
            let group = try redis.group
            await redis.stop()
            let options = RedisOptions(subscribeTimeout: .milliseconds(300), maxWaitingSubscribes: 1)
            try await withSubscriber(group, options) { subscriber, _ in
                async let first: Void = subscriber.subscribe("a")
                try await Task.sleep(for: .milliseconds(100))
                await #expect(throws: RedisError.overloaded) { try await subscriber.subscribe("b") }
                do {
                    try await first
                    Issue.record("nobody was there to confirm")
                } catch RedisError.timeout {}
            }
        }

        @Test func `close ends what waits`() async throws {
            let redis = try await ThrowawayRedis.start()
            let group = try redis.group
            await redis.stop()
            try await withSubscriber(group) { subscriber, _ in
                async let waiting: Void = subscriber.subscribe("a")
                try await Task.sleep(for: .milliseconds(50))
                await subscriber.close()
                do {
                    try await waiting
                    Issue.record("nobody was there to confirm")
                } catch RedisError.closed {}
                await #expect(throws: RedisError.closed) { try await subscriber.subscribe("a") }
            }
            let publisher = RedisPublisher(group: group, eventLoop: testLoop, logger: quietLogger)
            publisher.start()
            await #expect(throws: RedisError.self) {
                try await publisher.waitUntilConnected(timeout: .milliseconds(100))
            }
            await publisher.close()
            await #expect(throws: RedisError.closed) { try await publisher.publish([RedisMessage("a", "x")]) }
        }
    }
}
