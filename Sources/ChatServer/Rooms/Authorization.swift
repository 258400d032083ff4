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

/// How a room lets people in.
enum RoomKind: CaseIterable, Sendable {
    case everybody, withCode, byInvitation

    init(_ room: Room) {
        self = !room.isPrivate ? .everybody : room.accessCodeHash != nil ? .withCode : .byInvitation
    }
}

/// What somebody may want to do with a room that they know the id of. Who accepts an invitation has their right from
/// that alone.
enum RoomAction: CaseIterable, Sendable {
    case see, join
    case readHistory, listMembers, send, typing, markRead
    case leave
    case rename, changeCode, delete, removeMember
    case invite, listInvitations, revokeInvitation
}

/// What the table of rules says.
enum Ruling: Equatable, Sendable {
    case allowed
    /// Allowed with the room's access code, and refused without.
    case withCode
    /// As if there were no such room: whether it exists is nobody's business but its members'.
    case hidden
    case membersOnly
    case ownerOnly
    case ownerCannotLeave
}

/// The one table of rules: who may do what in which room.
enum Authorization {
    private struct Row {
        /// By the kind of the room.
        var stranger: (everybody: Ruling, withCode: Ruling, byInvitation: Ruling)
        var member: Ruling
        var owner: Ruling
    }

    private static func row(_ action: RoomAction) -> Row {
        switch action {
        case .see:
            Row(stranger: (.allowed, .hidden, .hidden), member: .allowed, owner: .allowed)
        case .join:
            Row(stranger: (.allowed, .withCode, .hidden), member: .allowed, owner: .allowed)
        case .readHistory, .listMembers, .send, .typing, .markRead:
            Row(stranger: (.membersOnly, .hidden, .hidden), member: .allowed, owner: .allowed)
        case .leave:
            Row(stranger: (.membersOnly, .hidden, .hidden), member: .allowed, owner: .ownerCannotLeave)
        case .rename, .changeCode, .delete, .removeMember, .invite, .listInvitations, .revokeInvitation:
            Row(stranger: (.membersOnly, .hidden, .hidden), member: .ownerOnly, owner: .allowed)
        }
    }

    static func ruling(_ action: RoomAction, _ standing: Standing, in kind: RoomKind) -> Ruling {
        let row = row(action)
        return switch (standing, kind) {
        case (.stranger, .everybody): row.stranger.everybody
        case (.stranger, .withCode): row.stranger.withCode
        case (.stranger, .byInvitation): row.stranger.byInvitation
        case (.member, _): row.member
        case (.owner, _): row.owner
        }
    }

    /// Asks the table for what needs nothing but standing.
    /// - Parameter view: nil if there is no such room, which answers as a hidden one does.
    /// - Throws: a ``Problem`` with what the user is told, if it is not allowed.
    static func require(_ action: RoomAction, in view: RoomView?) throws -> RoomView {
        guard let view else { throw Problem.roomNotFound }
        if let refusal = ruling(action, Standing(view.role), in: RoomKind(view.room)).refusal { throw refusal }
        return view
    }

    /// What somebody is told whose membership has ended since it was looked up.
    static func refusal(ofFormerMember action: RoomAction, in room: Room) -> Problem {
        ruling(action, .stranger, in: RoomKind(room)).refusal ?? .roomNotFound
    }
}

extension Ruling {
    /// What the user is told; nil if it is allowed.
    var refusal: Problem? {
        switch self {
        case .allowed: nil
        case .withCode: .wrongAccessCode
        case .hidden: .roomNotFound
        case .membersOnly: Problem(.forbidden, "only members may do that")
        case .ownerOnly: Problem(.forbidden, "only the owner may do that")
        case .ownerCannotLeave: Problem(.ownerCannotLeave, "the owner cannot leave the room")
        }
    }
}
