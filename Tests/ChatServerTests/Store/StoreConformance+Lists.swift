import ChatProtocol
import Testing

@testable import ChatServer

extension StoreConformance {
    /// Whatever lies between the rooms that a user sees, pages are full and each room comes once.
    func listing() async throws {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        var expected: [RoomID] = []
        for index in 0..<40 {
            // Public, public and one's own, private and one's own, and private ones of others in between.
            let room = try await room(ada, isPrivate: index % 4 >= 2)
            if index % 4 == 1 || index % 8 == 2 {
                _ = try await store.addMember(roomID: room, userID: bob.id, now: at(1))
            }
            if index % 4 < 2 || index % 8 == 2 { expected.append(room) }
        }
        for limit in [1, 3, 7, 200] {
            var found: [RoomView] = []
            while true {
                let page = try await store.rooms(for: bob.id, afterID: found.last?.room.id ?? 0, limit: limit)
                found += page
                guard page.count == limit else { break }
            }
            #expect(found.map(\.room.id) == expected, "\(limit)")
            for view in found { #expect((view.role == nil) == (view.lastReadSeq == nil)) }
        }
    }

    func updates() async throws {
        let ada = try await user("ada")
        let made = try await store.createRoom(
            name: "before", isPrivate: true, accessCodeHash: "old", ownerID: ada.id, now: at(5))
        let rows: [(change: RoomChange, name: String, hash: String?)] = [
            (RoomChange(), "before", "old"), (RoomChange(name: "after"), "after", "old"),
            (RoomChange(accessCode: .hash("new")), "after", "new"),
            (RoomChange(accessCode: .byInvitation), "after", nil),
            (RoomChange(name: "T\u{E9}a"), "T\u{E9}a", nil),
            (RoomChange(name: "end", accessCode: .hash("last")), "end", "last"),
        ]
        for row in rows {
            var expected = made
            expected.name = row.name
            expected.accessCodeHash = row.hash
            #expect(try await store.updateRoom(made.id, row.change) == expected)
            #expect(try await store.room(made.id, for: ada.id)?.room == expected)
        }
        #expect(try await store.updateRoom(999_999, RoomChange(name: "x")) == nil)
    }

    /// What is read never goes back, nor beyond the last message; sending changes nothing about it.
    func reading() async throws {
        let (ada, bob, eve) = (try await user("ada"), try await user("bob"), try await user("eve"))
        let room = try await room(ada)
        let batch = (1...10).map { message(room, ada, "\($0)") }
        _ = try await store.append(batch, now: at(1))
        _ = try await store.addMember(roomID: room, userID: bob.id, now: at(2))
        func unread(_ user: User) async throws -> Sequence64? {
            let listed = try await store.rooms(for: user.id, afterID: 0, limit: 50).first?.unread
            let view = try await store.room(room, for: user.id)
            #expect(view?.unread == listed)
            return listed
        }
        #expect(try await unread(ada) == 10, "the maker has read nothing")
        #expect(try await unread(bob) == 0, "a new member has read everything")
        #expect(try await unread(eve) == nil)
        _ = try await store.append([message(room, bob, "11"), message(room, bob, "12")], now: at(3))
        #expect(try await unread(bob) == 2)
        let rows: [(seq: Sequence64, lastReadSeq: Sequence64)] = [
            (0, 0), (3, 3), (2, 3), (0, 3), (7, 7), (.max, 12), (5, 12),
        ]
        for row in rows {
            let mark = try await store.markRead(roomID: room, userID: ada.id, seq: row.seq)
            #expect(mark == ReadMark(lastReadSeq: row.lastReadSeq, lastSeq: 12), "\(row.seq)")
            #expect(try await unread(ada) == 12 - row.lastReadSeq)
        }
        #expect(try await store.markRead(roomID: room, userID: eve.id, seq: 1) == nil)
        #expect(try await store.markRead(roomID: 999_999, userID: ada.id, seq: 1) == nil)
        // Who accepts an invitation, or comes back, is a new member.
        try await invite(room, ada, "open")
        _ = try await store.acceptInvitation(code: "open", userID: eve.id, now: at(4))
        #expect(try await unread(eve) == 0)
        _ = try await store.removeMember(roomID: room, userID: eve.id)
        _ = try await store.append([message(room, bob, "13")], now: at(5))
        _ = try await store.addMember(roomID: room, userID: eve.id, now: at(6))
        #expect(try await unread(eve) == 0)
        #expect(try await unread(bob) == 3)
    }

    /// What ended a month before another one is made is forgotten then; its own room's alone.
    func oldInvitations() async throws {
        let ada = try await user("ada")
        let (room, other) = (try await room(ada), try await room(ada))
        let month = 30.0 * 86_400
        func invite(_ code: String, _ room: RoomID, until: Double?, at created: Double) async throws {
            try await store.createInvitation(
                Invitation(
                    code: code, roomID: room, creatorID: ada.id, expiresAt: until.map(at), createdAt: at(created)))
        }
        try await invite("brief", room, until: 100, at: 0)
        try await invite("longer", room, until: 200, at: 1)
        try await invite("endless", room, until: nil, at: 2)
        try await invite("elsewhere", other, until: 100, at: 3)
        try await invite("late", room, until: nil, at: 100 + month)
        #expect(try await store.invitations(to: room, limit: 9).map(\.code) == ["late", "endless", "longer", "brief"])
        try await invite("later", room, until: nil, at: 101 + month)
        let left = try await store.invitations(to: room, limit: 9).map(\.code)
        #expect(left == ["later", "late", "endless", "longer"])
        #expect(try await store.invitations(to: other, limit: 9).map(\.code) == ["elsewhere"])
        #expect(try await store.acceptInvitation(code: "brief", userID: ada.id, now: at(102 + month)) == .unknown)
    }

    func invitationList() async throws {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        let (room, other) = (try await room(ada), try await room(ada))
        var made: [Invitation] = []
        for index in 0..<5 {
            let invitation = Invitation(
                code: "code-\(index)", roomID: room, creatorID: ada.id, maxUses: index == 0 ? nil : index,
                expiresAt: index % 2 == 0 ? nil : at(1000), createdAt: at(Double(index)))
            try await store.createInvitation(invitation)
            made.append(invitation)
        }
        try await invite(other, ada, "elsewhere")
        _ = try await store.acceptInvitation(code: "code-3", userID: bob.id, now: at(10))
        made[3].uses = 1
        #expect(try await store.invitations(to: room, limit: 50) == made.reversed())
        #expect(try await store.invitations(to: room, limit: 2) == [made[4], made[3]])
        #expect(try await store.invitations(to: 999_999, limit: 2).isEmpty)
        #expect(try await !store.deleteInvitation(code: "elsewhere", roomID: room), "another room's")
        #expect(try await !store.deleteInvitation(code: "none", roomID: room))
        #expect(try await store.deleteInvitation(code: "code-2", roomID: room))
        #expect(try await !store.deleteInvitation(code: "code-2", roomID: room))
        made.remove(at: 2)
        #expect(try await store.invitations(to: room, limit: 50) == made.reversed())
        let eve = try await user("eve")
        #expect(try await store.acceptInvitation(code: "code-2", userID: eve.id, now: at(11)) == .unknown)
        #expect(try await store.invitations(to: other, limit: 50).map(\.code) == ["elsewhere"])
    }
}
