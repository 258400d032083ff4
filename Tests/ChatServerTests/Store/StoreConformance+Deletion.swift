import ChatProtocol
import Testing

@testable import ChatServer

extension StoreConformance {
    /// A room with a member, an invitation and messages, and another one like it.
    private func furnished() async throws -> (room: RoomID, other: RoomID, ada: User, bob: User) {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        let (room, other) = (try await room(ada), try await room(ada))
        for room in [room, other] {
            _ = try await store.addMember(roomID: room, userID: bob.id, now: at(1))
            try await invite(room, ada, "code of \(room)")
            let batch = (1...10).map { message(room, ada, "\($0)") }
            #expect(try await store.append(batch, now: at(2)).compactMap(Self.seq) == Array(1...10))
        }
        return (room, other, ada, bob)
    }

    /// No call finds anything of a deleted room, and everything of the others.
    func deletion() async throws {
        let (room, other, ada, bob) = try await furnished()
        #expect(try await store.deleteRoom(room, now: at(3)))
        #expect(try await !store.deleteRoom(room, now: at(3)))
        #expect(try await !store.deleteRoom(999_999, now: at(3)))
        for user in [ada, bob] {
            #expect(try await store.room(room, for: user.id) == nil)
            #expect(try await store.rooms(for: user.id, afterID: 0, limit: 50).map(\.room.id) == [other])
            #expect(try await store.role(of: user.id, in: room) == nil)
            #expect(try await store.markRead(roomID: room, userID: user.id, seq: 5) == nil)
        }
        #expect(try await store.members(of: room, afterID: 0, limit: 50).isEmpty)
        #expect(try await store.invitations(to: room, limit: 50).isEmpty)
        #expect(try await store.heads(of: [room, other]) == [other: 10])
        #expect(try await store.updateRoom(room, RoomChange(name: "again")) == nil)
        let eve = try await user("eve")
        #expect(try await store.acceptInvitation(code: "code of \(room)", userID: eve.id, now: at(4)) == .unknown)
        await #expect(throws: StoreError.notFound) {
            _ = try await store.addMember(roomID: room, userID: eve.id, now: at(4))
        }
        await #expect(throws: StoreError.notFound) { try await invite(room, ada, "too late") }
        for after in [nil, 5] as [Sequence64?] {
            await #expect(throws: StoreError.notFound) {
                _ = try await store.catchUp(roomID: room, afterSeq: after, limit: 100)
            }
        }
        let pairs = [room, other].map { RoomUser(roomID: $0, userID: bob.id) }
        #expect(try await store.strangers(among: pairs[...]) == [pairs[0]])
        let batch = [message(room, ada, "1"), message(other, ada, "11"), message(room, ada, "11")]
        let outcomes = try await store.append(batch, now: at(4))
        #expect(outcomes.map(Self.seq) == [nil, 11, nil])
        #expect([outcomes[0], outcomes[2]] == [.roomNotFound, .roomNotFound], "what is stored already, too")
    }

    /// What deleted rooms have left goes in steps, and nothing else does.
    func purge() async throws {
        let (room, other, ada, _) = try await furnished()
        #expect(try await !store.purge(limit: 4), "nothing is deleted")
        let empty = try await self.room(ada)
        for room in [room, empty] { #expect(try await store.deleteRoom(room, now: at(3))) }
        // 4, 4, 2 and its row, and the empty one.
        for left in [6, 2, 0, 0] {
            #expect(try await store.purge(limit: 4))
            #expect(try await store.messages(in: room, page: .latest, limit: 50).messages.count == left)
        }
        #expect(try await !store.purge(limit: 4))
        #expect(try await store.messages(in: other, page: .latest, limit: 50).messages.count == 10)
        #expect(try await store.append([message(room, ada, "12")], now: at(4)) == [.roomNotFound])
        #expect(try await self.room(ada) > empty, "an id is never given twice")
    }

    /// Messages, joins and invitations at the same time as the room is deleted: each comes before it or is refused, and
    /// nothing is left behind.
    func deletionRaces() async throws {
        let ada = try await user("ada")
        var users: [User] = []
        for index in 0..<8 { users.append(try await user("user-\(index)")) }
        for round in 0..<20 {
            let room = try await room(ada)
            try await invite(room, ada, "code-\(round)")
            let now = at(Double(round))
            try await withThrowingTaskGroup { group in
                for (index, user) in users.enumerated() {
                    group.addTask {
                        switch index % 4 {
                        case 0:
                            for number in 0..<10 {
                                let sent = [message(room, user, "\(number)"), message(room, ada, "\(index)-\(number)")]
                                let outcomes = try await store.append(sent, now: now)
                                let stored = outcomes.compactMap(Self.seq)
                                #expect(stored.count == 2 || outcomes == [.roomNotFound, .roomNotFound])
                            }
                        case 1:
                            do {
                                _ = try await store.addMember(roomID: room, userID: user.id, now: now)
                            } catch StoreError.notFound {}
                        case 2:
                            let code = "code-\(round)"
                            switch try await store.acceptInvitation(code: code, userID: user.id, now: now) {
                            case .member, .unknown: break
                            case let answer: Issue.record("\(answer)")
                            }
                        default:
                            do {
                                try await invite(room, ada, "late-\(round)-\(index)")
                            } catch StoreError.notFound {}
                        }
                    }
                }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(round % 5))
                    #expect(try await store.deleteRoom(room, now: now))
                }
                try await group.waitForAll()
            }
            #expect(try await store.members(of: room, afterID: 0, limit: 50).isEmpty)
            #expect(try await store.invitations(to: room, limit: 50).isEmpty)
            while try await store.purge(limit: 7) {}
            #expect(try await store.messages(in: room, page: .latest, limit: 50).messages.isEmpty)
        }
    }
}
