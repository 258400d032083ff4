import ChatProtocol
import NIOCore

/// Memberships that change while the run goes on. Seeded members stay and talk; guests come, listen and go. Nothing of a
/// room may reach who is out of it.
extension GeneratorLoop {
    /// Within this time of the server's answer, whoever left or was removed must be out, on every instance.
    static let eviction = TimeAmount.seconds(1)
    /// Changes under way on this loop.
    private static let maxChurns = 32

    /// Begins, goes on at another rate, or ends at 0.
    /// - Parameter rate: changes a second, over all loops.
    func changeMemberships(rate: Double) {
        guard churnRate != rate / Double(loopCount) else { return }
        churnRate = rate / Double(loopCount)
        churnRound += 1
        nextChange(round: churnRound)
    }

    private func nextChange(round: Int) {
        guard churnRate > 0, round == churnRound, !isStopped else { return }
        changeMembership()
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(1e9 / churnRate))) {
            self.nextChange(round: round)
        }
    }

    /// Guests' comings and goings that have not come to their end.
    var openChanges: Int {
        churnsUnderWay + users.count { $0.state == .ready && $0.guest.map { !$0.isInside } ?? false }
    }

    private func changeMembership() {
        guard !users.isEmpty, plan.rooms.count > 1, churnsUnderWay < Self.maxChurns else { return }
        let user = users[Int(noise.next() % UInt64(users.count))]
        guard user.state == .ready, !user.isChangingMembership else { return }
        guard let guest = user.guest else { return join(user) }
        if guest.state == .inside { leave(user, guest) }
    }

    private func join(_ user: VirtualUser) {
        let room = Int(noise.next() % UInt64(plan.rooms.count))
        let roomID = plan.rooms[room].id
        guard !user.memberships.contains(where: { $0.roomID == roomID }) else { return }
        churn.stays += 1
        user.guest = Guest(room: room, roomID: roomID, stay: churn.stays)
        user.send(.joinRoom(ClientEvent.JoinRoom(roomID: roomID, accessCode: plan.rooms[room].accessCode)))
    }

    /// `room_joined` came for a room that is not one of the client's own.
    func guestJoined(_ user: VirtualUser, _ roomID: RoomID, seq: Sequence64) {
        guard var guest = user.guest, guest.roomID == roomID, guest.state == .joining else {
            return unexpected("client \(user.index) came into room \(roomID), which it has no right to")
        }
        guest.state = .inside
        guest.track = ReceiverTrack(base: seq)
        user.guest = guest
        churn.joined += 1
    }

    /// Half of the guests leave by themselves, half are removed by the owner; over REST, at any server.
    private func leave(_ user: VirtualUser, _ guest: Guest) {
        let owner = plan.rooms[guest.room].members.first ?? 0
        let isRemoval = noise.next() % 2 == 0
        let endpoint = plan.endpoints[Int(noise.next() % UInt64(plan.endpoints.count))]
        let rest = RestClient(http: history.http, baseURL: endpoint.baseURL, timeout: .seconds(10))
        let token = plan.tokens[isRemoval ? owner : user.index]
        let path = isRemoval ? "members/\(plan.accounts[user.index].userID)" : "leave"
        user.guest?.state = .leaving
        user.isChangingMembership = true
        churnsUnderWay += 1
        let promise = eventLoop.makePromise(of: Void.self)
        promise.completeWithTask {
            try await rest.perform(isRemoval ? "DELETE" : "POST", "/rooms/\(guest.roomID)/\(path)", token: token)
        }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.churnsUnderWay -= 1
            user.isChangingMembership = false
            switch result {
            case .success:
                if isRemoval { self.churn.removed += 1 } else { self.churn.left += 1 }
                self.expectExit(of: user, stay: guest.stay)
            case .failure(let error):
                self.note(failure: "membership not ended: \(error)")
                guard let stay = user.guest, stay.stay == guest.stay, stay.state == .leaving else { return }
                // Whether the server did it, nobody can say, but after a plain refusal.
                let isRefusal = (error as? RestClient.Failure).map { (400..<500).contains($0.status) } ?? false
                if isRefusal { user.guest?.state = .inside } else { self.forget(guest: user) }
            }
        }
    }

    private func expectExit(of user: VirtualUser, stay: Int) {
        eventLoop.assumeIsolated().scheduleTask(in: Self.eviction) {
            guard let guest = user.guest, guest.stay == stay, guest.state == .leaving, user.state == .ready else {
                return
            }
            self.unexpected(
                "client \(user.index) is in room \(guest.roomID) still, a second after its membership ended")
            self.forget(guest: user)
        }
    }

    /// `room_left` came.
    /// - Returns: false if that was of no guest.
    func guestLeft(_ user: VirtualUser, _ roomID: RoomID) -> Bool {
        guard let guest = user.guest, guest.roomID == roomID, guest.state == .leaving else { return false }
        keep(guest, of: user)
        // A public room lets everybody in.
        guard plan.rooms[guest.room].accessCode != nil else {
            user.guest = nil
            return true
        }
        user.guest?.track = nil
        user.guest?.state = .knocking
        user.send(.joinRoom(ClientEvent.JoinRoom(roomID: roomID)))
        return true
    }

    /// - Returns: false if the error was of no guest.
    func guestRefused(_ user: VirtualUser, _ roomID: RoomID, _ code: String) -> Bool {
        guard let guest = user.guest, guest.roomID == roomID else { return false }
        switch guest.state {
        case .knocking where code == "wrong_access_code": churn.refused += 1
        case .knocking, .joining: note(failure: "guest refused: \(code)")
        case .inside, .leaving: return false
        }
        user.guest = nil
        return true
    }

    /// Its connection is lost, or its stay came to no good end.
    func forget(guest user: VirtualUser) {
        if let guest = user.guest { keep(guest, of: user) }
        user.guest = nil
    }

    /// What it had until then must have been without a hole.
    private func keep(_ guest: Guest, of user: VirtualUser) {
        guard let track = guest.track else { return }
        formerGuests.append(
            IntegrityVerdict.Receiver(client: user.index, room: guest.room, track: track, isPresent: false))
    }
}
