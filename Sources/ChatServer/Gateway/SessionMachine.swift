import ChatProtocol

/// One connection's conversation, without its socket: what each event means, given what came before. Pure.
struct SessionMachine {
    /// What the connection does next.
    enum Action: Equatable {
        case verify(token: String)
        case sendReady(Identity)
        case join(ClientEvent.JoinRoom)
        case leave(RoomID)
        case submit(ClientEvent.MessageSend)
        case typing(RoomID)
        case pong(String?)
        case refuse(ProtocolError)
        case close(CloseReason)
        case none
    }

    private enum Phase: Equatable {
        case unauthenticated
        /// A token is being verified; `renewing` is who the connection belongs to already.
        case authenticating(renewing: Identity?)
        case active(Identity)
        case joining(Identity, RoomID)
        case closed
    }

    private var phase = Phase.unauthenticated
    /// The rooms joined on this connection: few, so a list.
    private(set) var rooms: [RoomID] = []

    /// Whom the connection belongs to, also after its end; nil if it never authenticated.
    private(set) var owner: User?

    var identity: Identity? {
        switch phase {
        case .active(let identity), .joining(let identity, _), .authenticating(.some(let identity)): identity
        case .unauthenticated, .authenticating(.none), .closed: nil
        }
    }

    /// While true, no further event may be handed in: the order of a connection's events is kept.
    var isBusy: Bool {
        switch phase {
        case .authenticating, .joining: true
        case .unauthenticated, .active, .closed: false
        }
    }

    var isClosed: Bool { if case .closed = phase { true } else { false } }

    mutating func received(_ event: ClientEvent) -> Action {
        if case .closed = phase { return .none }
        if case .authenticate(let token) = event {
            phase = .authenticating(renewing: identity)
            return .verify(token: token)
        }
        guard let identity else { return .refuse(Self.unauthenticated(event)) }
        switch event {
        case .authenticate: return .none
        case .joinRoom(let join):
            phase = .joining(identity, join.roomID)
            return .join(join)
        case .leaveRoom(let roomID):
            guard remove(roomID) else { return .refuse(Self.notJoined(roomID)) }
            return .leave(roomID)
        case .messageSend(let send):
            guard rooms.contains(send.roomID) else {
                return .refuse(Self.notJoined(send.roomID, clientMessageID: send.clientMessageID))
            }
            return .submit(send)
        case .typing(let roomID): return rooms.contains(roomID) ? .typing(roomID) : .refuse(Self.notJoined(roomID))
        case .ping(let t): return .pong(t)
        }
    }

    mutating func verified(_ result: Result<Identity, TokenError>) -> Action {
        guard case .authenticating(let renewing) = phase else { return .none }
        switch result {
        case .success(let identity) where renewing == nil || renewing?.user.id == identity.user.id:
            phase = .active(identity)
            owner = identity.user
            return .sendReady(identity)
        case .success: return .close(.anotherUser)
        case .failure(.invalid): return .close(.tokenInvalid)
        case .failure(.expired): return .close(.tokenExpired)
        case .failure(.revoked): return .close(.tokenRevoked)
        // Nothing is wrong with the token; a later try may find the store again.
        case .failure(.unavailable): return .close(.overCapacity)
        }
    }

    /// The 5 s for the first token are over.
    func authenticationDeadlinePassed() -> Action {
        phase == .unauthenticated ? .close(.authenticationTimeout) : .none
    }

    /// - Parameter now: seconds since the Unix epoch.
    func expiryDue(now: Int64) -> Action {
        guard let identity, identity.expiresAt <= now else { return .none }
        return .close(.tokenExpired)
    }

    /// A join has ended, well or not.
    mutating func joinSettled(_ roomID: RoomID, joined: Bool) {
        guard case .joining(let identity, roomID) = phase else { return }
        phase = .active(identity)
        if joined, !rooms.contains(roomID) { rooms.append(roomID) }
    }

    /// - Returns: false if the room was not joined.
    mutating func remove(_ roomID: RoomID) -> Bool {
        guard let index = rooms.firstIndex(of: roomID) else { return false }
        rooms.remove(at: index)
        return true
    }

    /// - Returns: the rooms that were joined.
    mutating func closed() -> [RoomID] {
        phase = .closed
        defer { rooms = [] }
        return rooms
    }

    private static func notJoined(_ roomID: RoomID, clientMessageID: String? = nil) -> ProtocolError {
        ProtocolError(.notJoined, "join the room first", roomID: roomID, clientMessageID: clientMessageID)
    }

    private static func unauthenticated(_ event: ClientEvent) -> ProtocolError {
        var error = ProtocolError(.unauthorized, "authenticate first")
        switch event {
        case .messageSend(let send):
            error.roomID = send.roomID
            error.clientMessageID = send.clientMessageID
        case .joinRoom(let join): error.roomID = join.roomID
        case .leaveRoom(let roomID), .typing(let roomID): error.roomID = roomID
        case .authenticate, .ping: break
        }
        return error
    }
}
