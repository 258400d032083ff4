import ChatProtocol
import Logging
import NIOCore
import NIOPosix
import RedisClient
import Testing

@testable import ChatServer
@testable import TestSupport

@Suite(.serialized) struct RedisBrokerTests {
    private static func broker(_ servers: [ThrowawayRedis]) throws -> RedisBroker {
        RedisBroker(
            servers: try RedisServer.list(servers.map(\.url).joined(separator: ",")),
            own: .random(),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            clock: .system,
            logger: TestPostgres.quiet
        )
    }

    @Test(arguments: BrokerConformance.Case.allCases)
    func conforms(to name: BrokerConformance.Case) async throws {
        try await ThrowawayRedis.with { redis in
            try await BrokerConformance(broker: try Self.broker([redis])).run(name)
        }
    }

    @Test(arguments: [BrokerConformance.Case.order, .manyPublishers, .notices])
    func conformsOnTwoServers(to name: BrokerConformance.Case) async throws {
        try await ThrowawayRedis.with { first in
            try await ThrowawayRedis.with { second in
                try await BrokerConformance(broker: try Self.broker([first, second])).run(name)
            }
        }
    }

    private static func message(_ room: RoomID, _ seq: Sequence64) -> BrokerMessage {
        BrokerMessage(
            roomID: room, seq: seq, payload: ByteBuffer(string: "{}"), origin: "there", receivedNanoseconds: 1,
            publishedNanoseconds: 2, trace: nil
        )
    }

    @Test func fromInstanceToInstance() async throws {
        try await ThrowawayRedis.with { redis in
            let (here, there) = (try Self.broker([redis]), try Self.broker([redis]))
            let (sink, otherSink) = (RecordingSink(), RecordingSink())
            try await here.start(sink)
            try await there.start(otherSink)
            #expect(here.description.hasPrefix("redis "))
            for room in 1...Int64(20) { try await here.subscribe(room) }
            for seq in 1...Int64(50) { try await there.publish((1...20).map { Self.message($0, seq) }) }
            await sink.wait(messages: 1000)
            for room in 1...Int64(20) {
                #expect(sink.messages.filter { $0.roomID == room }.map(\.seq) == Array(1...50))
            }
            #expect(otherSink.messages.isEmpty, "it has no member in any of these rooms")
            try await there.announce(.memberLeft(roomID: 1, userID: 2, reason: .removed))
            await sink.wait(notices: 1)
            await here.close()
            await there.close()
        }
    }

    /// Redis dies and comes back: rooms subscribed before, and in between, are there again, and the sink is told.
    @Test func anOutage() async throws {
        try await ThrowawayRedis.with { redis in
            let (here, there) = (try Self.broker([redis]), try Self.broker([redis]))
            let (sink, otherSink) = (RecordingSink(), RecordingSink())
            try await here.start(sink)
            try await there.start(otherSink)
            try await here.subscribe(1)
            let before = sink.resumptions
            await redis.kill()
            try await until("no connection") { here.trouble != nil && there.trouble != nil }
            await #expect(throws: (any Error).self) { try await there.publish([Self.message(1, 1)]) }
            try await here.subscribe(2)
            // Nobody else hears of it, and who is here does.
            await #expect(throws: (any Error).self) { try await here.publish([Self.message(2, 1)]) }
            await sink.wait(messages: 1)
            // An ended session, or a deleted room, is told as soon as it can be. Who has left a room may be back by then.
            let removal = BrokerNotice.memberLeft(roomID: 1, userID: 7, reason: .removed)
            await #expect(throws: (any Error).self) { try await there.announce(removal) }
            let end = BrokerNotice.sessionRevoked(7)
            let deletion = BrokerNotice.roomDeleted(8)
            let renaming = BrokerNotice.roomRenamed(8, name: "outdated by then")
            for notice in [end, deletion, renaming] {
                await #expect(throws: (any Error).self) { try await there.announce(notice) }
            }
            try await redis.restart()
            try await until("a connection") { here.trouble == nil && there.trouble == nil }
            try await until("told") { sink.resumptions >= before + 2 }
            try await there.publish([Self.message(1, 2), Self.message(2, 2)])
            await sink.wait(messages: 3)
            await sink.wait(notices: 2)
            #expect(sink.notices == [end, deletion])
            await here.close()
            await there.close()
        }
    }

    @Test func aServerThatStandsStill() async throws {
        try await ThrowawayRedis.with { redis in
            let broker = try Self.broker([redis])
            try await broker.start(RecordingSink())
            redis.pause()
            let start = ContinuousClock.now
            try await until("trouble") { broker.trouble != nil }
            #expect(ContinuousClock.now - start < .seconds(5))
            redis.resume()
            try await until("no trouble") { broker.trouble == nil }
            await broker.close()
        }
    }

    @Test func nobodyThere() async throws {
        let broker = RedisBroker(
            servers: try RedisServer.list("redis://127.0.0.1:1"),
            own: .random(),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            clock: .system,
            logger: TestPostgres.quiet
        )
        await #expect(throws: RedisError.self) { try await broker.start(RecordingSink()) }
        await broker.close()
    }
}

/// Waits until the condition holds, for 15 s at most.
func until(_ what: String, _ condition: () -> Bool) async throws {
    for _ in 0..<1500 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw TestSocketError.timedOut(what)
}
