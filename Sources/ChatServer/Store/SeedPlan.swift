import ChatProtocol

/// Accounts and rooms to create at once.
struct SeedPlan: Sendable {
    var prefix: String
    var users: Int
    /// Members of each room.
    var roomSizes: [Int]
    var isPrivate: Bool
    var passwordHash: String

    /// The places of a room's members among the users: round robin, so every user is in about as many rooms.
    func members(ofRoom index: Int) -> [Int] {
        let first = roomSizes[..<index].reduce(0, +)
        return (0..<roomSizes[index]).map { (first + $0) % users }
    }
}

/// What a ``SeedPlan`` came to.
struct Seeded: Sendable {
    struct SeededRoom: Sendable {
        var id: RoomID
        var name: String
        var accessCode: String?
        /// Who is, or is meant to be, a member; the first is the owner.
        var members: [UserID]
    }

    var users: [(User, SessionID)] = []
    var rooms: [SeededRoom] = []
}
