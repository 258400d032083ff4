import ChatProtocol
import Testing

@testable import ChatServer

extension StoreConformance {
    func rooms() async throws {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        let made = try await store.createRoom(
            name: "Lobby \u{2603}",
            isPrivate: true,
            accessCodeHash: "hash",
            ownerID: ada.id,
            now: at(5)
        )
        #expect(made.name == "Lobby \u{2603}")
        #expect(made.isPrivate)
        #expect(made.createdAt == at(5))
        #expect(made.lastSeq == 0)
        #expect(made.accessCodeHash == "hash")
        #expect(try await store.room(made.id, for: ada.id) == RoomView(room: made, role: .owner, lastReadSeq: 0))
        #expect(try await store.room(made.id, for: bob.id) == RoomView(room: made, role: nil))
        #expect(try await store.room(999_999, for: ada.id) == nil)
        var open: [RoomID] = []
        for _ in 0..<5 { open.append(try await room(ada)) }
        let own = try await room(bob, isPrivate: true)
        func list(_ user: User, after: RoomID = 0, limit: Int = 50) async throws -> [RoomID] {
            try await store.rooms(for: user.id, afterID: after, limit: limit).map(\.room.id)
        }
        #expect(try await list(ada) == [made.id] + open)
        #expect(try await list(bob) == open + [own])
        #expect(try await list(bob, limit: 2) == Array(open.prefix(2)))
        #expect(try await list(bob, after: open[1], limit: 3) == Array(open[2...]))
        #expect(try await list(bob, after: own) == [])
        #expect(try await store.rooms(for: bob.id, afterID: open[4], limit: 1).first?.role == .owner)
    }

