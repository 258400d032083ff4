import ChatProtocol
import NIOCore

/// One room on one event loop: its members there, and what they get in this tick. Confined to the loop.
///
/// A member is `live` once it has everything before the stream's next `seq`. Until then it either waits for the store
/// (`joins` counts those, and `log` keeps what passes meanwhile), or it has more than the stream has brought yet
/// (`ahead`), since the store was read after a commit whose message is still on its way.
final class LocalRoom {
    let id: RoomID
    var stream = RoomStream<Delivery>()
    private(set) var live: [WebSocketConnection] = []
    private var ahead: [(connection: WebSocketConnection, floor: Sequence64)] = []
    private(set) var joins = 0
    private var log: [Delivery] = []
    /// Delivered by the stream in this tick, not yet written.
    private var pending: [Delivery] = []
    private var presence: [(userID: UserID, frame: ByteBuffer)] = []
    var isRepairing = false

    init(id: RoomID) {
        self.id = id
    }

    var isEmpty: Bool { live.isEmpty && ahead.isEmpty && joins == 0 }
    var hasPending: Bool { !pending.isEmpty }
    var hasPresence: Bool { !presence.isEmpty }

    // MARK: - Joining

    func joinBegan() { joins += 1 }

    /// A join ended without a member.
    func joinFailed() {
        joins -= 1
        if joins == 0 { log = [] }
    }

    /// A member that has everything up to `floor`. Call it with nothing pending.
    /// - Returns: what passed since the join began and the member lacks.
    func joinSucceeded(_ connection: WebSocketConnection, floor: Sequence64) -> [Delivery] {
        let missed = log.filter { $0.seq > floor }
        joinFailed()
        if let next = stream.next, next <= floor {
            ahead.append((connection, floor))
        } else {
            live.append(connection)
        }
        return missed
    }

    func remove(_ connection: WebSocketConnection) {
        if let index = live.firstIndex(where: { $0 === connection }) {
            live.swapAt(index, live.count - 1)
            live.removeLast()
        }
        ahead.removeAll { $0.connection === connection }
    }

    // MARK: - Fan-out

    func append(_ delivery: Delivery) {
        pending.append(delivery)
        if joins > 0 { log.append(delivery) }
    }

    func append(_ frame: ByteBuffer, about userID: UserID) {
        presence.append((userID, frame))
    }

    /// Writes what the tick has gathered: one buffer, the same for every live member.
    /// - Returns: what was written, and to how many.
    func writePending() -> (deliveries: [Delivery], members: Int) {
        guard let first = pending.first else { return ([], 0) }
        let deliveries = pending
        pending = []
        var bytes = first.frame
        if deliveries.count > 1 {
            bytes = ByteBuffer()
            bytes.reserveCapacity(deliveries.reduce(0) { $0 + $1.frame.readableBytes })
            for delivery in deliveries { bytes.writeImmutableBuffer(delivery.frame) }
        }
        for connection in live { connection.write(bytes, frames: deliveries.count) }
        catchUp(deliveries)
        return (deliveries, live.count)
    }

    private func catchUp(_ deliveries: [Delivery]) {
        guard !ahead.isEmpty, let next = stream.next else { return }
        for (connection, floor) in ahead {
            for delivery in deliveries where delivery.seq > floor { connection.write(delivery.frame, frames: 1) }
        }
        live += ahead.filter { $0.floor < next }.map(\.connection)
        ahead.removeAll { $0.floor < next }
    }

    /// Writes the presence of the last ticks; each member gets what is about others.
    func writePresence() {
        let events = presence
        presence = []
        guard !events.isEmpty else { return }
        var all = ByteBuffer()
        for event in events { all.writeImmutableBuffer(event.frame) }
        let subjects = Set(events.map(\.userID))
        for connection in live + ahead.map(\.connection) {
            guard let userID = connection.userID, subjects.contains(userID) else {
                connection.writeSheddable(all, frames: events.count)
                continue
            }
            for event in events where event.userID != userID { connection.writeSheddable(event.frame, frames: 1) }
        }
    }

    /// The members' connections of one user.
    func connections(of userID: UserID) -> [WebSocketConnection] {
        (live + ahead.map(\.connection)).filter { $0.userID == userID }
    }
}
