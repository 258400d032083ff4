import ChatProtocol
import Logging

/// What a user can do with rooms, over REST and over the WebSocket alike. Every call checks its right first.
struct RoomService: Sendable {
    let store: any Store
    let broker: any Broker
    let cache: MembershipCache
    let codes: AccessCodes
    let purge: RoomPurge
    let limiter: RateLimiter
    let metrics: ServerMetrics
    let logger: Logger
    let clock: Clock

    func create(name: String, isPrivate: Bool, accessCode: String?, owner: User) async throws -> RoomView {
        try limiter.check(.makeUser, .user(owner.id))
        let hash: String? = if let accessCode { try await codes.hash(accessCode) } else { nil }
        let room = try await store.createRoom(
            name: name,
            isPrivate: isPrivate,
            accessCodeHash: hash,
            ownerID: owner.id,
            now: clock.now
        )
        logger.info("room created", metadata: ["room_id": "\(room.id)", "user_id": "\(owner.id)"])
        return RoomView(room: room, role: .owner, lastReadSeq: 0)
    }

    func list(for user: User, afterID: RoomID, limit: Int) async throws -> [RoomView] {
        try await store.rooms(for: user.id, afterID: afterID, limit: limit)
    }

    func get(_ id: RoomID, for user: User) async throws -> RoomView {
        try Authorization.require(.see, in: await store.room(id, for: user.id))
    }

    // MARK: - The owner's

    /// What the owner wants changed; nil is to stay as it is.
    struct Update: Sendable {
        enum AccessCode: Equatable, Sendable {
            case byInvitation
            case code(String)
        }

        var name: String?
        var accessCode: AccessCode?
    }

    func update(_ id: RoomID, _ update: Update, by owner: User) async throws -> RoomView {
        var view: RoomView?
        let found = try await store.room(id, for: owner.id)
        if update.name != nil { view = try Authorization.require(.rename, in: found) }
        if update.accessCode != nil { view = try Authorization.require(.changeCode, in: found) }
        guard var view else { throw Problem.validation([.init(field: "", message: "name or access_code is needed")]) }
        guard update.accessCode == nil || view.room.isPrivate else {
            throw Problem.validation([.init(field: "access_code", message: "is for private rooms only")])
        }
        try limiter.check(.makeUser, .user(owner.id))
        var change = RoomChange(name: update.name)
        switch update.accessCode {
        case nil: break
        case .byInvitation: change.accessCode = .byInvitation
        case .code(let code): change.accessCode = .hash(try await codes.hash(code))
        }
        guard let room = try await store.updateRoom(id, change) else { throw Problem.roomNotFound }
        logger.info("room updated", metadata: ["room_id": "\(id)", "user_id": "\(owner.id)"])
        if room.name != view.room.name { await announce(.roomRenamed(id, name: room.name)) }
        view.room = room
        return view
    }

    /// Deletes the room, its messages, memberships and invitations; every socket in it leaves it.
    func delete(_ id: RoomID, by owner: User) async throws {
        _ = try Authorization.require(.delete, in: await store.room(id, for: owner.id))
        guard try await store.deleteRoom(id, now: clock.now) else { throw Problem.roomNotFound }
        logger.info("room deleted", metadata: ["room_id": "\(id)", "user_id": "\(owner.id)"])
        cache.remove(id)
        await announce(.roomDeleted(id))
        purge.wake()
    }

    // MARK: - Members

    /// Makes a member of who may join: by being one, by the room being public, or by its access code.
    /// - Parameter address: of the peer, which guesses of codes are limited by.
    func join(_ id: RoomID, accessCode: String?, as user: User, from address: ClientAddress) async throws -> Membership
    {
        try limiter.check(joinBy: user.id, from: address)
        guard var view = try await store.room(id, for: user.id) else { throw Problem.roomNotFound }
        if view.role != nil {
            if let membership = try await membership(of: user, in: id) {
                try limiter.check(.joinRoom, .room(id))
                cache.insert(user.id, in: id)
                return membership
            }
            // Removed at this moment: comes back only as a stranger might.
            view.role = nil
        }
        switch Authorization.ruling(.join, Standing(view.role), in: RoomKind(view.room)) {
        case .allowed: break
        case .withCode: try await codes.check(accessCode, view.room, by: user, from: address)
        case let ruling: throw ruling.refusal ?? .roomNotFound
        }
        // Not before: who may not join must not keep out those who may.
        try limiter.check(.joinRoom, .room(id))
        let membership = try await store.addMember(roomID: id, userID: user.id, now: clock.now)
        cache.insert(user.id, in: id)
        return membership
    }

