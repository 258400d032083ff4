import ChatProtocol
import NIOCore
import Synchronization

/// Who was a member a moment ago: so that a send need not ask the store.
///
/// A removal takes an entry out through the broker's notice, and a deletion all of the room; the age limit is for an
/// instance that missed it.
final class MembershipCache: Sendable {
    private struct Entries {
        var rooms: [RoomID: [UserID: NIODeadline]] = [:]
        var count = 0

        mutating func keep(_ isKept: (NIODeadline) -> Bool) {
            rooms = rooms.mapValues { $0.filter { isKept($0.value) } }.filter { !$0.value.isEmpty }
            count = rooms.values.reduce(0) { $0 + $1.count }
        }
    }

    private let entries = Mutex(Entries())
    private let lifetime: TimeAmount
    private let capacity: Int

    init(lifetime: TimeAmount = .seconds(60), capacity: Int = 200_000) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    func contains(_ userID: UserID, in roomID: RoomID, now: NIODeadline = .now()) -> Bool {
        entries.withLock { entries in
            guard let expiry = entries.rooms[roomID]?[userID] else { return false }
            return expiry > now
        }
    }

    func insert(_ userID: UserID, in roomID: RoomID, now: NIODeadline = .now()) {
        entries.withLock { entries in
            if entries.count >= capacity {
                entries.keep { $0 > now }
                if entries.count >= capacity { entries = Entries() }
            }
            if entries.rooms[roomID, default: [:]].updateValue(now + lifetime, forKey: userID) == nil {
                entries.count += 1
            }
        }
    }

    func remove(_ userID: UserID, from roomID: RoomID) {
        entries.withLock { entries in
            guard entries.rooms[roomID]?.removeValue(forKey: userID) != nil else { return }
            entries.count -= 1
            if entries.rooms[roomID]?.isEmpty == true { entries.rooms[roomID] = nil }
        }
    }

    /// The room is gone.
    func remove(_ roomID: RoomID) {
        entries.withLock { entries in
            guard let users = entries.rooms.removeValue(forKey: roomID) else { return }
            entries.count -= users.count
        }
    }
}
