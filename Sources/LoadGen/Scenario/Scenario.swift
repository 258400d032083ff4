import Foundation

/// How a client shows its token when it opens its WebSocket.
enum AuthMethod: String, Sendable, CaseIterable {
    /// `?token=…` in the address.
    case query
    /// `Sec-WebSocket-Protocol: chat.v1, bearer.…`.
    case `subprotocol`
    /// An `authenticate` event as the first message.
    case message
}

/// What the load generator does to a server: how many clients, in which rooms, sending what and when, and which
/// rules the result has to meet. It says nothing of the servers; that is the `Setup`'s part, so that any scenario
/// runs on any setup.
///
/// Values that come from `parse` are valid: every range and every rule between the fields has been checked.
struct Scenario: Sendable, Equatable {
    /// The shortest content that holds the stamp which every message carries.
    static let minimumPayloadBytes = 80
    /// The longest content that a server accepts.
    static let maximumPayloadBytes = 4000
    static let maximumClients = 100_000
    /// Every membership costs a `join_room`; beyond this, joining takes longer than any run.
    static let maximumMemberships = 10_000_000

    var name: String
    var description: String
    var clients: Int
    var rooms: RoomsSpec
    /// The length of a message's content. It is ASCII, so bytes and characters are the same.
    var payloadBytes: Int
    var auth: AuthMethod
    /// The first phase connects all clients; at least one of the others is measured.
    var phases: [Phase]
    /// The rules as they were written. `Scenario` does not know their language.
    var thresholds: [String]
    /// The line of each threshold in its file, for error messages; empty if the thresholds come from no file.
    @Uncompared var thresholdLines: [Int]
    /// How long to wait at the end for outstanding acks and deliveries.
    var drain: Duration
    /// The share of messages, 0…1, that ask the server for its trace stamps.
    var traceShare: Double
    /// False to leave out what proves integrity, and so to see what that costs: such a run proves nothing, and fails.
    var isVerified = true

    init(
        name: String,
        description: String = "",
        clients: Int,
        rooms: RoomsSpec,
        payloadBytes: Int = 120,
        auth: AuthMethod = .query,
        phases: [Phase],
        thresholds: [String] = [],
        thresholdLines: [Int] = [],
        drain: Duration = .seconds(10),
        traceShare: Double = 0.01
    ) {
        self.name = name
        self.description = description
        self.clients = clients
        self.rooms = rooms
        self.payloadBytes = payloadBytes
        self.auth = auth
        self.phases = phases
        self.thresholds = thresholds
        self.thresholdLines = thresholdLines
        self.drain = drain
        self.traceShare = traceShare
    }

    /// The phases whose messages count in the result.
    var measuredPhases: [Phase] { phases.filter(\.measure) }

    /// The length of all measured phases together.
    var measuredDuration: Duration {
        measuredPhases.reduce(.zero) { $0 + ($1.duration ?? .zero) }
    }
}

/// A stored property that is no part of its type's identity: two values that differ only here are equal.
@propertyWrapper
struct Uncompared<Value: Sendable>: Sendable, Equatable {
    var wrappedValue: Value

    static func == (lhs: Self, rhs: Self) -> Bool { true }
}
