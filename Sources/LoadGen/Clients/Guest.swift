import ChatProtocol

/// A client's passing membership of a room that is not one of its own: it joins, listens, and is out again.
struct Guest: Sendable {
    enum State: Equatable {
        /// The answer to `join_room` is awaited.
        case joining
        case inside
        /// The server was asked to end the membership; until it says so, or its time is over, messages may come.
        case leaving
        /// Out; and to make sure, it has asked to come in without the code.
        case knocking
    }

    let room: Int
    let roomID: RoomID
    /// Tells this stay from a later one of the same client.
    let stay: Int
    var state = State.joining
    var track: ReceiverTrack?

    /// Messages of the room may come.
    var isInside: Bool { state == .inside }
}

extension VirtualUser {
    /// Where a message of a room belongs.
    enum Seat {
        case member(Int)
        case guest
    }

    /// - Returns: nil if the client is not in the room.
    func seat(in roomID: RoomID) -> Seat? {
        if let place = memberships.firstIndex(where: { $0.roomID == roomID }) { return .member(place) }
        guard let guest, guest.roomID == roomID, guest.state == .inside || guest.state == .leaving else { return nil }
        return .guest
    }

    /// Joins, leaves and typing may be told to whoever is in the room, or is just coming in.
    func mayHear(of roomID: RoomID) -> Bool {
        seat(in: roomID) != nil || guest.map { $0.roomID == roomID && $0.state == .joining } ?? false
    }

    func room(of seat: Seat) -> Int {
        switch seat {
        case .member(let place): memberships[place].room
        case .guest: guest?.room ?? 0
        }
    }

    /// - Returns: nil if it was never told from where on it is in the room.
    func received(_ seq: Sequence64, at seat: Seat) -> ReceiverTrack.Verdict? {
        switch seat {
        case .member(let place): memberships[place].track?.received(seq)
        case .guest: guest?.track?.received(seq)
        }
    }
}
