import Testing

@testable import LoadGen

@Suite struct RoomHistoryTests {
    private static func page(_ seqs: [Int64], hasMore: Bool) -> RoomHistory.Page {
        .init(messages: seqs.map { .init(id: $0, seq: $0, content: "", clientMsgId: "") }, hasMore: hasMore)
    }

    @Test(arguments: [([6, 7, 9], true), ([6], false), ([], false)] as [([Int64], Bool)])
    func goesOn(seqs: [Int64], hasMore: Bool) throws {
        try RoomHistory.check(Self.page(seqs, hasMore: hasMore), after: 5, highest: 100)
    }

    /// Each of them would go on for ever, or nearly so.
    @Test(
        arguments: [
            ([], true, "has more after seq 5, and does not give it"),
            ([5], true, "does not rise: seq 5 comes after seq 5"),
            ([6, 8, 7], true, "does not rise: seq 7 comes after seq 8"),
            ([101], true, "has seq 101, more than this run can have sent"),
        ] as [([Int64], Bool, String)])
    func comesToAnEnd(seqs: [Int64], hasMore: Bool, reason: String) {
        #expect(throws: RoomHistory.Failure(description: reason)) {
            try RoomHistory.check(Self.page(seqs, hasMore: hasMore), after: 5, highest: 100)
        }
    }
}
