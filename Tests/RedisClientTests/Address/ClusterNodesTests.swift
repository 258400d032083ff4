import Testing

@testable import RedisClient

struct ClusterNodesTests {
    @Test func `nodes that can be used are learnt, with the asker's credentials`() throws {
        let text = """
            07c3 127.0.0.1:7001@17001,hostname slave e7d1 0 1426238317239 4 connected
            67ed 10.0.0.2:7002@17002 master - 0 1426238316232 2 connected 5461-10922
            292f fd00::3:7003@17003 master,fail - 0 1426238318243 3 connected 10923-16383
            6ec2 fd00::4:7004@17004 master,fail? - 0 1426238318243 3 connected
            824f :0@0 master,noaddr - 0 1426238317741 6 disconnected
            aaaa 10.0.0.9:7009@17009 handshake - 0 0 0 disconnected
            e7d1 :7000@17000 myself,master - 0 0 1 connected 0-5460
            """
        let asked = try RedisServer(parsing: "rediss://u:p@seed:7000?insecure=true")
        let servers = ClusterNodes.servers(in: text, from: asked)
        #expect(
            servers.map(\.description) == [
                "rediss://127.0.0.1:7001", "rediss://10.0.0.2:7002", "rediss://[fd00::4]:7004", "rediss://seed:7000",
            ]
        )
        #expect(servers.allSatisfy { $0.user == "u" && $0.password == "p" && $0.tls?.verifies == false })
    }

    @Test func `what was configured stays first, what was learnt is replaced`() throws {
        let servers = try RedisServer.list("redis://b:1,redis://a:1,redis://c:1")
        var group = RedisGroup([servers[0], servers[1]], isCluster: true, learnt: [servers[1], servers[2]])
        #expect(group.servers == servers)
        #expect(group.name == "redis://a:1,redis://b:1")
        group.learn([])
        #expect(group.servers == [servers[0], servers[1]])
    }
}
