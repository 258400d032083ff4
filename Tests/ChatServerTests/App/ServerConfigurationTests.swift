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
        ["--log-format", "xml"],
    ])
    func whatCannotBeIsTold(arguments: [String]) {
        #expect(throws: ConfigurationProblem.self) { try read(arguments) }
    }

    @Test func numbersOfTheEnvironmentAreChecked() {
        #expect(throws: ConfigurationProblem.self) { try read([], ["CHAT_PORT": "many"]) }
    }

    @Test func logLevel() throws {
        #expect(throws: ConfigurationProblem.self) { try read(["--log-level", "x"]).logging }
        #expect(try read(["--log-level", "debug"]).logging.level == .debug)
    }
}
