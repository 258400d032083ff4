import ChatMetrics
import ChatProtocol
import Foundation
import Logging
import Synchronization

@testable import ChatServer

/// A whole server inside the test's process, on a free port and a temporary SQLite file.
struct TestServer: Sendable {
    static let secret = "a secret of the tests, long enough for HS256"

    let application: Application
    /// A second door to the server's store: accounts and old messages come in here without a password hash each.
    let store: SQLiteStore
    let tokens: AccessTokens
    let gate: Gate

    var port: Int { application.port }

    /// Runs a server around `body`, and stops it in any case.
    /// - Parameter drainTimeout: 0 does not wait for clients to answer the close, which few tests are about.
    static func run(
        eventLoops: Int = 2,
        drainTimeout: Double = 0,
        limitsOn: Bool = false,
        configure: (inout ServerConfiguration) -> Void = { _ in },
        adjust: (inout GatewaySettings) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let file = temporaryFile()
        defer { removeDatabase(file) }
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.store = .sqlite(file)
        configuration.instance = "test"
        configuration.eventLoops = eventLoops
        configuration.jwtSecret = secret
        configuration.limitsOn = limitsOn
        configuration.drainTimeout = drainTimeout
        configuration.presenceGrace = 0.3
        configure(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let application = try await Application.build(configuration, logger: logger, adjust: adjust)
        let server = TestServer(
            application: application,
            store: try SQLiteStore(path: file),
            tokens: AccessTokens(
                keys: await KeyRing(secret: configuration.jwtSecret, keys: configuration.signingKeys)
            ),
            gate: Gate()
        )
        let running = Task { try await application.run { await server.gate.wait() } }
        do {
            try await body(server)
        } catch {
            server.stop()
            try? await running.value
            throw error
        }
        server.stop()
        try await running.value
        try await server.store.close()
    }

    /// What SIGTERM does.
    func stop() { gate.open() }

    // MARK: - People and rooms

    func user(_ name: String) async throws -> TestUser {
        let now = Clock.system.now
        let user = try await store.createUser(username: name, passwordHash: "none", now: now)
        let refreshToken = Secrets.random()
        let session = try await store.createSession(
            userID: user.id,
            refreshToken: Secrets.digest(refreshToken),
            now: now,
            expires: Timestamp(microseconds: now.microseconds + 3_600_000_000)
        )
        let token = try await tokens.sign(user, session: session, now: now.microseconds / 1_000_000)
        return TestUser(user: user, session: session, token: token, refreshToken: refreshToken)
    }

    /// A room, public unless said otherwise.
    func room(of owner: TestUser, _ members: [TestUser] = [], isPrivate: Bool = false) async throws -> RoomID {
        let now = Clock.system.now
        let room = try await store.createRoom(
            name: "room",
            isPrivate: isPrivate,
            accessCodeHash: nil,
            ownerID: owner.id,
            now: now
        )
        for member in members { _ = try await store.addMember(roomID: room.id, userID: member.id, now: now) }
        return room.id
    }

    // MARK: - Connections

    /// One request on a connection of its own.
    func request(
        _ method: String,
        _ path: String,
        as user: TestUser? = nil,
        body: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> HTTPReply {
        let http = try await TestHTTP.connect(port: port)
        let reply = try await http.request(method, path, token: user?.token, body: body, headers: headers)
        await http.socket.close()
        return reply
    }

    /// A WebSocket that has not said who it is.
    func connect(_ target: String = "/ws", _ headers: [String: String] = [:]) async throws -> TestClient {
        try await TestClient.open(try await TestSocket.connect(port: port), target, headers).0
    }

    /// A WebSocket that is ready.
    func connect(as user: TestUser) async throws -> TestClient {
        let client = try await connect("/ws?token=\(user.token)")
        _ = try await client.event("ready")
        return client
    }

    func scrape() async throws -> MetricsScrape {
        try MetricsScrape.parse(try await request("GET", "/metrics").text)
    }

    /// Asks until the condition holds; each try is a whole request, so this waits without a clock.
    func until(_ what: String, _ condition: (MetricsScrape) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if condition(try await scrape()) { return }
        }
        throw TestSocketError.timedOut(what)
    }
}

/// An account with an open session.
struct TestUser: Sendable {
    var user: User
    var session: SessionID
    var token: String
    var refreshToken: String

    var id: UserID { user.id }
    var name: String { user.username }
}

/// Lets those who wait through once it is open.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

func temporaryFile() -> String {
    FileManager.default.temporaryDirectory.appending(path: "chatserver-\(UUID()).db").path
}

func removeDatabase(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
}
