import Foundation
import TestSupport
import Testing

@testable import LoadGen

/// The programs as the build left them: these tests start what a user starts.
enum BuiltPrograms {
    static func chatServer() throws -> URL { try BuiltProgram.named("ChatServer") }

    static func loadGen() throws -> URL { try BuiltProgram.named("LoadGen") }

    /// The port of a ChatServer that was started with `--port 0`, as it logs it.
    static func port(of server: ChildProcess) async throws -> Int {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline, server.isRunning {
            if let range = server.log.firstMatch(of: /"message":"listening".*?"port":(\d+)/) {
                return Int(range.1) ?? 0
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw BuiltProgram.Missing(description: "ChatServer did not listen: \(server.log.suffix(1000))")
    }
}
