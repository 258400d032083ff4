import ChatProtocol
import Testing

@testable import ChatServer

extension StoreConformance {
    /// A room with messages 1 to 10, and another one beside it, so that a page that mixes rooms shows.
    private func filled() async throws -> (room: RoomID, user: User) {
        let ada = try await user("ada")
        let (room, other) = (try await room(ada), try await room(ada))
        for index in 1...10 {
            _ = try await store.append([message(room, ada, "\(index)"), message(other, ada, "\(index)")], now: at(1))
        }
        return (room, ada)
    }

    func pages() async throws {
        let (room, _) = try await filled()
        let rows: [(page: MessagePage, limit: Int, seqs: [Int64], hasMore: Bool)] = [
            (.latest, 3, [8, 9, 10], true), (.latest, 10, Array(1...10), false), (.latest, 9, Array(2...10), true),
            (.latest, 200, Array(1...10), false),
            (.before(11), 2, [9, 10], true), (.before(4), 3, [1, 2, 3], false), (.before(4), 2, [2, 3], true),
            (.before(1), 5, [], false), (.before(0), 5, [], false), (.before(.max), 1, [10], true),
            (.after(0), 3, [1, 2, 3], true), (.after(7), 3, [8, 9, 10], false), (.after(7), 2, [8, 9], true),
            (.after(10), 5, [], false), (.after(.max), 5, [], false),
        ]
        for row in rows {
            let (messages, hasMore) = try await store.messages(in: room, page: row.page, limit: row.limit)
            #expect(messages.map(\.seq) == row.seqs, "\(row.page) \(row.limit)")
            #expect(hasMore == row.hasMore, "\(row.page) \(row.limit)")
            #expect(messages.allSatisfy { $0.roomID == room })
        }
    }

    func catchUp() async throws {
        let (room, ada) = try await filled()
        let rows: [(after: Sequence64?, limit: Int, seqs: [Int64])] = [
            (nil, 5, []), (10, 5, []), (11, 5, []), (9, 5, [10]), (5, 5, [6, 7, 8, 9, 10]), (4, 5, []),
            (0, 10, Array(1...10)), (0, 9, []), (0, 1000, Array(1...10)), (.max, 5, []),
        ]
        for row in rows {
            let caught = try await store.catchUp(roomID: room, afterSeq: row.after, limit: row.limit)
            #expect(caught.lastSeq == 10)
            #expect(caught.messages.map(\.seq) == row.seqs, "\(String(describing: row.after)) \(row.limit)")
        }
        let empty = try await self.room(ada)
        for after in [nil, 0, 1] as [Sequence64?] {
            let caught = try await store.catchUp(roomID: empty, afterSeq: after, limit: 5)
            #expect(caught.lastSeq == 0)
            #expect(caught.messages.isEmpty)
        }
    }
}