    func memberships() async throws {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        let room = try await room(ada)
        let joined = try await store.addMember(roomID: room, userID: bob.id, now: at(10))
        #expect(joined == Membership(roomID: room, userID: bob.id, role: .member, joinedAt: at(10)))
        #expect(try await store.addMember(roomID: room, userID: bob.id, now: at(20)) == joined)
        #expect(try await store.addMember(roomID: room, userID: ada.id, now: at(20)).role == .owner)
        #expect(try await store.role(of: ada.id, in: room) == .owner)
        #expect(try await store.role(of: bob.id, in: room) == .member)
        #expect(try await store.role(of: bob.id, in: 999_999) == nil)
        await #expect(throws: StoreError.notFound) {
            _ = try await store.addMember(roomID: 999_999, userID: bob.id, now: at(1))
        }
        var others: [User] = []
        for index in 0..<5 {
            others.append(try await user("other-\(index)"))
            _ = try await store.addMember(roomID: room, userID: others[index].id, now: at(30))
        }
        let all = try await store.members(of: room, afterID: 0, limit: 50)
        #expect(all.map(\.user) == [ada, bob] + others)
        #expect(all.map(\.role) == [.owner] + Array(repeating: .member, count: 6))
        #expect(all[1].joinedAt == at(10))
        #expect(try await store.members(of: room, afterID: bob.id, limit: 2).map(\.user) == Array(others.prefix(2)))
        #expect(try await store.removeMember(roomID: room, userID: bob.id))
        #expect(try await !store.removeMember(roomID: room, userID: bob.id))
        #expect(try await store.role(of: bob.id, in: room) == nil)
        #expect(try await store.addMember(roomID: room, userID: bob.id, now: at(40)).joinedAt == at(40))
    }

    func invite(
        _ room: RoomID, _ ada: User, _ code: String, uses: Int? = nil, until: Double? = nil
    )
        async throws
    {
        try await store.createInvitation(
            Invitation(
                code: code,
                roomID: room,
                creatorID: ada.id,
                maxUses: uses,
                expiresAt: until.map(at),
                createdAt: at(0)
            )
        )
    }

    func invitations() async throws {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        let room = try await room(ada, isPrivate: true)
        try await invite(room, ada, "open")
        let first = try await store.acceptInvitation(code: "open", userID: bob.id, now: at(10))
        let membership = Membership(roomID: room, userID: bob.id, role: .member, joinedAt: at(10))
        #expect(first == .member(membership))
        #expect(try await store.acceptInvitation(code: "open", userID: bob.id, now: at(20)) == .member(membership))
        #expect(try await store.acceptInvitation(code: "none", userID: bob.id, now: at(20)) == .unknown)
        for index in 0..<20 {
            let guest = try await user("guest-\(index)")
            let answer = try await store.acceptInvitation(code: "open", userID: guest.id, now: at(30))
            guard case .member = answer else {
                Issue.record("\(answer)")
                continue
            }
        }
    }

    /// Whole lists of sessions and members are asked at once: those that have ended, or never were.
    func standings() async throws {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        let (tea, cake) = (try await room(ada), try await room(bob, isPrivate: true))
        _ = try await store.addMember(roomID: tea, userID: bob.id, now: at(1))
        func pair(_ room: RoomID, _ user: User) -> RoomUser { RoomUser(roomID: room, userID: user.id) }
        let all = [pair(tea, ada), pair(tea, bob), pair(cake, ada), pair(cake, bob), pair(999_999, ada)]
        #expect(Set(try await store.strangers(among: all[...])) == [pair(cake, ada), pair(999_999, ada)])
        _ = try await store.removeMember(roomID: tea, userID: bob.id)
        #expect(try await store.strangers(among: all[1...1]) == [pair(tea, bob)])
        #expect(try await store.strangers(among: []).isEmpty)

        let (first, second) = (TokenDigest(bytes: [1]), TokenDigest(bytes: [2]))
        let open = try await store.createSession(userID: ada.id, refreshToken: first, now: at(0), expires: at(9))
        let ended = try await store.createSession(userID: ada.id, refreshToken: second, now: at(0), expires: at(9))
        _ = try await store.revokeSession(refreshToken: second, now: at(1))
        #expect(Set(try await store.endedSessions(among: [open, ended, 999_999])) == [ended, 999_999])
        #expect(try await store.endedSessions(among: []).isEmpty)
    }

    func invitationLimits() async throws {
        let (ada, bob, eve) = (try await user("ada"), try await user("bob"), try await user("eve"))
        let room = try await room(ada, isPrivate: true)
        try await invite(room, ada, "brief", until: 100)
        #expect(try await store.acceptInvitation(code: "brief", userID: bob.id, now: at(100)) == .expired)
        try await invite(room, ada, "few", uses: 2)
        // A member uses nothing up, however often.
        for _ in 0..<3 { _ = try await store.acceptInvitation(code: "few", userID: ada.id, now: at(1)) }
        let answer = try await store.acceptInvitation(code: "few", userID: bob.id, now: at(1))
        #expect(answer == .member(Membership(roomID: room, userID: bob.id, role: .member, joinedAt: at(1))))
        guard case .member = try await store.acceptInvitation(code: "brief", userID: bob.id, now: at(500)) else {
            Issue.record("a member is answered also when the invitation has expired")
            return
        }
        var guests: [User] = []
        for index in 0..<10 { guests.append(try await user("guest-\(index)")) }
        let answers = try await withThrowingTaskGroup(of: InvitationAnswer.self) { group in
            for guest in guests {
                group.addTask { try await store.acceptInvitation(code: "few", userID: guest.id, now: at(2)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0 == .usedUp }.count == 9, "one use was left")
        #expect(try await store.acceptInvitation(code: "few", userID: eve.id, now: at(3)) == .usedUp)
    }

    func seed() async throws {
        let plan = SeedPlan(prefix: "load", users: 5, roomSizes: [3, 2, 5], isPrivate: false, passwordHash: "h")
        let seeded = try await store.seed(plan, now: at(0))
        #expect(seeded.users.map(\.0.username) == ["load-1", "load-2", "load-3", "load-4", "load-5"])
        #expect(seeded.rooms.map(\.members.count) == [3, 2, 5])
        for (_, session) in seeded.users { #expect(try await store.isSessionActive(session)) }
        for room in seeded.rooms {
            let members = try await store.members(of: room.id, afterID: 0, limit: 50)
            #expect(Set(members.map(\.user.id)) == Set(room.members))
            #expect(members.filter { $0.role == .owner }.map(\.user.id) == [room.members[0]])
        }
        let hidden = SeedPlan(prefix: "hidden", users: 2, roomSizes: [2], isPrivate: true, passwordHash: "h")
        let room = try #require(try await store.seed(hidden, now: at(0)).rooms.first)
        let view = try #require(try await store.room(room.id, for: room.members[1]))
        #expect(view.role == nil)
        let code = try #require(room.accessCode)
        #expect(Secrets.accessCode(code, matches: view.room.accessCodeHash ?? ""))
    }
}
