import ChatProtocol
import NIOCore
import Synchronization

/// One message at one instance, on its way to the event loops that have members of its room: the same bytes for all.
final class Delivery: Sendable {
    let roomID: RoomID
    let seq: Sequence64
    /// The whole WebSocket frame.
    let frame: ByteBuffer
    let path: ServerMetrics.DeliveryPath
    let receivedNanoseconds: Int64
    private let loopsLeft: Atomic<Int>

    init(
        roomID: RoomID,
        seq: Sequence64,
        frame: ByteBuffer,
        path: ServerMetrics.DeliveryPath,
        receivedNanoseconds: Int64,
        loops: Int
    ) {
        self.roomID = roomID
        self.seq = seq
        self.frame = frame
        self.path = path
        self.receivedNanoseconds = receivedNanoseconds
        loopsLeft = Atomic(loops)
    }

    /// Called by each loop when its last socket is written.
    /// - Returns: true for the last loop of all.
    func finished() -> Bool {
        loopsLeft.subtract(1, ordering: .relaxed).newValue == 0
    }
}

/// What other threads hand to an event loop.
enum LoopItem: Sendable {
    case delivery(Delivery)
    case settled(SettledSend)
    case notice(BrokerNotice)
    case presence(Presence.Change)
    /// The store has this `seq` in the room.
    case head(RoomID, Sequence64)
}
