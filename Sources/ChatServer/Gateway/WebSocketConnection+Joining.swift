import ChatProtocol
import NIOCore

/// What the store says to a join, of one snapshot.
private enum JoinLookup {
    /// Checks the right, has the broker deliver the room, and reads the store: in this order, so that no message falls
    /// in between. Success keeps the room's subscription, which wants a release.
    static func result(
        _ join: ClientEvent.JoinRoom,
        _ user: User,
        _ address: ClientAddress,
        _ services: GatewayServices
    ) async -> Result<CatchUp, Problem> {
        do {
            _ = try await services.rooms.join(join.roomID, accessCode: join.accessCode, as: user, from: address)
            try await services.subscriptions.acquire(join.roomID)
        } catch {
            return .failure(Problem(error))
        }
        do {
            let isSameHistory = join.epoch == nil || join.epoch == services.settings.epoch
            return .success(
                try await services.store.catchUp(
                    roomID: join.roomID,
                    afterSeq: isSameHistory ? join.afterSeq : nil,
                    limit: services.settings.replayLimit
                )
            )
        } catch {
            await services.subscriptions.release(join.roomID)
            return .failure(Problem(error))
        }
    }
}

extension WebSocketConnection {
    /// Joins a room: first the live messages are held, then the store is read, so that nothing falls in between.
    func join(_ join: ClientEvent.JoinRoom) {
        guard let user = machine.identity?.user else { return }
        if machine.remove(join.roomID) {
            // Joining again starts over; for the others nothing has happened.
            loop.left(join.roomID, self, silently: true)
        }
        beginJoin(join, user)
    }

    private func beginJoin(_ join: ClientEvent.JoinRoom, _ user: User) {
        loop.joinBegan(join.roomID)
        joining = (join.roomID, isDoubtful: false)
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let (services, eventLoop, address) = (services, loop.eventLoop, address)
        Task {
            let found = await JoinLookup.result(join, user, address, services)
            eventLoop.execute { bound.value.joinSettled(join, user, found) }
        }
    }

    private func joinSettled(_ join: ClientEvent.JoinRoom, _ user: User, _ found: Result<CatchUp, Problem>) {
        let isDoubtful = joining?.isDoubtful ?? false
        joining = nil
        switch found {
        case .failure(let problem):
            loop.joinFailed(join.roomID, isSubscribed: false)
            machine.joinSettled(join.roomID, joined: false)
            services.metrics.error(problem.code == .rateLimited ? .rateLimit : .authorize)
            send(.error(problem.event(roomID: join.roomID)))
        case .success where machine.isClosed || context == nil:
            loop.joinFailed(join.roomID, isSubscribed: true)
        case .success where isDoubtful:
            // Only the store can say whether the membership ended before it was looked at, or after.
            loop.joinFailed(join.roomID, isSubscribed: true)
            return beginJoin(join, user)
        case .success(let catchUp):
            machine.joinSettled(join.roomID, joined: true)
            succeeded(join, user, catchUp)
        }
        takeInputs()
    }

    private func succeeded(_ join: ClientEvent.JoinRoom, _ user: User, _ catchUp: CatchUp) {
        let recovered = recovers(join, catchUp)
        if join.afterSeq != nil { services.metrics.recovery(recovered ? "recovered" : "refused").increment() }
        let online = services.presence.join(join.roomID, user)
        send(
            .roomJoined(
                ServerEvent.RoomJoined(
                    roomID: join.roomID,
                    seq: catchUp.lastSeq,
                    epoch: services.settings.epoch,
                    online: online,
                    recovered: recovered
                )
            )
        )
        if recovered { replay(catchUp.messages) }
        // Writing may have found the socket's end, and then it has left already.
        guard !machine.isClosed, context != nil else {
            return loop.joinFailed(join.roomID, isSubscribed: false)
        }
        loop.joinSucceeded(join.roomID, self, floor: catchUp.lastSeq)
    }

    /// Writes what was missed, in few buffers.
    private func replay(_ messages: [Message]) {
        var bytes = ByteBuffer()
        var frames = 0
        for (index, message) in messages.enumerated() {
            ServerEvent.message(message, trace: nil).encodeFrame(into: &bytes)
            frames += 1
            guard bytes.readableBytes >= 256 << 10 || index == messages.count - 1 else { continue }
            writeReplay(bytes, frames: frames)
            bytes = ByteBuffer()
            frames = 0
        }
        services.metrics.deliveries[.replay]?.increment(by: Int64(messages.count))
    }

    private func recovers(_ join: ClientEvent.JoinRoom, _ catchUp: CatchUp) -> Bool {
        guard let afterSeq = join.afterSeq, join.epoch == nil || join.epoch == services.settings.epoch else {
            return false
        }
        return afterSeq <= catchUp.lastSeq && Int64(catchUp.messages.count) == catchUp.lastSeq - afterSeq
    }

    /// A membership of this user in the room has ended: a join that is under way must ask again.
    func doubtJoin(of roomID: RoomID) {
        if joining?.roomID == roomID { joining?.isDoubtful = true }
    }

    /// The membership ended elsewhere: over REST, by the owner, or on another instance.
    func lost(_ roomID: RoomID, _ reason: ServerEvent.LeaveReason) {
        guard machine.remove(roomID) else { return }
        loop.left(roomID, self, silently: false)
        send(.roomLeft(roomID: roomID, reason: reason))
    }
}
