import ChatProtocol
import NIOCore

/// One room on one event loop: its members there, and what they get in this tick. Confined to the loop.
///
/// A member is `live` once it has exactly what the stream has brought. Until then it either waits for the store
/// (`joins` counts those), or it catches up: the store gave it more than the stream has brought yet, or the stream
/// was started by somebody else's join, behind a message that it still lacks. `recent` keeps what is offered
/// meanwhile, whatever the stream makes of it.
///
/// `@exclusivity(unchecked)`: what each member costs at each message is read without the runtime's check. No member function of
/// these arrays calls out, so that no two accesses overlap.
final class LocalRoom {
    /// A member that stands elsewhere than the stream.
    private final class CatchingUp {
        let connection: WebSocketConnection
        var next: Sequence64

        init(_ connection: WebSocketConnection, next: Sequence64) {
            self.connection = connection
            self.next = next
        }
    }

    /// Of ``recent``; what is pushed out of it is read from the store again.
    private static let recentBound = 4096
    private static let presenceBound = 1024

    let id: RoomID
    var stream = RoomStream<Delivery>()
    @exclusivity(unchecked) private(set) var live: [WebSocketConnection] = []
    @exclusivity(unchecked) private var catchingUp: [CatchingUp] = []
    private(set) var joins = 0
    private var recent: [Sequence64: Delivery] = [:]
    /// The last `seq` that the store was seen to have.
    private var head: Sequence64 = 0
    /// Delivered by the stream in this tick, not yet written.
    @exclusivity(unchecked) private var pending: [Delivery] = []
    private var presence: [(userID: UserID, frame: ByteBuffer)] = []
    private var typing: Set<UserID> = []
    var repairs = RepairSchedule()
    /// What all its members together may send; nil without a limit.
    let sendLimit: SharedBucket?

    init(id: RoomID, sendLimit: SharedBucket?) {
        self.id = id
        self.sendLimit = sendLimit
    }

    var isEmpty: Bool { live.isEmpty && catchingUp.isEmpty && joins == 0 }
    var hasPending: Bool { !pending.isEmpty }
    var hasPresence: Bool { !presence.isEmpty }

    // MARK: - Joining

    func joinBegan() { joins += 1 }

    /// A join ended without a member.
    func joinFailed() {
        joins -= 1
        forgetRecent()
    }

    /// A member that has everything up to `floor`: writes what passed since its join began and it lacks. Call it with
    /// nothing pending.
    func joinSucceeded(_ connection: WebSocketConnection, floor: Sequence64) {
        let member = CatchingUp(connection, next: floor + 1)
        joins -= 1
        // In before anything is written: writing may find the socket's end, and that takes it out again.
        catchingUp.append(member)
        advance(member)
        promote()
    }

    /// - Returns: false if it was no member, or no member yet.
    func remove(_ connection: WebSocketConnection) -> Bool {
        let count = live.count + catchingUp.count
        // From the end, which is where they leave when all of them do.
        if let index = live.lastIndex(where: { $0 === connection }) {
            live.swapAt(index, live.count - 1)
            live.removeLast()
        }
        catchingUp.removeAll { $0.connection === connection }
        forgetRecent()
        return live.count + catchingUp.count < count
    }

    /// The store was seen to have this `seq`.
    func noticed(head seq: Sequence64) { head = max(head, seq) }

    /// The first messages that somebody here lacks and that nobody has brought yet; nil if there are none.
    var hole: ClosedRange<Sequence64>? {
        guard let next = stream.next else { return nil }
        let behind = catchingUp.map(\.next).filter { $0 < next }.min()
        if let behind { return behind...next - 1 }
        return stream.hole ?? (next <= head ? next...head : nil)
    }

    /// Takes note of a delivery before the stream does; who waits for just this one gets it at once.
    func offered(_ delivery: Delivery) {
        guard joins > 0 || !catchingUp.isEmpty else { return }
        if recent.count >= Self.recentBound, let middle = recent.keys.sorted().dropFirst(recent.count / 2).first {
            recent = recent.filter { $0.key >= middle }
        }
        recent[delivery.seq] = delivery
        for member in catchingUp where member.next == delivery.seq { advance(member) }
        if pending.isEmpty { promote() }
    }

    private func advance(_ member: CatchingUp) {
        while let delivery = recent[member.next] {
            member.next += 1
            member.connection.write(delivery.frame, frames: 1)
        }
    }

    /// Makes live who has what the stream has brought. Call it with nothing pending.
    private func promote() {
        guard !catchingUp.isEmpty, let next = stream.next else { return }
        // Writing may have ended a connection, and so taken it out.
        live += catchingUp.filter { $0.next == next }.map(\.connection)
        catchingUp.removeAll { $0.next == next }
        forgetRecent()
    }

    private func forgetRecent() {
        if joins == 0, catchingUp.isEmpty { recent = [:] }
    }

    // MARK: - Fan-out

    func append(_ delivery: Delivery) { pending.append(delivery) }

    /// What the others in the room are told about a user.
    func append(_ frame: ByteBuffer, about userID: UserID) { presence.append((userID, frame)) }

    /// Once a user and tick is enough, and it is the first to go under load.
    func append(typing frame: ByteBuffer, of userID: UserID) {
        guard presence.count < Self.presenceBound, typing.insert(userID).inserted else { return }
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
        write(bytes, frames: deliveries.count)
        // Without those who were closed meanwhile, since they read too slowly.
        let reached = live.count
        promote()
        return (deliveries, reached)
    }

    private func write(_ bytes: ByteBuffer, frames: Int) {
        // A copy: a write may close a connection, and that takes it out.
        let members = live
        members.forEachAhead { $0.write(bytes, frames: frames) }
    }

    /// Writes the presence of the last ticks; each member gets what is about others.
    func writePresence() {
        let events = presence
        presence = []
        typing = []
        guard !events.isEmpty else { return }
        var all = ByteBuffer()
        for event in events { all.writeImmutableBuffer(event.frame) }
        let subjects = Set(events.map(\.userID))
        for connection in connections {
            guard let userID = connection.userID, subjects.contains(userID) else {
                connection.writeSheddable(all, frames: events.count)
                continue
            }
            for event in events where event.userID != userID { connection.writeSheddable(event.frame, frames: 1) }
        }
    }

    var connections: [WebSocketConnection] { live + catchingUp.map(\.connection) }

    /// The members' connections of one user.
    func connections(of userID: UserID) -> [WebSocketConnection] { connections.filter { $0.userID == userID } }
}
