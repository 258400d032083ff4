import ChatProtocol
import NIOCore
import Synchronization

/// Which users are in which room: from a user's first connection there to its last, with a grace at the end, so that
/// a reconnect is silent.
final class Presence: Sendable {
    /// Something that the others in the room are told.
    struct Change: Equatable, Sendable {
        var event: ServerEvent.Presence
        var joined: Bool
    }

    private struct Entry {
        var username: String
        var connections: Int
        /// When the grace of the last connection's loss ends; an earlier departure no longer counts.
        var deadline: NIODeadline?
    }

    private struct Departure {
        var deadline: NIODeadline
        var roomID: RoomID
        var userID: UserID
    }

    private struct State {
        var rooms: [RoomID: [UserID: Entry]] = [:]
        /// In the order of their deadlines.
        var departures: [Departure] = []
    }

    private let state = Mutex(State())
    private let grace: TimeAmount

    init(grace: TimeAmount) {
        self.grace = grace
    }

    /// One more connection of the user in the room.
    /// - Returns: how many users are there, and what to tell if it was the user's first.
    func join(_ roomID: RoomID, _ user: User) -> (online: Int, change: Change?) {
        state.withLock { state in
            var users = state.rooms.removeValue(forKey: roomID) ?? [:]
            defer { state.rooms[roomID] = users }
            if users[user.id] != nil {
                users[user.id]?.connections += 1
                return (users.count, nil)
            }
            users[user.id] = Entry(username: user.username, connections: 1)
            return (users.count, Self.change(roomID, user.id, user.username, online: users.count, joined: true))
        }
    }

    /// One connection less. What there is to tell comes at once, or after the grace from ``sweep(now:)``.
    func leave(_ roomID: RoomID, _ userID: UserID, silently: Bool, now: NIODeadline) -> Change? {
        state.withLock { state in
            guard var entry = state.rooms[roomID]?[userID], entry.connections > 0 else { return nil }
            entry.connections -= 1
            state.rooms[roomID]?[userID] = entry
            guard entry.connections == 0 else { return nil }
            guard silently else { return Self.remove(roomID, userID, from: &state) }
            state.rooms[roomID]?[userID]?.deadline = now + grace
            state.departures.append(Departure(deadline: now + grace, roomID: roomID, userID: userID))
            return nil
        }
    }

    /// The users whose grace is over and who have not come back.
    func sweep(now: NIODeadline) -> [Change] {
        state.withLock { state in
            guard let first = state.departures.first, first.deadline <= now else { return [] }
            let due = state.departures.prefix { $0.deadline <= now }
            let changes = due.compactMap { departure -> Change? in
                guard let entry = state.rooms[departure.roomID]?[departure.userID], entry.connections == 0,
                    entry.deadline == departure.deadline
                else { return nil }
                return Self.remove(departure.roomID, departure.userID, from: &state)
            }
            state.departures.removeFirst(due.count)
            return changes
        }
    }

    func isOnline(_ userID: UserID, in roomID: RoomID) -> Bool {
        state.withLock { $0.rooms[roomID]?[userID] != nil }
    }

    private static func remove(_ roomID: RoomID, _ userID: UserID, from state: inout State) -> Change? {
        guard let entry = state.rooms[roomID]?.removeValue(forKey: userID) else { return nil }
        let online = state.rooms[roomID]?.count ?? 0
        if online == 0 { state.rooms.removeValue(forKey: roomID) }
        return change(roomID, userID, entry.username, online: online, joined: false)
    }

    private static func change(
        _ roomID: RoomID,
        _ userID: UserID,
        _ username: String,
        online: Int,
        joined: Bool
    ) -> Change {
        let event = ServerEvent.Presence(roomID: roomID, userID: userID, username: username, online: online)
        return Change(event: event, joined: joined)
    }
}
