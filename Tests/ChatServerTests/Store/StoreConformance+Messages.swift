import ChatProtocol
import Testing

@testable import ChatServer

extension StoreConformance {
    func append() async throws {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        let (first, second) = (try await room(ada), try await room(ada))
        let outcomes = try await store.append(
            [
                message(first, ada, "1", "one"), message(second, ada, "1", "uno"), message(first, bob, "1", "two"),
                message(first, ada, "2", "\u{1F680} e\u{301}\n\"\\"),
            ],
            now: at(50)
        )
        #expect(outcomes.map(Self.seq) == [1, 1, 2, 3])
        #expect(try await store.append([], now: at(50)).isEmpty)
        let next = try await store.append([message(first, bob, "2", "four")], now: at(60))
        guard case .stored(let id, 4, let createdAt, duplicate: false) = try #require(next.first) else {
            Issue.record("\(next)")
            return
        }
        #expect(createdAt == at(60))
        let (messages, hasMore) = try await store.messages(in: first, page: .latest, limit: 50)
        #expect(!hasMore)
        #expect(messages.map(\.seq) == [1, 2, 3, 4])
        #expect(messages.map(\.content) == ["one", "two", "\u{1F680} e\u{301}\n\"\\", "four"])
        #expect(messages.map(\.username) == ["ada", "bob", "ada", "bob"])
        #expect(messages.map(\.clientMessageID) == ["1", "1", "2", "2"])
        #expect(messages.map(\.id) == messages.map(\.id).sorted())
        #expect(messages.last?.id == id)
        #expect(messages.first?.createdAt == at(50))
        #expect(try await store.room(first, for: ada.id)?.room.lastSeq == 4)
        #expect(try await store.room(second, for: ada.id)?.room.lastSeq == 1)
    }

    func duplicates() async throws {
        let (ada, bob) = (try await user("ada"), try await user("bob"))
        let (room, other) = (try await room(ada), try await room(ada))
        let first = try await store.append(
            [message(room, ada, "a", "1"), message(room, ada, "a", "2"), message(room, ada, "b", "3")],
            now: at(10)
        )
        #expect(first.map(Self.seq) == [1, 1, 2], "a duplicate inside the batch takes no seq")
        let again = try await store.append(
            [
                message(room, ada, "b", "4"), message(room, bob, "a", "5"), message(other, ada, "a", "6"),
                message(room, ada, "a", "7"),
            ],
            now: at(20)
        )
        #expect(again.map(Self.seq) == [2, 3, 1, 1])
        #expect(again[0] == first[2].asDuplicate)
        #expect(again[3] == first[0].asDuplicate)
        #expect(first[1] == first[0].asDuplicate)
        let messages = try await store.messages(in: room, page: .latest, limit: 50).messages
        #expect(messages.map(\.content) == ["1", "3", "5"])
        #expect(try await store.room(room, for: ada.id)?.room.lastSeq == 3)
    }

    func unknownRoom() async throws {
        let ada = try await user("ada")
        let room = try await room(ada)
        let nobody = User(id: 999_999, username: "nobody")
        let outcomes = try await store.append(
            [
                message(room, ada, "1"), message(999_999, ada, "2"), message(room, nobody, "3"),
                message(room, ada, "4"),
            ],
            now: at(10)
        )
        #expect(outcomes.count == 4)
        #expect(Self.seq(outcomes[0]) == 1)
        #expect(outcomes[1] == .roomNotFound)
        #expect(Self.seq(outcomes[2]) == nil, "a sender that does not exist fails alone")
        #expect(Self.seq(outcomes[3]) == 2, "and leaves no hole")
        await #expect(throws: StoreError.notFound) {
            _ = try await store.catchUp(roomID: 999_999, afterSeq: nil, limit: 10)
        }
        #expect(try await store.messages(in: 999_999, page: .latest, limit: 10).messages.isEmpty)
    }

    func batches() async throws {
        let ada = try await user("ada")
        let room = try await room(ada)
        let source = FakeBatches((0..<150).map { [message(room, ada, "\($0)"), message(room, ada, "\($0)+")] })
        try await store.append(from: source)
        #expect(source.outcomes.flatMap { $0 }.compactMap(Self.seq) == Array(1...300))
        #expect(source.owedWhileWaiting == 0, "what is stored is told before the store waits for more")
        try await store.append(from: source)
        #expect(source.taken == 150, "with nothing to do it does nothing")
    }

    func concurrentAppends() async throws {
        let ada = try await user("ada")
        let rooms = [try await room(ada), try await room(ada), try await room(ada)]
        let seqs = try await withThrowingTaskGroup(of: [(RoomID, Sequence64)].self) { group in
            for task in 0..<16 {
                group.addTask {
                    var given: [(RoomID, Sequence64)] = []
                    for round in 0..<10 {
                        // The rooms come in another order in each task, as they do from several writers.
                        let order = (0..<6).map { rooms[($0 * (task % 2 + 1) + task) % rooms.count] }
                        let batch = order.enumerated().map { message($1, ada, "\(task)-\(round)-\($0)") }
                        let outcomes = try await store.append(batch, now: at(1))
                        given += zip(order, outcomes).compactMap { room, outcome in
                            Self.seq(outcome).map { (room, $0) }
                        }
                    }
                    return given
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(seqs.count == 960)
        for room in rooms {
            let given = seqs.filter { $0.0 == room }.map(\.1).sorted()
            #expect(given == Array(1...Int64(given.count)), "no hole and no double")
            #expect(try await store.room(room, for: ada.id)?.room.lastSeq == Int64(given.count))
            let stored = try await store.messages(in: room, page: .after(0), limit: 1000).messages
            #expect(stored.map(\.seq) == given)
        }
    }

    func concurrentDuplicates() async throws {
        let ada = try await user("ada")
        let room = try await room(ada)
        let outcomes = try await withThrowingTaskGroup(of: [AppendOutcome].self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await store.append((0..<20).map { message(room, ada, "\($0)") }.shuffled(), now: at(1))
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let fresh = outcomes.filter { if case .stored(_, _, _, duplicate: false) = $0 { true } else { false } }
        #expect(outcomes.count == 320)
        #expect(fresh.compactMap(Self.seq).sorted() == Array(1...20))
    }

    func durability() async throws {
        let ada = try await user("ada")
        let room = try await room(ada)
        let session = try await store.createSession(
            userID: ada.id,
            refreshToken: Self.digest("t"),
            now: at(0),
            expires: at(100)
        )
        _ = try await store.append((1...10).map { message(room, ada, "\($0)") }, now: at(1))
        let epoch = try await store.epoch()
        #expect(!epoch.isEmpty)
        try await store.ping()
        try await store.close()
        let again = try await reopen()
        #expect(try await again.epoch() == epoch)
        #expect(try await again.user(id: ada.id) == ada)
        #expect(try await again.isSessionActive(session))
        #expect(try await again.messages(in: room, page: .latest, limit: 50).messages.map(\.seq) == Array(1...10))
        let outcomes = try await again.append([message(room, ada, "5"), message(room, ada, "11")], now: at(2))
        #expect(outcomes.map(Self.seq) == [5, 11])
        #expect(await again.description.isEmpty == false)
        try await again.close()
    }
}

extension AppendOutcome {
    /// The same, answered to somebody who came later.
    fileprivate var asDuplicate: AppendOutcome {
        if case .stored(let id, let seq, let createdAt, _) = self {
            .stored(id: id, seq: seq, createdAt: createdAt, duplicate: true)
        } else {
            self
        }
    }
}
