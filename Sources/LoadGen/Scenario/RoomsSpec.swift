import Foundation

/// How many clients are in a room.
enum RoomMembers: Sendable, Equatable {
    /// The same number in each.
    case fixed(Int)
    /// A few large rooms and many small ones: room k (from 1) has `max / k^exponent` members.
    case zipf(exponent: Double, max: Int)
}

/// The rooms of a scenario.
///
/// Clients are dealt to the rooms in turn, room after room, so one client can be in several rooms, and every client
/// is in at least one as long as there are as many memberships as clients.
struct RoomsSpec: Sendable, Equatable {
    /// 0: no rooms, and so no messages; the clients only hold their connections.
    var count: Int
    /// `.fixed(0)` if `count` is 0.
    var members: RoomMembers
    /// Private rooms are joined with an access code.
    var isPrivate: Bool

    init(count: Int, members: RoomMembers, isPrivate: Bool = false) {
        self.count = count
        self.members = members
        self.isPrivate = isPrivate
    }

    /// The size of each room, the first room first.
    func memberCounts() -> [Int] {
        guard count > 0 else { return [] }
        switch members {
        case .fixed(let size):
            return Array(repeating: size, count: count)
        case .zipf(let exponent, let max):
            return (1...count).map { Self.zipfSize(rank: $0, exponent: exponent, max: max) }
        }
    }

    /// The sum of all rooms' sizes.
    var memberships: Int {
        switch members {
        case .fixed(let size): count * size
        case .zipf: memberCounts().reduce(0, +)
        }
    }

    /// A room of one would measure only the sender's own echo, hence at least 2.
    private static func zipfSize(rank: Int, exponent: Double, max: Int) -> Int {
        let size = (Double(max) / pow(Double(rank), exponent)).rounded()
        return min(max, Swift.max(2, Int(size)))
    }
}
