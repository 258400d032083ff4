import Testing

@testable import LoadGen

@Suite struct IntegrityLedgerTests {
    /// Message 3 was sent to the first room, message 4 to the second.
    private static func ledger() -> IntegrityLedger {
        var ledger = IntegrityLedger(plan: IntegrityFixtures.plan(), index: 0, loopCount: 1)
        ledger.sent(3, room: 0, planned: 10, at: 20)
        ledger.sent(4, room: 1, planned: 11, at: 21)
        return ledger
    }

    @Test func theSameAckTwiceIsNone() {
        var ledger = Self.ledger()
        let ack1 = ledger.acked(3, room: 0, seq: 7, id: 70)
        #expect(ack1 == .first(planned: 10, sent: 20))
        let ack2 = ledger.acked(3, room: 0, seq: 7, id: 70)
        #expect(ack2 == .again)
    }

    @Test(arguments: [(0, 8, 70), (0, 7, 71), (1, 7, 70)] as [(Int, Int64, Int64)])
    func anotherAckContradictsTheFirst(room: Int, seq: Int64, id: Int64) {
        var ledger = Self.ledger()
        _ = ledger.acked(3, room: 0, seq: 7, id: 70)
        let ack3 = ledger.acked(3, room: room, seq: seq, id: id)
        #expect(ack3 == .contradiction)
        #expect(ledger.seqOf[3] == 7)
    }

    @Test(arguments: [1, nil])
    func anAckOfAnotherRoomContradictsTheSend(room: Int?) {
        var ledger = Self.ledger()
        let ack4 = ledger.acked(3, room: room, seq: 7, id: 70)
        #expect(ack4 == .contradiction)
        #expect(ledger.waiting == 2)
    }

    @Test(arguments: [(5, 7), (3, 0), (-1, 7), (1_000_000, 7)] as [(Int, Int64)])
    func anAckOfNothing(n: Int, seq: Int64) {
        var ledger = Self.ledger()
        let ack5 = ledger.acked(n, room: 0, seq: seq, id: 70)
        #expect(ack5 == .unknown)
    }

    @Test func countsWhatIsOutstanding() {
        var ledger = Self.ledger()
        #expect(ledger.waiting == 2)
        _ = ledger.acked(3, room: 0, seq: 7, id: 70)
        _ = ledger.acked(3, room: 0, seq: 7, id: 70)
        #expect(ledger.waiting == 1)
        #expect(ledger.highestAcked == [7, 0])
        let rejections = [4, 4, 3].map { ledger.rejected($0) }
        #expect(rejections == [true, false, false])
        #expect(ledger.waiting == 0)
        let ack6 = ledger.acked(4, room: 1, seq: 1, id: 1)
        #expect(ack6 == .unknown, "it was refused")
    }
}
