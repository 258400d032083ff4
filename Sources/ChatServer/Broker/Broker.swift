import ChatProtocol
import NIOCore

/// Carries what happens in rooms from the instance where it happened to every instance with a member there.
///
/// Promises, the same for every implementation (one conformance suite checks them):
/// - Messages that one instance publishes to one room arrive in that order at each subscriber, the publisher included.
/// - Nothing arrives for a room before ``subscribe(_:)`` for it has returned, or after ``unsubscribe(_:)`` has.
/// - Delivery is at most once: a message may be lost, never altered. Receivers repair holes by `seq` from the store.
/// - ``publish(_:)`` returns once the broker has accepted the batch, or throws within the broker's timeout.
protocol Broker: Sendable {
    /// `memory`, or the kind and version of the server behind it, for people.
    var description: String { get async }
    /// Begins to deliver. The sink must not block.
    func start(_ sink: any BrokerSink) async throws
    func publish(_ batch: [BrokerMessage]) async throws
    /// Tells every instance, the own included.
    func announce(_ notice: BrokerNotice) async throws
    func subscribe(_ roomID: RoomID) async throws
    func unsubscribe(_ roomID: RoomID) async throws
    /// Nil if the broker can be relied on, or a few words of what is wrong.
    var trouble: String? { get }
    func close() async
}

/// Where a broker delivers, in the order in which it received.
protocol BrokerSink: AnyObject, Sendable {
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

/// What else the instances tell each other.
enum BrokerNotice: Equatable, Sendable {
    /// The user is no member any more: its sockets leave the room.
    case memberLeft(roomID: RoomID, userID: UserID, reason: ServerEvent.LeaveReason)
    /// The session was logged out or its token family revoked: its sockets close.
    case sessionRevoked(SessionID)
    case presence(ServerEvent.Presence, joined: Bool)
    case typing(roomID: RoomID, userID: UserID, username: String)
}
