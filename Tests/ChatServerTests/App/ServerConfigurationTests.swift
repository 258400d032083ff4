import Foundation
import Testing

@testable import ChatServer

@Suite struct ServerConfigurationTests {
    private static let key = "0123456789abcdef0123456789abcdef"

    private func read(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ServerConfiguration {
        try ServerConfiguration(try Serve.parse(arguments), environment: Settings(environment: environment))
    }

    @Test func defaults() throws {
        let configuration = try read([])
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8080)
        #expect(configuration.jwtSecret == nil)
        #expect(configuration.limitsOn)
        #expect((1...64).contains(configuration.eventLoops))
    }

    @Test func theCommandLineComesBeforeTheEnvironment() throws {
        let environment = ["CHAT_PORT": "1", "CHAT_LIMITS": "off", "CHAT_INSTANCE": "env", "CHAT_HOST": ""]
        let configuration = try read(["--port", "2"], environment)
        #expect(configuration.port == 2)
        #expect(!configuration.limitsOn)
        #expect(configuration.instance == "env")
        #expect(configuration.host == "127.0.0.1", "an empty variable counts as unset")
    }

    @Test func theSecretFileOfTheCommandLineBeatsTheSecretOfTheEnvironment() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID())")
        try Data((Self.key + "file\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let environment = ["CHAT_JWT_SECRET": Self.key + "env", "CHAT_JWT_SECRET_FILE": file.path]
        #expect(try read(["--jwt-secret-file", file.path], environment).jwtSecret == Self.key + "file")
        #expect(try read(["--jwt-secret", Self.key], environment).jwtSecret == Self.key)
        #expect(try read([], environment).jwtSecret == Self.key + "env")
        #expect(try read([], ["CHAT_JWT_SECRET_FILE": file.path]).jwtSecret == Self.key + "file")
    }

    @Test(arguments: [
        ["--port", "99999"], ["--broker", "x"], ["--store", "mysql://x"], ["--limits", "some"], ["--event-loops", "0"],
        ["--jwt-secret", "short"], ["--jwt-secret-file", "/nowhere/at/all"], ["--drain-timeout", "3601"],
        ["--log-format", "xml"], ["--limit", "x=1/1"], ["--max-connections", "0"], ["--trusted-proxies", "balancer"],
        ["--access-token-ttl", "1"], ["--access-token-ttl", "900", "--refresh-token-ttl", "60"],
        ["--jwt-keys", "/nowhere/at/all"], ["--tls-cert", "/some/file"], ["--tls-key", "/some/file"],
        ["--tls-cert", "/nowhere/at/all", "--tls-key", "/nowhere/at/all"],
    ])
    func whatCannotBeIsTold(arguments: [String]) {
        #expect(throws: ConfigurationProblem.self) { try read(arguments) }
    }

    @Test func tokensLiveAsLongAsTold() throws {
        #expect(try read([]).accessTokenLifetime == 900)
        #expect(try read([]).refreshTokenLifetime == 30 * 86_400)
        let configuration = try read(["--access-token-ttl", "60"], ["CHAT_REFRESH_TOKEN_TTL": "3600"])
        #expect(configuration.accessTokenLifetime == 60)
        #expect(configuration.refreshTokenLifetime == 3600)
    }

    @Test func limitsOfTheCommandLineComeAfterThoseOfTheEnvironment() throws {
        let environment = ["CHAT_LIMIT": "send-user=1/1,join-user=2/2,typing-user=off", "CHAT_MAX_CONNECTIONS": "500"]
        let arguments = ["--limit", "send-user=5/5", "--limit", "send-room=off", "--max-connections-per-user", "3"]
        let configuration = try read(arguments, environment)
        #expect(configuration.rateLimits[.sendUser] == .init(burst: 5, perSecond: 5))
        #expect(configuration.rateLimits[.joinUser] == .init(burst: 2, perSecond: 2))
        #expect(configuration.rateLimits[.typingUser] == nil)
        #expect(configuration.rateLimits[.sendRoom] == nil)
        #expect(configuration.maxConnections == 500)
        #expect(configuration.maxConnectionsPerUser == 3)
        #expect(try read([]).maxConnections == nil)
    }

    @Test func proxiesAreAList() throws {
        let proxies = try read(["--trusted-proxies", "10.0.0.0/8,::1"]).trustedProxies
        #expect(proxies == [ClientAddress.Range("10.0.0.0/8"), ClientAddress.Range("::1")])
        #expect(try read([], ["CHAT_TRUSTED_PROXIES": "192.0.2.1"]).trustedProxies.count == 1)
        #expect(try read([]).trustedProxies == [])
    }

    @Test func keysAreReadFromTheirFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID()).jwk")
        let key = try SigningKeys.Key.new()
        try Data(try key.json(isPublic: false).utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try read([], ["CHAT_JWT_KEYS": file.path]).signingKeys?.signing.kid == key.kid)
    }

    @Test func numbersOfTheEnvironmentAreChecked() {
        #expect(throws: ConfigurationProblem.self) { try read([], ["CHAT_PORT": "many"]) }
    }

    @Test func logLevel() throws {
        #expect(throws: ConfigurationProblem.self) { try read(["--log-level", "x"]).logging }
        #expect(try read(["--log-level", "debug"]).logging.level == .debug)
    }
}
