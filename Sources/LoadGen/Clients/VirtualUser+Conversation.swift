import ChatProtocol
import NIOCore

/// What a client says beside its messages, and what it makes of the answers.
extension VirtualUser {
    func send(_ event: ClientEvent) {
        var frame = ByteBuffer()
        frame.writeMaskedTextFrame(maskingKey: loop.maskingKey()) { event.encode(into: &$0) }
        write(frame)
    }

    /// There is a new token: an open connection gets it, too.
    func renewToken() {
        switch state {
        case .joining, .ready: send(.authenticate(token: loop.plan.tokens[index]))
        case .idle, .connecting, .authenticating, .closed: break
        }
    }

    /// `ready` came: joins the rooms, and those in which it was before from where it was.
    func isReady(instance: Int, now: Int64) {
        guard state == .authenticating else { return }
        self.instance = instance
        loop.clientConnected(self, now: now)
        wasConnected = true
        state = .joining(memberships.count)
        // Where nothing is tracked, nothing is known that could be asked for.
        if !loop.plan.isVerified { for place in memberships.indices { memberships[place].track = nil } }
        for membership in memberships {
            send(
                .joinRoom(
                    ClientEvent.JoinRoom(
                        roomID: membership.roomID,
                        accessCode: loop.plan.rooms[membership.room].accessCode,
                        afterSeq: membership.track?.highest,
                        epoch: membership.epoch
                    )
                )
            )
        }
        joinAnswered(0)
    }

    /// - Parameter recovered: false if what was missed must be read over REST.
    func joined(_ roomID: RoomID, seq: Sequence64, epoch: String?, recovered: Bool) {
        guard let place = memberships.firstIndex(where: { $0.roomID == roomID }) else {
            return loop.guestJoined(self, roomID, seq: seq)
        }
        if let track = memberships[place].track {
            if !recovered, seq > track.highest {
                loop.readHistory(of: self, at: place, after: track.highest, through: seq)
            }
        } else {
            memberships[place].track = ReceiverTrack(base: seq)
        }
        memberships[place].epoch = epoch
        joinAnswered(1)
    }

    /// - Parameter isTemporary: the server asks for another try: the client connects anew.
    func joinRefused(_ code: String, isTemporary: Bool) {
        guard case .joining = state else { return loop.note(failure: "refused: \(code)") }
        if isTemporary { return dropSocket("join refused: \(code)") }
        loop.note(failure: "join refused: \(code)")
        joinAnswered(1)
    }

    private func joinAnswered(_ count: Int) {
        guard case .joining(let left) = state else { return }
        state = left - count <= 0 ? .ready : .joining(left - count)
        guard state == .ready else { return }
        loop.clientReady(self)
        wasReady = true
        failedAttempts = 0
    }
}
