import ChatProtocol
import NIOCore
import Synchronization

/// Who was a member a moment ago: so that a send need not ask the store.
///
/// A removal takes an entry out through the broker's notice; the age limit is for an instance that missed it.
final class MembershipCache: Sendable {
    private struct Key: Hashable {
        var userID: UserID
        var roomID: RoomID
    }

    private let entries = Mutex<[Key: NIODeadline]>([:])
    private let lifetime: TimeAmount
    private let capacity: Int

    init(lifetime: TimeAmount = .seconds(60), capacity: Int = 200_000) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    func contains(_ userID: UserID, in roomID: RoomID, now: NIODeadline = .now()) -> Bool {
        entries.withLock { entries in
            guard let expiry = entries[Key(userID: userID, roomID: roomID)] else { return false }
            return expiry > now
        }
    }

    func insert(_ userID: UserID, in roomID: RoomID, now: NIODeadline = .now()) {
        entries.withLock { entries in
            if entries.count >= capacity {
                entries = entries.filter { $0.value > now }
                if entries.count >= capacity { entries.removeAll(keepingCapacity: true) }
            }
            entries[Key(userID: userID, roomID: roomID)] = now + lifetime
        }
    }

    func remove(_ userID: UserID, from roomID: RoomID) {
        entries.withLock { _ = $0.removeValue(forKey: Key(userID: userID, roomID: roomID)) }
    }
}
