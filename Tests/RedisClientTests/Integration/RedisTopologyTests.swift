import NIOCore
import Testing

@testable import RedisClient
@testable import TestSupport

extension IntegrationTests {
    struct RedisTopologyTests {
        @Test func `single servers are shards, also while one is down`() async throws {
            let down = try await ThrowawayRedis.start()
            await down.stop()
            try await ThrowawayRedis.with { redis in
                let servers = try RedisServer.list("\(down.url),\(redis.url)")
                let groups = try await RedisTopology.discover(servers, on: testLoop, logger: quietLogger)
                #expect(groups == servers.map { RedisGroup([$0]) })
            }
            await #expect {
                try await RedisTopology.discover(
                    [RedisServer(parsing: down.url)],
                    on: testLoop,
                    logger: quietLogger
                )
            } throws: { error in
                if case RedisError.unavailable = error { true } else { false }
            }
        }

        @Test func `who may not ask gets single servers`() async throws {
            let user = "bob on >pw allchannels -@all +ping +publish +subscribe +unsubscribe"
            try await ThrowawayRedis.with(.init(user: user)) { redis in
                let servers = try RedisServer.list("redis://bob:pw@127.0.0.1:\(redis.port)")
                let groups = try await RedisTopology.discover(
                    servers,
                    options: RedisOptions(clientName: "chat"),
                    on: testLoop,
                    logger: quietLogger
                )
                #expect(groups == [RedisGroup(servers)])
            }
        }

        @Test func `a cluster is one group, and carries messages from node to node`() async throws {
            try await ThrowawayCluster.with { nodes in
                let given = try RedisServer(parsing: nodes[0].url)
                let groups = try await RedisTopology.discover([given], on: testLoop, logger: quietLogger)
                #expect(groups.count == 1)
                guard let group = groups.first else { return }
                #expect(group.isCluster)
                #expect(Set(group.servers.map(\.description)) == Set(nodes.map(\.url)))
                #expect(group.servers.first == given)
                #expect(group.name == nodes[0].url)

                try await withSubscriber(group, startingAt: 1) { subscriber, recorder in
                    try await subscriber.subscribe("a")
                    try await withPublisher(group, startingAt: 0) { publisher in
                        try await publisher.publish((0..<100).map { RedisMessage("a", String($0)) })
                        try await eventually("all messages") { recorder.messageCount == 100 }
                        #expect(recorder.texts == (0..<100).map(String.init))

                        // The subscriber's node dies: the next one takes over.
                        guard let node = nodes.first(where: { $0.url == group.servers[1].description }) else { return }
                        await node.kill()
                        try await eventually("the announcement") { recorder.current.generations == [1, 2] }
                        try await publisher.publish([RedisMessage("a", "after")])
                        try await eventually("the message") { recorder.texts.last == "after" }
                    }
                }
            }
        }
    }
}
