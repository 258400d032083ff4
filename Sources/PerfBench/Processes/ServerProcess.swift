import ChatProtocol
import Foundation

/// A ChatServer, or the bare broadcaster, that runs as a process of its own.
struct ServerProcess: Sendable {
    let child: Child
    let target: RoomTarget

    /// A ChatServer on SQLite and with the broker in its process, with accounts that are members of the first rooms.
    ///
    /// - Parameters:
    ///   - users: the accounts.
    ///   - rooms: how many rooms; public ones, which any account may join.
    ///   - members: of each room; nil: all accounts.
    ///   - core: the one core that it gets, and one event loop there; nil: any, as it decides.
    static func chat(
        _ executable: URL, users: Int, rooms: Int = 1, members: Int? = nil, core: Int?, in folder: URL
    ) async throws -> ServerProcess {
        let secret = folder.appendingPathComponent("secret")
        if !FileManager.default.fileExists(atPath: secret.path) {
            let random = (0..<48).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "x" }
            try String(random).write(to: secret, atomically: true, encoding: .utf8)
        }
        let store = "sqlite:" + folder.appendingPathComponent("\(UUID().uuidString).db").path
        let common = ["--store", store, "--jwt-secret-file", secret.path]
        let seeded = folder.appendingPathComponent("seeded.jsonl")
        let seed = try Child(
            "ChatServer seed", executable,
            [
                "seed", "--users", "\(users)", "--rooms", "\(rooms)", "--members", "\(members ?? users)",
                "--prefix", "perf",
            ] + common, log: folder.appendingPathComponent("seed.log"), output: seeded)
        guard try await seed.wait(timeout: .seconds(60)) == 0 else { throw Failure("seed: \(seed.lastWords)") }
        let accounts = try Seeded(seeded)
        let port = try FreePort.find()
        let child = try Child(
            "ChatServer", executable,
            [
                "serve", "--port", "\(port)", "--limits", "off", "--max-connections-per-user", "0",
                "--max-connections-per-address", "0", "--log-level", "warning", "--stop-with-stdin",
                "--drain-timeout", "1", "--access-token-ttl", "86400",
            ] + (core == nil ? [] : ["--event-loops", "1"]) + common,
            core: core, log: folder.appendingPathComponent("ChatServer.log"))
        try await ready(child, port: port)
        return ServerProcess(
            child: child,
            target: RoomTarget(
                port: port, tokens: accounts.tokens,
                layouts: [RoomTarget.Layout(rooms: accounts.rooms, size: members ?? users)]))
    }

    /// A ChatServer whose sockets are each in one room of every layout. A hundred of them share an account: who comes
    /// and goes is not what is measured.
    static func chat(
        _ executable: URL, layouts: [(rooms: Int, size: Int)], core: Int?, in folder: URL
    ) async throws -> ServerProcess {
        let sockets = layouts.reduce(0) { max($0, $1.rooms * $1.size) }
        let chat = try await chat(
            executable, users: max(1, sockets / 100), rooms: layouts.reduce(0) { $0 + $1.rooms }, members: 1,
            core: core, in: folder)
        var target = chat.target
        target.socketsPerAccount = 100
        var rooms = (target.layouts.first?.rooms ?? [])[...]
        target.layouts = layouts.map { layout in
            defer { rooms = rooms.dropFirst(layout.rooms) }
            return RoomTarget.Layout(rooms: Array(rooms.prefix(layout.rooms)), size: layout.size)
        }
        return ServerProcess(child: chat.child, target: target)
    }

    /// - Parameter members: of each of its rooms.
    static func broadcaster(
        _ gathering: Broadcaster.Gathering = .perRoom, rooms: Int = 1, members: Int = .max, core: Int?,
        in folder: URL
    ) async throws -> ServerProcess {
        let port = try FreePort.find()
        let child = try Child(
            "bare broadcaster", Programs.own,
            ["floor", "broadcast", "--port", "\(port)", "--gathering", gathering.rawValue],
            core: core, log: folder.appendingPathComponent("floor.log"))
        try await ready(child, port: port)
        return ServerProcess(
            child: child, target: .bare(port: port, rooms: rooms, members: members))
    }

    private static func ready(_ child: Child, port: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            if let descriptor = try? ClientSocket.connect(port: port, number: 0) {
                close(descriptor)
                return
            }
            guard child.isRunning else { throw Failure("\(child.name) has ended: \(child.lastWords)") }
            guard ContinuousClock.now < deadline else {
                await child.stop()
                throw Failure("\(child.name) does not listen: \(child.lastWords)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// What `ChatServer seed` has printed.
struct Seeded: Sendable {
    var tokens: [String] = []
    var rooms: [RoomID] = []

    init(_ file: URL) throws {
        struct Line: Decodable {
            struct User: Decodable { var token: String }
            struct Room: Decodable { var id: RoomID }
            var user: User?
            var room: Room?
        }
        let decoder = JSONDecoder()
        for text in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let line = try decoder.decode(Line.self, from: Data(text.utf8))
            if let user = line.user { tokens.append(user.token) }
            if let room = line.room { rooms.append(room.id) }
        }
    }
}

enum FreePort {
    /// A port that nobody listens on now.
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
            }
        }
        guard result == 0 else { throw Failure("no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
