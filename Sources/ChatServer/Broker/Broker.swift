import ChatProtocol
import NIOCore

/// Carries what happens in rooms from the instance where it happened to every instance with a member there.
///
/// Promises, the same for every implementation (one conformance suite checks them):
/// - Messages that one instance publishes to one room arrive in that order at each subscriber, the publisher included.
/// - Nothing arrives for a room before ``subscribe(_:)`` for it has returned, or after ``unsubscribe(_:)`` has.
/// - Delivery is at most once: a message may be lost, never altered. Receivers repair holes by `seq` from the store.
/// - ``publish(_:done:)`` hands the batch to the own instance's sink at once, whatever the broker does, and never waits.
///   It calls `done` once the broker has accepted the batch for the others, or could not within its timeout.
/// - After an outage the sink is told by ``BrokerSink/resumed()``, once every subscription is in place again.
protocol Broker: Sendable {
    /// `memory`, or the kind and version of the server behind it, for people.
    var description: String { get async }
    /// Begins to deliver. The sink must not block.
    func start(_ sink: any BrokerSink) async throws
    func publish(_ batch: [BrokerMessage], done: @escaping @Sendable (Result<Void, any Error>) -> Void)
    /// Tells every instance, the own included. What could not be told is an error; that a session has ended or a room is
    /// deleted is told all the same as soon as the broker is back.
    func announce(_ notice: BrokerNotice) async throws
    func subscribe(_ roomID: RoomID) async throws
    func unsubscribe(_ roomID: RoomID) async throws
    /// True if other instances can be behind it.
    var isShared: Bool { get }
    /// Seconds since the last probe came back through it; 0 where there is nothing to probe.
    var probeAge: Double { get }
    /// Nil if the broker can be relied on, or a few words of what is wrong.
    var trouble: String? { get }
    func close() async
}

extension Broker {
    /// Publishes, and returns once the broker has accepted the batch.
    func publish(_ batch: [BrokerMessage]) async throws {
        try await withCheckedThrowingContinuation { waiter in publish(batch) { waiter.resume(with: $0) } }
    }
}

/// Names one run of one server: two servers of the same name, or one before and after a restart, are told apart.
struct InstanceID: Hashable, Sendable {
    var bits: UInt64

    static func random() -> InstanceID { InstanceID(bits: .random(in: .min ... .max)) }
}

/// Where a broker delivers, in the order in which it received.
protocol BrokerSink: AnyObject, Sendable {
    /// Messages and notices may have been lost until now; from now on they arrive again.
    func resumed()
    func received(_ batch: [BrokerMessage])
    func received(_ notice: BrokerNotice)
}

/// One stored message on its way to every member.
struct BrokerMessage: Sendable {
    var roomID: RoomID
    var seq: Sequence64
    /// The JSON text of the `message` event without its trace: encoded once, by the instance that stored it.
    var payload: ByteBuffer
    /// The instance that stored it.
    var origin: String
    /// When the origin read the sender's frame and when it published, nanoseconds since the Unix epoch.
    var receivedNanoseconds: Int64
    var publishedNanoseconds: Int64
    /// Set if the sender asked for a trace.
    var trace: Trace?
}

/// What an instance says about who is connected to it.
struct PresenceNotice: Equatable, Sendable {
    enum Content: Equatable, Sendable {
        /// What changed since the notice before.
        case reports([Presence.Report])
        /// A part of everybody who is there; the first part replaces what was known.
        case snapshot([Presence.Report], isFirst: Bool)
        /// It lives, and nothing changed.
        case heartbeat
        /// It has missed something: all others are asked for their snapshots.
        case request
        /// It stops.
        case goodbye
    }

    var instance: InstanceID
    /// Counts the notices that change something; a hole means that one was lost.
    var number: UInt64
    var content: Content
}

/// What else the instances tell each other.
enum BrokerNotice: Equatable, Sendable {
    /// The user is no member any more: its sockets leave the room.
    case memberLeft(roomID: RoomID, userID: UserID, reason: ServerEvent.LeaveReason)
    /// The room is gone: every socket leaves it.
    case roomDeleted(RoomID)
    /// The room has another name.
    case roomRenamed(RoomID, name: String)
    /// The session was logged out or its token family revoked: its sockets close.
    case sessionRevoked(SessionID)
    case presence(PresenceNotice)
    case typing(roomID: RoomID, userID: UserID, username: String)
}
