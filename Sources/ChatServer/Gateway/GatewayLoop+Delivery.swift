import ChatProtocol
import NIOCore

/// Messages on their way into a room, and what is done about those that did not come.
extension GatewayLoop {
    private static let repairPage = 200

    func deliver(_ delivery: Delivery) {
        guard let room = rooms[delivery.roomID] else {
            _ = delivery.finished()
            return
        }
        offer(delivery, to: room)
    }

    private func offer(_ delivery: Delivery, to room: LocalRoom) {
        room.offered(delivery)
        switch room.stream.offer(delivery.seq, delivery) {
        case .deliver(let deliveries): append(deliveries, to: room)
        case .drop:
            if delivery.path != .replay { services.metrics.gap(.duplicate) }
            _ = delivery.finished()
        case .hold:
            services.metrics.gap(.held)
            planRepair(room)
        case .wait: break
        }
    }

    func append(_ deliveries: [Delivery], to room: LocalRoom) {
        guard !deliveries.isEmpty else { return }
        if !room.hasPending { dirtyRooms.append(room) }
        for delivery in deliveries { room.append(delivery) }
        scheduleFlush()
    }

    /// The store has this `seq`, so it is missing here if it does not come soon.
    func noticed(head: Sequence64, of roomID: RoomID) {
        guard let room = rooms[roomID] else { return }
        room.noticed(head: head)
        planRepair(room)
    }

    // MARK: - Repair

    private func planRepair(_ room: LocalRoom) {
        guard let delay = room.repairs.plan(hole: room.hole) else { return }
        let roomID = room.id
        eventLoop.assumeIsolated().scheduleTask(in: delay) { self.repair(roomID) }
    }

    /// Reads the room's hole from the store, if it is still there.
    private func repair(_ roomID: RoomID) {
        guard let room = rooms[roomID] else { return }
        guard let hole = room.hole else { return room.repairs.closed() }
        services.metrics.gap(.hole)
        let limit = min(hole.count, Self.repairPage)
        let store = services.store
        Task {
            let page = MessagePage.after(hole.lowerBound - 1)
            let found = try? await store.messages(in: roomID, page: page, limit: limit).messages
            self.eventLoop.execute { self.repaired(roomID, found) }
        }
    }

    private func repaired(_ roomID: RoomID, _ found: [Message]?) {
        services.metrics.gap(found == nil ? .repairFailed : .repaired)
        if found == nil { services.metrics.error(.deliver) }
        guard let room = rooms[roomID] else { return }
        for message in found ?? [] {
            var frame = ByteBuffer()
            ServerEvent.message(message, trace: nil).encodeFrame(into: &frame)
            let delivery = Delivery(
                roomID: roomID,
                seq: message.seq,
                frame: frame,
                path: .replay,
                receivedNanoseconds: message.createdAt.microseconds * 1000,
                loops: 1
            )
            offer(delivery, to: room)
        }
        room.repairs.tried(isFruitful: found?.isEmpty == false)
        planRepair(room)
    }
}
