import Foundation
import Testing

@testable import LoadGen

/// Parts of a stack without the stack, in a temporary folder of the test's own.
enum LauncherStage {
    static func withLauncher(
        ports: @escaping @Sendable () throws -> Int = { try FreePort.pick() },
        _ body: (Launcher, Programs, _ logs: URL) async throws -> Void
    ) async throws {
        try await TestStage.withFolder { temporary in
            let folder = try StackFolder.create(in: temporary)
            let launcher = Launcher(folder, ports: ports)
            do {
                try await body(launcher, .standard(), folder.logs)
            } catch {
                await folder.clear()
                throw error
            }
            await folder.clear()
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
    }

    /// A server with a store of its own.
    static func server(_ instance: String, _ launcher: Launcher, logs: URL) async throws -> StackPart {
        let secret = launcher.folder.url.appendingPathComponent("secret-\(instance)")
        try Secret.write(Secret.random(bytes: 48), to: secret)
        let shared = ServerPart.Shared(
            executable: try BuiltPrograms.chatServer(),
            storeURL: "sqlite:\(launcher.folder.path)/\(instance).db",
            brokerURL: "memory",
            secretFile: secret
        )
        return try await ServerPart.start(launcher, instance: instance, shared, logs: logs).part
    }
}
