import Testing

@testable import PostgresClient

@Suite struct ConfigurationTests {
    @Test(arguments: [
        "mysql://h/d", "", "host=h", "postgres://h:99999/d", "postgres://h:0/d", "postgres://h:x/d",
        "postgres://h/d?sslmode=maybe", "postgres://h/d?nonsense=1", "postgres://h/d?connect_timeout=soon",
        "postgres://a,b,c/d?port=1,2", "postgres://h/%zz", "postgres://h/d\0", "postgres://[::1/d",
        "postgres://h/d?target_session_attrs=prefer-standby",
    ])
    func refused(_ url: String) throws {
        let error = try #require(#expect(throws: PostgresError.self) { try PostgresConfiguration(url: url) })
        #expect(error.isInvalid)
    }

    @Test(arguments: [
        "postgres://u:hunter2%zz@h/d", "postgres://u:hunter2@h:x/d", "postgres://u:hunter2@[::1/d",
        "postgres://u:p%zzhunter2@h/d", "postgres://u:p@h/d?hunter2=1@x", "postgres://u:hunter2@h/d?a=b=c",
    ])
    func aComplaintDoesNotQuoteThePassword(_ url: String) throws {
        let error = try #require(#expect(throws: PostgresError.self) { try PostgresConfiguration(url: url) })
        #expect(!error.description.contains("hunter"))
    }

    @Test func theWrongOptionIsNamed() {
        #expect(throws: PostgresError.invalid("the URL: invalid URI query parameter: \"nonsense\"")) {
            try PostgresConfiguration(url: "postgres://u:p@h/d?nonsense=1")
        }
    }

    @Test(arguments: [
        ("postgres://u:hunter2@h:1234/d?sslmode=require", "postgres://u@h:1234/d"),
        ("postgresql://h/d?password=hunter2", "postgres://h/d"),
        ("postgres://u:hunter2@a:1,b:2/d", "postgres://u@a:1,b:2/d"),
        ("postgres:///d?host=/run/pg&user=u", "postgres://u@/run/pg/d"),
    ])
    func noDescriptionShowsThePassword(_ url: String, _ expected: String) throws {
        let configuration = try PostgresConfiguration(url: url)
        #expect(configuration.description == expected)
        #expect(String(reflecting: configuration) == expected)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test func eachHostIsAnAttemptOfItsOwn() throws {
        let attempts = try PostgresConfiguration(url: "postgres://u:p@a:1,b:2/d?sslmode=require").attempts()
        #expect(attempts.map { $0["host"] } == ["a", "b"])
        #expect(attempts.map { $0["port"] } == ["1", "2"])
        #expect(attempts.allSatisfy { $0["sslmode"] == "require" && $0["password"] == "p" && $0["dbname"] == "d" })
    }

    @Test func whatTheURLSaysGoesFirst() throws {
        let configuration = try PostgresConfiguration(
            url: "postgres://h/d?keepalives_idle=60&connect_timeout=3&options=-c%20statement_timeout%3D1"
        )
        let attempt = try #require(configuration.attempts().first)
        #expect(configuration.connectTimeout == .seconds(3))
        #expect(attempt["keepalives_idle"] == "60")
        #expect(attempt["keepalives_count"] == "3")
        #expect(attempt["tcp_user_timeout"] == "10000")
        #expect(
            attempt["options"]
                == "-c statement_timeout=9000 -c idle_in_transaction_session_timeout=20000 -c statement_timeout=1"
        )
    }
}
