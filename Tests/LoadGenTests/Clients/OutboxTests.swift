import Testing

@testable import LoadGen

@Suite struct OutboxTests {
    private static func entry(_ n: Int) -> Outbox.Entry {
        Outbox.Entry(n: n, place: 0, planned: Int64(n) + 1, wantsTrace: false)
    }

    private static func outbox(sent count: Int) -> Outbox {
        var outbox = Outbox()
        for n in 0..<count { outbox.wasSent(entry(n)) }
        return outbox
    }

    @Test func whatIsUnansweredStaysInItsOrder() {
        var outbox = Self.outbox(sent: 6)
        for n in [0, 3, 1] { outbox.answered(n) }
        #expect(outbox.unanswered.map(\.n) == [2, 4, 5])
        // A second answer, and one for what was never sent.
        for n in [3, 99] { outbox.answered(n) }
        #expect(outbox.unanswered.map(\.n) == [2, 4, 5])
        for n in [2, 4, 5] { outbox.answered(n) }
        #expect(outbox.unanswered.isEmpty)
    }

    /// The list is as long as what is unanswered, however many went through it.
    @Test func manyGoThroughIt() {
        var outbox = Outbox()
        for n in 0..<100_000 {
            outbox.wasSent(Self.entry(n))
            if n >= 300 { outbox.answered(n - 300) }
        }
        #expect(outbox.unanswered.map(\.n) == Array(99_700..<100_000))
    }

    @Test func bothListsHaveABound() {
        var outbox = Self.outbox(sent: Outbox.limit + 10)
        #expect(outbox.unanswered.count == Outbox.limit)
        let isHeld = (0..<Outbox.limit + 10).map { outbox.hold(Self.entry($0)) }
        #expect(isHeld.count { $0 } == Outbox.limit)
        let held = outbox.takeHeld()
        #expect(held.count == Outbox.limit)
        #expect(outbox.held.isEmpty)
    }

    @Test func aServerThatAlwaysSaysLaterMeansNever() {
        var outbox = Self.outbox(sent: 2)
        let tries = (0..<Outbox.maxPostponed + 3).map { _ in outbox.postponed(1) != nil }
        #expect(tries.count { $0 } == Outbox.maxPostponed)
        #expect(outbox.unanswered(1)?.postponed == Outbox.maxPostponed)
        #expect(outbox.unanswered(0)?.postponed == 0)
        let unknown = outbox.postponed(7)
        #expect(unknown == nil)
    }
}
