import ChatProtocol
import Foundation

/// The setup `embedded`: one ChatServer on a free port with a throwaway SQLite file.
struct EmbeddedStack: Sendable {
    let stage: Stage
    private let folder: URL
    private let server: ChildProcess

    /// Seeds the store, starts the server, and returns when it is ready.
    /// - Parameter logs: where its log stays.
    static func start(_ scenario: Scenario, logs: URL, progress: (String) -> Void) async throws -> EmbeddedStack {
        let executable = try serverExecutable()
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent(
                "chatbench-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        do {
            let secret = folder.appendingPathComponent("secret")
            let secretText = (0..<48).map { _ in String(format: "%02x", UInt8.random(in: 0 ... .max)) }.joined()
            try Data(secretText.utf8).write(to: secret)
            let common = [
                "--store", "sqlite:\(folder.path)/chat.db", "--jwt-secret-file", secret.path,
            ]
            progress(
                "seeding \(Format.count(scenario.clients)) accounts and \(Format.count(scenario.rooms.count)) rooms")
            let (accounts, rooms) = try await seed(scenario, executable, common, folder, logs)
            progress("starting ChatServer")
            let server = try ChildProcess(
                "ChatServer",
                executable: executable,
                arguments: ["serve"] + common + [
                    "--port", "0", "--limits", "off", "--instance", "a", "--stop-with-stdin",
                ],
                log: logs.appendingPathComponent("a.log")
            )
            do {
                let listening = try await listening(server)
                let endpoint = Endpoint(host: "127.0.0.1", port: listening.port, isTLS: false)
                let stage = Stage(
                    endpoints: [endpoint],
                    scrapeTargets: [ScrapeTarget(instance: "a", baseURL: endpoint.baseURL)],
                    accounts: accounts,
                    rooms: rooms,
                    store: listening.store,
                    broker: listening.broker,
                    balancer: "none",
                    processes: [server]
                )
                return EmbeddedStack(stage: stage, folder: folder, server: server)
            } catch {
                await server.stop()
                throw error
            }
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    /// Stops the server and removes what it stored; its log stays.
    func stop() async {
        await server.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// `ChatServer` lies beside this program.
    static func serverExecutable() throws -> URL {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let named = ProcessInfo.processInfo.environment["CHATBENCH_SERVER"].map { URL(fileURLWithPath: $0) }
        let executable = named ?? own.deletingLastPathComponent().appendingPathComponent("ChatServer")
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw StackError(
                description: "there is no ChatServer at \(executable.path); build it with: make build"
            )
        }
        return executable
    }

    private static func seed(
        _ scenario: Scenario,
        _ executable: URL,
        _ common: [String],
        _ folder: URL,
        _ logs: URL
    ) async throws -> ([Account], [RoomPlan]) {
        let output = folder.appendingPathComponent("seed.jsonl")
        let sizes = scenario.rooms.memberCounts()
        let isUniform = Set(sizes).count == 1
        let members = isUniform ? String(sizes[0]) : sizes.map(String.init).joined(separator: ",")
        var arguments = ["seed", "--users", String(scenario.clients), "--rooms", String(sizes.count)]
        arguments += ["--members", members] + common
        if scenario.rooms.isPrivate { arguments.append("--private") }
        let log = logs.appendingPathComponent("seed.log")
        let process = try ChildProcess("seed", executable: executable, arguments: arguments, log: log, output: output)
        let status = try await process.wait(timeout: .seconds(120))
        guard status == 0 else { throw StackError(description: "ChatServer seed failed: \(process.log)") }
        try? FileManager.default.removeItem(at: log)
        return try SeedOutput.parse(try Data(contentsOf: output))
    }

    private struct Listening: Decodable {
        var message: String
        var port: Int
        var store: String
        var broker: String
    }

    /// Waits until the server has logged its port. It listens only when everything behind it is ready.
    private static func listening(_ server: ChildProcess) async throws -> Listening {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            for line in server.log.split(separator: "\n") where line.contains(#""message":"listening""#) {
                if let found = try? JSONDecoder().decode(Listening.self, from: Data(line.utf8)) { return found }
            }
            guard server.isRunning else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw StackError(description: "ChatServer did not become ready; its log says:\n\(server.log.suffix(2000))")
    }
}

/// What `ChatServer seed` writes.
enum SeedOutput {
    private struct Line: Decodable {
        struct User: Decodable {
            var id: UserID
            var username: String
            var token: String
        }
        struct Room: Decodable {
            var id: RoomID
            var accessCode: String?
            var members: [UserID]
        }
        var user: User?
        var room: Room?
    }

    static func parse(_ data: Data) throws -> ([Account], [RoomPlan]) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var accounts: [Account] = []
        var places: [UserID: Int] = [:]
        var rooms: [RoomPlan] = []
        for line in data.split(separator: 0x0A) {
            let line = try decoder.decode(Line.self, from: Data(line))
            if let user = line.user {
                places[user.id] = accounts.count
                accounts.append(Account(userID: user.id, username: user.username, token: user.token))
            } else if let room = line.room {
                let members = room.members.compactMap { places[$0] }
                rooms.append(RoomPlan(id: room.id, accessCode: room.accessCode, members: members))
            }
        }
        return (accounts, rooms)
    }
}
