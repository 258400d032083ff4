import ChatProtocol
import NIOCore
import Synchronization

/// Which users are in which room, over all instances: from a user's first connection there to its last, with a grace
/// at the end, so that a reconnect is silent, also one to another instance.
///
/// Each instance knows the whole of it: it tells its own members what changes, and the other instances which users are
/// in which room *here* (``Report``). What is told and reported leaves in the order in which it happened.
final class Presence: Sendable {
    /// Something that the others in the room are told.
    struct Change: Equatable, Sendable {
        var event: ServerEvent.Presence
        var joined: Bool
    }

    /// A user's coming to, or going from, a room on one instance.
    struct Report: Equatable, Sendable {
        var roomID: RoomID
        var userID: UserID
        var username: String
        var isHere: Bool
    }

    fileprivate struct Entry {
        var username: String
        /// On this instance.
        var connections = 0
        /// When the grace of the last connection's loss ends; an earlier departure no longer counts.
        var deadline: NIODeadline?
        /// Here, or in its grace.
        var isHere = false
        /// The other instances where the user is in the room.
        var elsewhere: [InstanceID] = []

        var isOnline: Bool { isHere || !elsewhere.isEmpty }
    }

    fileprivate struct Departure {
        var deadline: NIODeadline
        var roomID: RoomID
        var userID: UserID
    }

    fileprivate struct State {
        var rooms: [RoomID: [UserID: Entry]] = [:]
        /// In the order of their deadlines.
        var departures: [Departure] = []
        var changes: [Change] = []
        var reports: [Report] = []
    }

    private let state = Mutex(State())
    private let grace: TimeAmount
    private let tell: @Sendable ([Change]) -> Void
    private let report: @Sendable ([Report]) -> Void

    /// - Parameters:
    ///   - tell: takes what local members are told; must not block or call back.
    ///   - report: takes what other instances are told; likewise.
    init(
        grace: TimeAmount,
        tell: @escaping @Sendable ([Change]) -> Void,
        report: @escaping @Sendable ([Report]) -> Void = { _ in }
    ) {
        self.grace = grace
        self.tell = tell
        self.report = report
    }

    // MARK: - Here

    /// One more connection of the user in the room.
    /// - Returns: how many users are there.
    func join(_ roomID: RoomID, _ user: User) -> Int {
        change { state in
            var users = state.rooms.removeValue(forKey: roomID) ?? [:]
            var entry = users.removeValue(forKey: user.id) ?? Entry(username: user.username)
            let wasOnline = entry.isOnline
            entry.connections += 1
            if !entry.isHere {
                entry.isHere = true
                state.reports.append(
                    Report(roomID: roomID, userID: user.id, username: user.username, isHere: true)
                )
            }
            users[user.id] = entry
            state.rooms[roomID] = users
            if !wasOnline { state.note(roomID, user.id, user.username, joined: true) }
            return users.count
        }
    }

    /// One connection less. The others are told at once, or after the grace by ``sweep(now:)``.
    func leave(_ roomID: RoomID, _ userID: UserID, silently: Bool, now: NIODeadline) {
        change { state in
            guard var entry = state.rooms[roomID]?[userID], entry.connections > 0 else { return }
            entry.connections -= 1
            if entry.connections == 0, silently { entry.deadline = now + grace }
            state.rooms[roomID]?[userID] = entry
            guard entry.connections == 0 else { return }
            guard silently else { return state.gone(roomID, userID) }
            state.departures.append(Departure(deadline: now + grace, roomID: roomID, userID: userID))
        }
    }

    /// Lets those go whose grace is over and who have not come back.
    func sweep(now: NIODeadline) {
        change { state in
            guard let first = state.departures.first, first.deadline <= now else { return }
            let due = state.departures.prefix { $0.deadline <= now }
            for departure in due {
                guard let entry = state.rooms[departure.roomID]?[departure.userID], entry.connections == 0,
                    entry.deadline == departure.deadline
                else { continue }
                state.gone(departure.roomID, departure.userID)
            }
            state.departures.removeFirst(due.count)
        }
    }

