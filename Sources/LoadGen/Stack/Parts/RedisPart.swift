import Foundation

/// A throwaway Redis that keeps nothing on disk: it only passes messages on.
enum RedisPart {
    static let name = "redis"

    static func start(_ launcher: Launcher, programs: Programs, logs: URL) async throws -> StackPart {
        let account = ServiceAccount.forParts
        let home = try launcher.folder.makeFolder(for: name, account: account)
        var command = PartCommand(
            name: name,
            kind: .broker,
            executable: try programs.require(.redisServer),
            arguments: [],
            account: account,
            log: logs.appendingPathComponent("\(name).log"),
            probe: .redis
        )
        return try await launcher.onFreePort { port in
            command.arguments = options(port: port, folder: home.path)
            return try await launcher.start(command, port: port)
        }
    }

    static func options(port: Int, folder: String) -> [String] {
        [
            "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder,
            "--daemonize", "no", "--loglevel", "notice",
        ]
    }
}
