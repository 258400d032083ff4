import ChatProtocol
import Logging

/// What a user can do with rooms, over REST and over the WebSocket alike. Every call checks its right first.
struct RoomService: Sendable {
    let store: any Store
    let broker: any Broker
    let cache: MembershipCache
    let limiter: RateLimiter
    let metrics: ServerMetrics
    let logger: Logger
    let clock: Clock

    func create(name: String, isPrivate: Bool, accessCode: String?, owner: User) async throws -> RoomView {
        let room = try await store.createRoom(
            name: name,
            isPrivate: isPrivate,
            accessCodeHash: accessCode.map(Secrets.accessCodeHash),
            ownerID: owner.id,
            now: clock.now
        )
        logger.info("room created", metadata: ["room_id": "\(room.id)", "user_id": "\(owner.id)"])
        return RoomView(room: room, role: .owner)
    }

    func list(for user: User, afterID: RoomID, limit: Int) async throws -> [RoomView] {
        try await store.rooms(for: user.id, afterID: afterID, limit: limit)
    }

    func get(_ id: RoomID, for user: User) async throws -> RoomView {
        try Authorization.require(.see, in: await store.room(id, for: user.id))
    }

    /// Makes a member of who may join: by being one, by the room being public, or by its access code.
    func join(_ id: RoomID, accessCode: String?, as user: User, from address: ClientAddress) async throws -> Membership
    {
        try limiter.check(joinOf: id, by: user.id, from: address)
        guard let view = try await store.room(id, for: user.id) else { throw Problem.roomNotFound }
        if view.role != nil, let membership = try await membership(of: user, in: id) {
            cache.insert(user.id, in: id)
            return membership
        }
        // No member, or none any more: whoever is removed at this moment comes back only as a stranger might.
        if view.room.isPrivate { try checkAccessCode(accessCode, view.room, user) }
        let membership = try await store.addMember(roomID: id, userID: user.id, now: clock.now)
        cache.insert(user.id, in: id)
        return membership
    }

    private func membership(of user: User, in id: RoomID) async throws -> Membership? {
        let found = try await store.members(of: id, afterID: user.id - 1, limit: 1).first
        guard let found, found.user.id == user.id else { return nil }
        return Membership(roomID: id, userID: user.id, role: found.role, joinedAt: found.joinedAt)
    }

    private func checkAccessCode(_ code: String?, _ room: Room, _ user: User) throws {
        // By invitation only: to a stranger such a room does not exist.
        guard let hash = room.accessCodeHash else { throw Problem.roomNotFound }
        try limiter.check(.accessCode, .member(user.id, room.id))
        guard let code, Secrets.accessCode(code, matches: hash) else {
            logger.warning("wrong access code", metadata: ["room_id": "\(room.id)", "user_id": "\(user.id)"])
            throw Problem(.wrongAccessCode, "the access code is missing or wrong")
        }
    }

    func leave(_ id: RoomID, as user: User) async throws {
        _ = try Authorization.require(.leave, in: await store.room(id, for: user.id))
        _ = try await store.removeMember(roomID: id, userID: user.id)
        try await memberLeft(id, user.id, .left)
    }

    func remove(_ userID: UserID, from id: RoomID, by owner: User) async throws {
        let view = try Authorization.require(.removeMember, in: await store.room(id, for: owner.id))
        guard userID != owner.id else { throw Problem(.ownerCannotLeave, "the owner cannot be removed") }
        guard try await store.removeMember(roomID: view.room.id, userID: userID) else { throw Problem.notFound }
        logger.info("member removed", metadata: ["room_id": "\(id)", "user_id": "\(userID)", "by": "\(owner.id)"])
        try await memberLeft(id, userID, .removed)
    }

    private func memberLeft(_ id: RoomID, _ userID: UserID, _ reason: ServerEvent.LeaveReason) async throws {
        cache.remove(userID, from: id)
        do {
            try await broker.announce(.memberLeft(roomID: id, userID: userID, reason: reason))
        } catch {
            logger.error("broker failed", metadata: ["operation": "announce", "error": "\(error)"])
        }
    }

    func members(of id: RoomID, for user: User, afterID: UserID, limit: Int) async throws -> [MemberRecord] {
        _ = try Authorization.require(.listMembers, in: await store.room(id, for: user.id))
        return try await store.members(of: id, afterID: afterID, limit: limit)
    }

    func history(of id: RoomID, for user: User, page: MessagePage, limit: Int) async throws
        -> (messages: [Message], hasMore: Bool)
    {
        _ = try Authorization.require(.readHistory, in: await store.room(id, for: user.id))
        return try await store.messages(in: id, page: page, limit: limit)
    }

    func invite(to id: RoomID, by user: User, maxUses: Int?, expiresIn: Int?) async throws -> Invitation {
        _ = try Authorization.require(.invite, in: await store.room(id, for: user.id))
        let now = clock.now
        let invitation = Invitation(
            code: Secrets.random(bytes: 16),
            roomID: id,
            creatorID: user.id,
            maxUses: maxUses,
            expiresAt: expiresIn.map { Timestamp(microseconds: now.microseconds + Int64($0) * 1_000_000) },
            createdAt: now
        )
        try await store.createInvitation(invitation)
        logger.info("invitation created", metadata: ["room_id": "\(id)", "user_id": "\(user.id)"])
        return invitation
    }

    func accept(invitation code: String, as user: User, from address: ClientAddress) async throws -> Membership {
        try limiter.check(joinOf: nil, by: user.id, from: address)
        switch try await store.acceptInvitation(code: code, userID: user.id, now: clock.now) {
        case .member(let membership):
            cache.insert(user.id, in: membership.roomID)
            return membership
        case .expired: throw Problem(.invitationExpired, "the invitation has expired")
        case .usedUp: throw Problem(.invitationUsedUp, "the invitation is used up")
        case .unknown: throw Problem.notFound
        }
    }

    // MARK: - Sending

    /// True if the cache knows that the user may send; false means: ask ``maySend(_:in:)``.
    func knowsMember(_ user: User, in id: RoomID) -> Bool {
        let isKnown = cache.contains(user.id, in: id)
        (isKnown ? metrics.membershipHits : metrics.membershipMisses).increment()
        return isKnown
    }

    func maySend(_ user: User, in id: RoomID) async throws {
        _ = try Authorization.require(.send, in: await store.room(id, for: user.id))
        cache.insert(user.id, in: id)
    }
}
