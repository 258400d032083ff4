import Foundation
import Testing

@testable import LoadGen

/// The programs as the build left them: these tests start what a user starts.
enum BuiltPrograms {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    static func chatServer() throws -> URL { try program("ChatServer") }

    static func loadGen() throws -> URL { try program("LoadGen") }

    private static func program(_ name: String) throws -> URL {
        var root = URL(fileURLWithPath: #filePath)
        while root.path != "/",
            !FileManager.default.fileExists(atPath: root.appendingPathComponent("Package.swift").path)
        {
            root.deleteLastPathComponent()
        }
        let program = root.appendingPathComponent(".build/release/\(name)")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw Missing(
                description: "\(program.path) is missing; build it with: swift build -c release --build-tests")
        }
        return program
    }

    /// The port of a ChatServer that was started with `--port 0`, as it logs it.
    static func port(of server: ChildProcess) async throws -> Int {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline, server.isRunning {
            if let range = server.log.firstMatch(of: /"message":"listening".*?"port":(\d+)/) {
                return Int(range.1) ?? 0
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Missing(description: "ChatServer did not listen: \(server.log.suffix(1000))")
    }
}
