import Foundation
import NIOCore
import NIOPosix
import RedisClient

/// Redis with no server around it.
enum BareBroker {
    /// One `PUBLISH` of a message's frame and its answer, at a steady pace.
    /// - Returns: the median in seconds.
    static func publish(_ url: String, perSecond: Int, seconds: Double) async throws -> Double {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome = await Result {
            let connection = try await RedisConnection.connect(to: RedisServer(parsing: url), on: group.any())
            let command = RedisCommand("PUBLISH", "perf", String(repeating: "x", count: 320))
            let median = try await Paced.median(perSecond: perSecond, seconds: seconds) {
                _ = try await connection.send(command)
            }
            await connection.close()
            return median
        }
        try await group.shutdownGracefully()
        return try outcome.get()
    }
}
