import Foundation
import Testing

@testable import LoadGen

@Suite struct ProgramsTests {
    @Test func eachSetupNeedsWhatItSays() {
        #expect(Setup(name: "a").programs.isEmpty)
        #expect(Setup(name: "a", balancer: BalancerSpec(kind: .nginx)).programs == [.nginx])
        let full = Setup(
            name: "a", instances: 2, store: .postgres, broker: .redis, balancer: BalancerSpec(kind: .haproxy))
        #expect(full.programs == [.initdb, .postgres, .redisServer, .haproxy])
    }

    @Test func whatIsMissingComesWithItsRemedy() {
        let nowhere = Programs(folders: ["/nonexistent"])
        let setup = Setup(name: "a", store: .postgres, broker: .redis)
        #expect(nowhere.missing(for: setup) == [.initdb, .postgres, .redisServer])
        let error = #expect(throws: StackError.self) { try nowhere.check(setup) }
        #expect(
            error?.description
                == "initdb, postgres, redis-server are missing; install with: "
                + "apt-get install -y postgresql redis-server (or: scripts/setup)"
        )
    }

    @Test func looksInPathFirst() {
        let programs = Programs.standard(environment: ["PATH": "/first:/second"])
        #expect(programs.folders.prefix(3) == ["/first", "/second", "/usr/sbin"])
        #expect(Programs(folders: ["/nonexistent", "/bin"]).find(.redisServer)?.path != "/nonexistent/redis-server")
    }

    @Test(arguments: [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18"),
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64", "7.0.15"),
        ("HAProxy version 2.6.12-1+deb12u4 2026/01/01 - https://haproxy.org/", "2.6.12"),
        ("nginx version: nginx/1.22.1\n", "1.22.1"),
        ("no such thing", nil),
    ])
    func readsVersions(text: String, expected: String?) {
        #expect(Programs.parseVersion(text) == expected)
    }

    @Test func instancesHaveShortNames() {
        #expect([0, 1, 25, 26, 27, 63].map(ServerPart.instanceName) == ["a", "b", "z", "aa", "ab", "bl"])
        #expect(Set((0..<Setup.maximumInstances).map(ServerPart.instanceName)).count == Setup.maximumInstances)
    }

    @Test func findsTheServersPort() {
        let log = """
            {"message":"open files"}
            {"level":"info","message":"listening","broker":"memory","port":4711,"store":"sqlite 3.40.1"}
            {"message":"listening","po
            """
        let expected = ServerPart.Listening(message: "listening", port: 4711, store: "sqlite 3.40.1", broker: "memory")
        #expect(ServerPart.Listening.find(in: log) == expected)
        #expect(ServerPart.Listening.find(in: "") == nil)
    }

    @Test func nothingOfTheShellConfiguresAPart() {
        let clean = ChildEnvironment.clean([
            "PATH": "/bin", "HOME": "/root", "CHAT_PORT": "1", "CHAT_LIMITS": "default", "PGHOST": "x", "PGDATA": "/x",
            "NGINX": "6;", "HAPROXY_CFGFILES": "x", "CHATBENCH_HOME": "/h",
        ])
        #expect(clean == ["PATH": "/bin", "HOME": "/root", "CHATBENCH_HOME": "/h"])
    }

    @Test func postgresIsDurable() {
        let options = PostgresPart.options(port: 5000)
        for option in ["fsync=on", "synchronous_commit=on", "full_page_writes=on", "listen_addresses=127.0.0.1"] {
            #expect(options.contains(option))
        }
        #expect(PostgresPart.initialization(data: "/d", passwordFile: "/p").contains("--auth=scram-sha-256"))
    }

    @Test func probesSpeakTheProtocol() {
        #expect(Probe.redis.question == Array("PING\r\n".utf8))
        let startup = Probe.postgres.question
        #expect(startup[..<8] == [0, 0, 0, UInt8(startup.count), 0, 3, 0, 0])
        #expect(startup.suffix(2) == [0, 0])
        #expect(Probe.http.question.starts(with: Array("GET /health/ready HTTP/1.1\r\nHost: ".utf8)))
    }

    @Test(arguments: ["cluster-direct", "embedded", "nginx-nonsticky", "nonsticky", "sticky-cookie", "sticky-room"])
    func shipped(name: String) throws {
        let root = URL(fileURLWithPath: #filePath).pathComponents.prefix { $0 != "Tests" }.dropFirst()
        let library = ConfigurationLibrary(roots: ["/" + root.joined(separator: "/")])
        let setup = try library.setup(named: name).setup
        #expect(setup.name == name)
        #expect(!setup.description.isEmpty)
        #expect(library.allSetups().count == 8)
    }
}
