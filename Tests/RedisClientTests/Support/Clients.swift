import Logging
import NIOCore
import NIOPosix
import Testing

@testable import RedisClient
@testable import TestSupport

let testLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// All tests with real servers, one after the other: they watch the clock, and share two cores.
@Suite(.serialized, .timeLimit(.minutes(1))) struct IntegrationTests {}

func withConnection<Result: Sendable>(
    _ address: String, _ options: RedisOptions = RedisOptions(), _ body: (RedisConnection) async throws -> Result
) async throws -> Result {
    let connection = try await RedisConnection.connect(
        to: try RedisServer(parsing: address),
        options: options,
        on: testLoop
    )
    do {
        let result = try await body(connection)
        await connection.close()
        return result
    } catch {
        await connection.close()
        throw error
    }
}

/// A publisher that is connected.
func withPublisher(
    _ group: RedisGroup, startingAt position: Int = 0, _ options: RedisOptions = RedisOptions(),
    _ body: (RedisPublisher) async throws -> Void
) async throws {
    let publisher = RedisPublisher(
        group: group,
        startingAt: position,
        options: options,
        eventLoop: testLoop,
        logger: quietLogger
    )
    publisher.start()
    do {
        try await publisher.waitUntilConnected(timeout: .seconds(5))
        try await body(publisher)
    } catch {
        await publisher.close()
        throw error
    }
    await publisher.close()
}

/// A subscriber that connects.
func withSubscriber(
    _ group: RedisGroup, startingAt position: Int = 0, _ options: RedisOptions = RedisOptions(),
    _ body: (RedisSubscriber, SubscriberRecorder) async throws -> Void
) async throws {
    let recorder = SubscriberRecorder()
    let subscriber = RedisSubscriber(
        group: group,
        startingAt: position,
        options: options,
        eventLoop: testLoop,
        logger: quietLogger
    )
    subscriber.start(recorder)
    do {
        try await body(subscriber, recorder)
    } catch {
        await subscriber.close()
        throw error
    }
    await subscriber.close()
}

extension ThrowawayRedis {
    var group: RedisGroup { get throws { RedisGroup([try RedisServer(parsing: url)]) } }
}

extension RedisMessage {
    init(_ channel: String, _ text: String) {
        self.init(channel: channel, payload: ByteBuffer(string: text))
    }
}

/// Waits until it is so.
/// - Returns: how long that took.
@discardableResult
func eventually(
    _ what: Comment, within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () -> Bool
) async throws -> Duration {
    let start = ContinuousClock.now
    while !condition() {
        guard ContinuousClock.now - start < limit else {
            Issue.record(what, sourceLocation: sourceLocation)
            break
        }
        try await Task.sleep(for: .milliseconds(5))
    }
    return ContinuousClock.now - start
}
