import ChatProtocol

/// How a user stands to a room.
enum Standing: CaseIterable, Sendable {
    case stranger, member, owner

    init(_ role: Role?) {
        switch role {
        case nil: self = .stranger
        case .member: self = .member
        case .owner: self = .owner
        }
    }
}

/// What somebody may want to do with a room.
enum RoomAction: CaseIterable, Sendable {
    case see, readHistory, listMembers, send, leave, invite, removeMember
}

/// The one table of rules: who may do what in which room.
enum Authorization {
    /// - Returns: nil if it is allowed, else what the user is told.
    static func refusal(_ action: RoomAction, _ standing: Standing, isPrivate: Bool) -> Problem? {
        switch (action, standing, isPrivate) {
        case (_, .stranger, true):
            // Whether a private room exists is nobody's business but its members'.
            .roomNotFound
        case (.see, _, _): nil
        case (_, .stranger, false): Problem(.forbidden, "only members may do that")
        case (.readHistory, _, _), (.listMembers, _, _), (.send, _, _): nil
        case (.leave, .owner, _): Problem(.ownerCannotLeave, "the owner cannot leave the room")
        case (.leave, .member, _): nil
        case (.invite, .owner, _), (.removeMember, .owner, _): nil
        case (.invite, .member, _), (.removeMember, .member, _): Problem(.forbidden, "only the owner may do that")
        }
    }

    static func require(_ action: RoomAction, in view: RoomView?) throws -> RoomView {
        guard let view else { throw Problem.roomNotFound }
        if let refusal = refusal(action, Standing(view.role), isPrivate: view.room.isPrivate) { throw refusal }
        return view
    }
}
