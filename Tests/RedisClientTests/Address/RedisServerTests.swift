import Testing

@testable import RedisClient

struct RedisServerTests {
    @Test(arguments: [
        ("redis://localhost", RedisServer(endpoint: .host("localhost", port: 6379))),
        ("redis://localhost/", RedisServer(endpoint: .host("localhost", port: 6379))),
        ("REDIS://10.0.0.1:7000/3", RedisServer(endpoint: .host("10.0.0.1", port: 7000), database: 3)),
        ("redis://[::1]:7000", RedisServer(endpoint: .host("::1", port: 7000))),
        ("redis://[fe80::1]", RedisServer(endpoint: .host("fe80::1", port: 6379))),
        ("redis://:secret@h", RedisServer(endpoint: .host("h", port: 6379), password: "secret")),
        ("redis://u:p@h:1/0", RedisServer(endpoint: .host("h", port: 1), user: "u", password: "p")),
        (
            "redis://u%3A:p%40%2f%25%C3%A9@h",
            RedisServer(endpoint: .host("h", port: 6379), user: "u:", password: "p@/%é")
        ),
        ("redis://u:a@b@h", RedisServer(endpoint: .host("h", port: 6379), user: "u", password: "a@b")),
        ("rediss://h", RedisServer(endpoint: .host("h", port: 6379), tls: .init())),
        ("rediss://h?insecure=true", RedisServer(endpoint: .host("h", port: 6379), tls: .init(verifies: false))),
        (
            "rediss://h:1/2?ca=/etc/my%20ca.pem",
            RedisServer(endpoint: .host("h", port: 1), database: 2, tls: .init(authorities: "/etc/my ca.pem"))
        ),
        ("redis+unix:///run/redis.sock", RedisServer(endpoint: .unixSocket(path: "/run/redis.sock"))),
        (
            "redis+unix://:pw@/run/redis.sock?db=4",
            RedisServer(endpoint: .unixSocket(path: "/run/redis.sock"), password: "pw", database: 4)
        ),
    ])
    func `an address is read`(text: String, server: RedisServer) throws {
        #expect(try RedisServer(parsing: text) == server)
    }

    @Test(arguments: [
        ("", "it must begin with redis:// or rediss://"),
        ("localhost:6379", "it must begin with redis:// or rediss://"),
        ("http://h", "http:// is neither redis:// nor rediss://"),
        ("redis://", "the host is missing"),
        ("redis://:6379", "the host is missing"),
        ("redis://h:port", "port is no port; an IPv6 address wants brackets"),
        ("redis://h:0", "0 is no port; an IPv6 address wants brackets"),
        ("redis://h:65536", "65536 is no port; an IPv6 address wants brackets"),
        ("redis://fe80::1", ":1 is no port; an IPv6 address wants brackets"),
        ("redis://[::1", "a ] is missing"),
        ("redis://[::1]x", "after ] comes :port, not x"),
        ("redis://h/x", "x is no number of a database"),
        ("redis://h/-1", "-1 is no number of a database"),
        ("redis://secret@h", "before the @ there must be user:password or :password"),
        ("redis://u:%zz@h", "a % wants two hexadecimal digits after it; % itself is %25"),
        ("redis://u:%ff@h", "percent-encoded bytes are not UTF-8"),
        ("redis://u:a#b@h", "a # must be written %23"),
        ("redis://h?insecure=true", "insecure wants rediss://"),
        ("redis://h?ca=/x", "ca wants rediss://"),
        ("rediss://h?insecure=yes", "insecure is true or false, not yes"),
        ("rediss://h?ca=", "ca is empty"),
        ("rediss://h?timeout=3", "unknown item timeout; there are insecure and ca"),
        ("redis+unix://run/redis.sock", "the path of a socket begins with /, as in redis+unix:///run/redis.sock"),
        ("redis+unix:///s?ca=x", "unknown item ca; there is db"),
    ])
    func `a wrong address says what is wrong`(text: String, why: String) {
        #expect(throws: RedisError.invalidAddress(why)) { try RedisServer(parsing: text) }
    }

    @Test(arguments: [
        ("redis://u:p@h", "redis://h:6379"),
        ("rediss://:p@[::1]:7/2?insecure=true", "rediss://[::1]:7/2"),
        ("redis+unix://:p@/run/s?db=2", "redis+unix:///run/s?db=2"),
    ])
    func `a description has no credentials`(text: String, description: String) throws {
        #expect(try RedisServer(parsing: text).description == description)
    }

    @Test func `a list has commas, and each server once`() throws {
        let servers = try RedisServer.list("redis://a, redis://b:1,rediss://c")
        #expect(servers.map(\.description) == ["redis://a:6379", "redis://b:1", "rediss://c:6379"])
        #expect(throws: RedisError.invalidAddress("redis://a:6379 is given twice")) {
            try RedisServer.list("redis://a,redis://a:6379")
        }
        #expect(throws: RedisError.self) { try RedisServer.list("redis://a,") }
        #expect(throws: RedisError.self) { try RedisServer.list("") }
    }
}
