import ChatProtocol
import NIOCore

/// What a join found out, of one snapshot of the store.
private struct JoinOutcome: Sendable {
    var catchUp: CatchUp
    var online: Int
    var change: Presence.Change?

    static func result(
        _ join: ClientEvent.JoinRoom,
        _ user: User,
        _ services: GatewayServices
    ) async -> Result<JoinOutcome, Problem> {
        do {
            try await services.subscriptions.acquire(join.roomID)
            _ = try await services.rooms.join(join.roomID, accessCode: join.accessCode, as: user)
            let isSameHistory = join.epoch == nil || join.epoch == services.settings.epoch
            let catchUp = try await services.store.catchUp(
                roomID: join.roomID,
                afterSeq: isSameHistory ? join.afterSeq : nil,
                limit: services.settings.replayLimit
            )
            let (online, change) = services.presence.join(join.roomID, user)
            return .success(JoinOutcome(catchUp: catchUp, online: online, change: change))
        } catch {
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
        let (services, eventLoop) = (services, loop.eventLoop)
        Task {
            let outcome = await JoinOutcome.result(join, user, services)
            eventLoop.execute { bound.value.joinSettled(join, user, outcome) }
        }
    }

    private func joinSettled(_ join: ClientEvent.JoinRoom, _ user: User, _ outcome: Result<JoinOutcome, Problem>) {
        let isDoubtful = joining?.isDoubtful ?? false
        joining = nil
        switch outcome {
        case .failure(let problem):
            loop.joinFailed(join.roomID)
            machine.joinSettled(join.roomID, joined: false)
            services.metrics.error(problem.code == .rateLimited ? .rateLimit : .authorize)
            send(.error(problem.event(roomID: join.roomID)))
        case .success(let outcome) where machine.isClosed || context == nil:
            undo(join, user, outcome)
        case .success(let outcome) where isDoubtful:
            // Only the store can say whether the membership ended before it was looked at, or after.
            undo(join, user, outcome)
            return beginJoin(join, user)
        case .success(let outcome):
            machine.joinSettled(join.roomID, joined: true)
            succeeded(join, outcome)
        }
        takeInputs()
    }

    private func undo(_ join: ClientEvent.JoinRoom, _ user: User, _ outcome: JoinOutcome) {
        loop.joinFailed(join.roomID)
        let change = services.presence.leave(join.roomID, user.id, silently: true, now: .now())
        loop.announce([outcome.change, change].compactMap { $0 })
    }

    private func succeeded(_ join: ClientEvent.JoinRoom, _ outcome: JoinOutcome) {
        let seq = outcome.catchUp.lastSeq
        let recovered = recovers(join, outcome.catchUp)
        if join.afterSeq != nil { services.metrics.recovery(recovered ? "recovered" : "refused").increment() }
        send(
            .roomJoined(
                ServerEvent.RoomJoined(
                    roomID: join.roomID,
                    seq: seq,
                    epoch: services.settings.epoch,
                    online: outcome.online,
                    recovered: recovered
                )
            )
        )
        if recovered {
            for message in outcome.catchUp.messages { send(.message(message, trace: nil)) }
            services.metrics.deliveries[.replay]?.increment(by: Int64(outcome.catchUp.messages.count))
        }
        for delivery in loop.joinSucceeded(join.roomID, self, floor: seq) { write(delivery.frame, frames: 1) }
        if let change = outcome.change { loop.announce([change]) }
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