    private func membership(of user: User, in id: RoomID) async throws -> Membership? {
        let found = try await store.members(of: id, afterID: user.id - 1, limit: 1).first
        guard let found, found.user.id == user.id else { return nil }
        return Membership(roomID: id, userID: user.id, role: found.role, joinedAt: found.joinedAt)
    }

    func leave(_ id: RoomID, as user: User) async throws {
        let view = try Authorization.require(.leave, in: await store.room(id, for: user.id))
        guard try await store.removeMember(roomID: id, userID: user.id) else {
            throw Authorization.refusal(ofFormerMember: .leave, in: view.room)
        }
        await memberLeft(id, user.id, .left)
    }

    func remove(_ userID: UserID, from id: RoomID, by owner: User) async throws {
        let view = try Authorization.require(.removeMember, in: await store.room(id, for: owner.id))
        guard userID != owner.id else { throw Problem(.ownerCannotLeave, "the owner cannot be removed") }
        guard try await store.removeMember(roomID: view.room.id, userID: userID) else { throw Problem.notFound }
        logger.info("member removed", metadata: ["room_id": "\(id)", "user_id": "\(userID)", "by": "\(owner.id)"])
        await memberLeft(id, userID, .removed)
    }

    private func memberLeft(_ id: RoomID, _ userID: UserID, _ reason: ServerEvent.LeaveReason) async {
        cache.remove(userID, from: id)
        await announce(.memberLeft(roomID: id, userID: userID, reason: reason))
    }

    /// What is told is in the store already; instances that miss the notice find it there.
    private func announce(_ notice: BrokerNotice) async {
        do {
            try await broker.announce(notice)
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

    /// Notes how far a member has read. Nothing is written where nothing changes.
    func markRead(_ id: RoomID, upTo seq: Sequence64, by user: User) async throws -> ReadMark {
        let view = try Authorization.require(.markRead, in: await store.room(id, for: user.id))
        if let lastReadSeq = view.lastReadSeq, min(seq, view.room.lastSeq) <= lastReadSeq {
            return ReadMark(lastReadSeq: lastReadSeq, lastSeq: view.room.lastSeq)
        }
        guard let mark = try await store.markRead(roomID: id, userID: user.id, seq: seq) else {
            throw Authorization.refusal(ofFormerMember: .markRead, in: view.room)
        }
        return mark
    }

    // MARK: - Invitations

    func invite(to id: RoomID, by user: User, maxUses: Int?, expiresIn: Int?) async throws -> Invitation {
        _ = try Authorization.require(.invite, in: await store.room(id, for: user.id))
        try limiter.check(.makeUser, .user(user.id))
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

    /// The newest 200 of a room; the owner has an eye on them.
    func invitations(to id: RoomID, for user: User) async throws -> [Invitation] {
        _ = try Authorization.require(.listInvitations, in: await store.room(id, for: user.id))
        return try await store.invitations(to: id, limit: Limits.pageLimit.upperBound)
    }

    func revoke(invitation code: String, to id: RoomID, by user: User) async throws {
        _ = try Authorization.require(.revokeInvitation, in: await store.room(id, for: user.id))
        guard try await store.deleteInvitation(code: code, roomID: id) else { throw Problem.notFound }
        logger.info("invitation revoked", metadata: ["room_id": "\(id)", "user_id": "\(user.id)"])
    }

    func accept(invitation code: String, as user: User, from address: ClientAddress) async throws -> Membership {
        try limiter.check(joinBy: user.id, from: address)
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

    /// Whether the user's typing is told: who has joined a room on a connection may have lost it since.
    func mayType(_ user: User, in id: RoomID) async -> Bool {
        if cache.contains(user.id, in: id) { return true }
        guard let view = try? await store.room(id, for: user.id),
            (try? Authorization.require(.typing, in: view)) != nil
        else { return false }
        cache.insert(user.id, in: id)
        return true
    }
}
