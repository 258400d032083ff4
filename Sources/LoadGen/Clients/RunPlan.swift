import ChatProtocol
import NIOCore
import Synchronization

/// Where clients connect.
struct Endpoint: Sendable, Equatable {
    var host: String
    var port: Int
    var isTLS: Bool

    /// `http://…` or `https://…`, for REST.
    var baseURL: String { "\(isTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    var isLoopback: Bool { host == "localhost" || host.hasPrefix("127.") || host == "::1" }
}

/// One client's account.
struct Account: Sendable, Equatable {
    var userID: UserID
    var username: String
    /// At the run's start; ``RunPlan/tokens`` has the present one.
    var token: String
    /// Nil if the token outlives any run.
    var renewal: Renewal?

    /// How a token is renewed.
    struct Renewal: Sendable, Equatable {
        var refreshToken: String
        /// Well before the access token ends.
        var dueAt: ContinuousClock.Instant

        init(refreshToken: String, dueAt: ContinuousClock.Instant) {
            self.refreshToken = refreshToken
            self.dueAt = dueAt
        }

        /// - Parameter expiresIn: seconds that the access token lives from now on; it is due after two thirds.
        init(refreshToken: String, expiresIn: Int, now: ContinuousClock.Instant = .now) {
            self.init(refreshToken: refreshToken, dueAt: now + .seconds(max(1, expiresIn)) * 2 / 3)
        }
    }
}

/// One room of the run.
struct RoomPlan: Sendable, Equatable {
    var id: RoomID
    var accessCode: String?
    /// Numbers of the member clients.
    var members: [Int]
}

/// Everything that a run's clients need to know; fixed before the first connects.
struct RunPlan: Sendable {
    /// Of this run alone: another run's messages are told apart by it.
    let run: UInt32
    let seed: UInt64
    let schedule: Schedule
    let endpoints: [Endpoint]
    let accounts: [Account]
    let rooms: [RoomPlan]
    let auth: AuthMethod
    let payloadBytes: Int
    let traceShare: Double
    /// False if deliveries are timed and counted only.
    let isVerified: Bool
    /// Clients a second.
    let connectRate: Double
    /// By client: the places of its rooms in ``rooms``.
    let memberships: [[Int32]]
    /// By client: its turn to connect, at random. Were it in the order of the rooms, a balancer that deals in turn would
    /// spread each room more evenly than people do.
    let turns: [Int]
    let instances = InstanceNames()
    /// Those of the stage, which outlives the run; a new book if there is none.
    let tokens: TokenBook

    init(
        run: UInt32,
        seed: UInt64,
        schedule: Schedule,
        endpoints: [Endpoint],
        accounts: [Account],
        rooms: [RoomPlan],
        auth: AuthMethod,
        payloadBytes: Int,
        traceShare: Double,
        isVerified: Bool = true,
        connectRate: Double,
        tokens: TokenBook? = nil
    ) {
        self.run = run
        self.seed = seed
        self.schedule = schedule
        self.endpoints = endpoints
        self.accounts = accounts
        self.rooms = rooms
        self.auth = auth
        self.payloadBytes = payloadBytes
        self.traceShare = traceShare
        self.isVerified = isVerified
        self.connectRate = connectRate
        self.tokens = tokens ?? TokenBook(accounts)
        var random = SeededGenerator(seed: seed &+ 0x7475_726E)
        turns = Array(accounts.indices).shuffled(using: &random)
        var memberships: [[Int32]] = Array(repeating: [], count: accounts.count)
        for (index, room) in rooms.enumerated() {
            for client in room.members { memberships[client].append(Int32(index)) }
        }
        self.memberships = memberships
    }

    /// The highest `seq` that a room of this run can have; beyond it a message is invented.
    var highestSeq: Sequence64 { Int64(schedule.count) + 1_000_000 }
}

/// The instances that clients met, numbered in the order of meeting.
final class InstanceNames: Sendable {
    private let names = Mutex<[String]>([])

    func number(of name: String) -> Int {
        names.withLock { names in
            if let index = names.firstIndex(of: name) { return index }
            names.append(name)
            return names.count - 1
        }
    }

    var all: [String] { names.withLock { $0 } }
}