    /// Everybody who is here, for an instance that has missed something.
    func snapshot() -> [Report] {
        state.withLock { state in
            state.rooms.flatMap { roomID, users in
                users.compactMap { userID, entry in
                    guard entry.isHere else { return nil }
                    return Report(roomID: roomID, userID: userID, username: entry.username, isHere: true)
                }
            }
        }
    }

    // MARK: - Elsewhere

    /// What another instance says of itself.
    func received(_ reports: [Report], from instance: InstanceID) {
        change { state in for report in reports { state.apply(report, from: instance) } }
    }

    /// Takes an instance's whole word: whoever it does not name is not there any more.
    func replace(with reports: [Report], from instance: InstanceID) {
        change { state in
            let named = Dictionary(grouping: reports, by: \.roomID).mapValues { Set($0.map(\.userID)) }
            state.forget(instance) { roomID, userID in named[roomID]?.contains(userID) == true }
            for report in reports { state.apply(report, from: instance) }
        }
    }

    /// The instance is gone, and its connections with it.
    func forget(_ instance: InstanceID) {
        change { state in state.forget(instance) { _, _ in false } }
    }

    // MARK: - Asking

    func isOnline(_ userID: UserID, in roomID: RoomID) -> Bool {
        state.withLock { $0.rooms[roomID]?[userID] != nil }
    }

    /// Changes the state, and hands over what came of it before anybody else can change it again.
    private func change<T>(_ body: (inout State) -> T) -> T {
        state.withLock { state in
            let result = body(&state)
            if !state.changes.isEmpty { tell(state.changes) }
            if !state.reports.isEmpty { report(state.reports) }
            state.changes.removeAll(keepingCapacity: true)
            state.reports.removeAll(keepingCapacity: true)
            return result
        }
    }
}

extension Presence.State {
    fileprivate mutating func note(_ roomID: RoomID, _ userID: UserID, _ username: String, joined: Bool) {
        let online = rooms[roomID]?.count ?? 0
        let event = ServerEvent.Presence(roomID: roomID, userID: userID, username: username, online: online)
        changes.append(Presence.Change(event: event, joined: joined))
    }

    /// The user has no connection left here.
    fileprivate mutating func gone(_ roomID: RoomID, _ userID: UserID) {
        guard let entry = rooms[roomID]?[userID] else { return }
        rooms[roomID]?[userID]?.isHere = false
        reports.append(
            Presence.Report(roomID: roomID, userID: userID, username: entry.username, isHere: false)
        )
        removeIfOffline(roomID, userID)
    }

    fileprivate mutating func apply(_ report: Presence.Report, from instance: InstanceID) {
        let (roomID, userID) = (report.roomID, report.userID)
        guard report.isHere else {
            rooms[roomID]?[userID]?.elsewhere.removeAll { $0 == instance }
            return removeIfOffline(roomID, userID)
        }
        var entry = rooms[roomID]?[userID] ?? Presence.Entry(username: report.username)
        let wasOnline = entry.isOnline
        if !entry.elsewhere.contains(instance) { entry.elsewhere.append(instance) }
        rooms[roomID, default: [:]][userID] = entry
        if !wasOnline { note(roomID, userID, report.username, joined: true) }
    }

    fileprivate mutating func forget(_ instance: InstanceID, unless isKept: (RoomID, UserID) -> Bool) {
        for (roomID, users) in rooms {
            for (userID, entry) in users where entry.elsewhere.contains(instance) && !isKept(roomID, userID) {
                rooms[roomID]?[userID]?.elsewhere.removeAll { $0 == instance }
                removeIfOffline(roomID, userID)
            }
        }
    }

    private mutating func removeIfOffline(_ roomID: RoomID, _ userID: UserID) {
        guard let entry = rooms[roomID]?[userID], !entry.isOnline else { return }
        rooms[roomID]?[userID] = nil
        if rooms[roomID]?.isEmpty == true { rooms[roomID] = nil }
        note(roomID, userID, entry.username, joined: false)
    }
}
