import Foundation
import Testing

@testable import LoadGen

@Suite struct BalancerConfigurationTests {
    private static func plan(_ policy: BalancerPolicy, descriptors: Int = 20_000) -> BalancerPlan {
        BalancerPlan(
            policy: policy,
            port: 8000,
            instances: [.init(name: "a", port: 8001), .init(name: "b", port: 8002)],
            folder: "/folder",
            descriptors: descriptors
        )
    }

    @Test(arguments: [(20_000, 9_900), (1024, 412), (256, 64)])
    func connectionsFitIntoTheDescriptors(descriptors: Int, expected: Int) {
        let plan = Self.plan(.roundRobin, descriptors: descriptors)
        #expect(plan.maxConnections == expected)
        #expect(HAProxyConfiguration.text(plan).components(separatedBy: "maxconn \(expected)\n").count == 3)
        #expect(NginxConfiguration.text(plan).contains("worker_rlimit_nofile \(descriptors);"))
    }

    @Test(arguments: [
        (BalancerPolicy.roundRobin, ["    balance roundrobin\n    option httpchk", "server a 127.0.0.1:8001\n"]),
        (.leastConn, ["    balance leastconn\n", "server b 127.0.0.1:8002\n"]),
        (.source, ["    balance source\n    hash-type consistent\n"]),
        (
            .cookie,
            [
                "    balance roundrobin\n    cookie chatbench insert indirect nocache httponly\n",
                "server a 127.0.0.1:8001 cookie a\n    server b 127.0.0.1:8002 cookie b\n",
            ]
        ),
        (.room, ["    balance url_param room\n    hash-type consistent\n"]),
    ])
    func haproxyFollowsThePolicy(policy: BalancerPolicy, parts: [String]) {
        let text = HAProxyConfiguration.text(Self.plan(policy))
        for part in parts { #expect(text.contains(part), "\(text)") }
        #expect(text.contains("    bind 127.0.0.1:8000\n"))
        #expect(text.contains("timeout tunnel 1h"))
    }

    @Test(arguments: [
        (BalancerPolicy.roundRobin, ["zone instances 256k;\n        server 127.0.0.1:8001 max_fails"]),
        (.leastConn, ["        least_conn;\n        server"]),
        (.source, ["        hash $remote_addr consistent;\n        server"]),
        (
            .cookie,
            [
                "hash $placement consistent;", "add_header Set-Cookie $new_cookie always;",
                "map $cookie_chatbench $placement {",
            ]
        ),
        (.room, ["hash $placement consistent;", "map $arg_room $placement {\n        default $arg_room;"]),
    ])
    func nginxFollowsThePolicy(policy: BalancerPolicy, parts: [String]) {
        let text = NginxConfiguration.text(Self.plan(policy))
        for part in parts { #expect(text.contains(part), "\(text)") }
        #expect(text.contains("listen 127.0.0.1:8000 backlog=4096;"))
        #expect(text.contains("proxy_read_timeout 1h;"))
        #expect(text.contains("Set-Cookie") == (policy == .cookie))
    }

    /// The balancers' own opinion.
    @Test(arguments: [BalancerKind.haproxy, .nginx], BalancerPolicy.allCases)
    func theProgramTakesIt(kind: BalancerKind, policy: BalancerPolicy) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("balancer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var plan = Self.plan(policy)
        plan.folder = folder.path
        plan.descriptors = BalancerPlan.descriptorLimit
        // nginx binds when it checks.
        plan.port = try FreePort.pick()
        let file = folder.appendingPathComponent("conf")
        let text = kind == .haproxy ? HAProxyConfiguration.text(plan) : NginxConfiguration.text(plan)
        try Data(text.utf8).write(to: file)
        let check = try ChildProcess(
            "check",
            executable: Programs.standard().require(try #require(kind.program)),
            arguments: kind == .haproxy ? ["-c", "-f", file.path] : ["-t", "-e", "stderr", "-c", file.path],
            log: folder.appendingPathComponent("log"),
            folder: folder
        )
        #expect(try await check.wait(timeout: .seconds(10)) == 0, "\(check.log)\n\(text)")
        #expect(!check.log.contains("WARNING"), "\(check.log)")
        #expect(!check.log.contains("[warn]") && !check.log.contains("[emerg]"), "\(check.log)")
    }
}
