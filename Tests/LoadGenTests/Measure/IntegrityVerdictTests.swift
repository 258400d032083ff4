import ChatProtocol
import Testing

@testable import LoadGen

@Suite struct IntegrityVerdictTests {
    private static let everything = Array(Int64(1)...10)

    /// Ten messages in the first room; its members are given.
    private static func verdict(
        plan: RunPlan = IntegrityFixtures.plan(),
        _ receivers: [IntegrityVerdict.Receiver],
        _ change: (inout IntegrityLedger) -> Void = { _ in }
    ) -> IntegrityVerdict {
        var ledger = IntegrityLedger(plan: plan, index: 0, loopCount: 1)
        IntegrityFixtures.play(&ledger, count: 10)
        change(&ledger)
        return IntegrityVerdict(plan: plan, ledgers: [ledger], receivers: receivers)
    }

    @Test func allIsWell() {
        let verdict = Self.verdict([0, 1].map { IntegrityFixtures.receiver($0, got: Self.everything) })
        #expect(verdict.lost == 0)
        #expect(verdict.unacked == 0)
        #expect(verdict.unexpected == 0)
        #expect(verdict.expectedDeliveries == 20)
        #expect(verdict.details.isEmpty)
        #expect(verdict.lastReceiver.count == 10)
        #expect(verdict.lastReceiver.max == 499)
    }

    @Test func lostInTheMiddle() {
        let verdict = Self.verdict([
            IntegrityFixtures.receiver(0, got: Self.everything),
            IntegrityFixtures.receiver(1, got: [1, 2, 5, 6, 8, 9, 10]),
        ])
        #expect(verdict.lost == 3)
        #expect(verdict.expectedDeliveries == 20)
        #expect(
            verdict.details == [
                "client 1 never got seq 3 to 4 of room 100", "client 1 never got seq 7 of room 100",
            ])
    }

    /// Nothing comes after it, so only the others and the acks tell that there was something.
    @Test func lostAtTheTail() {
        let verdict = Self.verdict([
            IntegrityFixtures.receiver(0, got: Self.everything),
            IntegrityFixtures.receiver(1, got: Array(1...8)),
        ])
        #expect(verdict.lost == 2)
        #expect(verdict.details == ["client 1 never got seq 9 to 10 of room 100"])
    }

    @Test func lostByEverybody() {
        let verdict = Self.verdict([0, 1].map { IntegrityFixtures.receiver($0, got: Array(1...9)) })
        #expect(verdict.lost == 2)
        #expect(verdict.unacked == 0)
    }

    @Test func aClientThatGotNothing() {
        let verdict = Self.verdict([IntegrityFixtures.receiver(0, got: [])])
        #expect(verdict.lost == 10)
        #expect(verdict.expectedDeliveries == 10)
    }

    @Test func aClientThatIsGoneIsOwedNothingMore() {
        let verdict = Self.verdict([
            IntegrityFixtures.receiver(0, got: Self.everything),
            IntegrityFixtures.receiver(1, got: [1, 2, 4], isPresent: false),
        ])
        #expect(verdict.lost == 1)
        #expect(verdict.expectedDeliveries == 14)
    }

    @Test func aClientExpectsWhatCameAfterItJoined() {
        let verdict = Self.verdict([
            IntegrityFixtures.receiver(0, got: Self.everything),
            IntegrityFixtures.receiver(1, base: 6, got: [7, 8, 9, 10]),
        ])
        #expect(verdict.lost == 0)
        #expect(verdict.expectedDeliveries == 14)
    }

    /// A target's room may have a history from before.
    @Test func seqsNeedNotBeginAtOne() {
        let plan = IntegrityFixtures.plan()
        var ledger = IntegrityLedger(plan: plan, index: 0, loopCount: 1)
        IntegrityFixtures.play(&ledger, count: 10, from: 501)
        let receivers = [0, 1].map { IntegrityFixtures.receiver($0, base: 500, got: Array(501...510)) }
        let verdict = IntegrityVerdict(plan: plan, ledgers: [ledger], receivers: receivers)
        #expect(verdict.lost == 0)
        #expect(verdict.expectedDeliveries == 20)
    }

    @Test func warmupIsCheckedAndNotCounted() {
        let plan = IntegrityFixtures.plan(warmup: 4, measured: 16)
        let verdict = Self.verdict(
            plan: plan,
            [
                IntegrityFixtures.receiver(0, got: Self.everything),
                IntegrityFixtures.receiver(1, got: Array(2...10)),
            ])
        #expect(verdict.lost == 1)
        #expect(verdict.expectedDeliveries == 12)
        #expect(verdict.lastReceiver.count == 6)
    }

    @Test func noAckIsUnackedAndARefusalIsNot() {
        let verdict = Self.verdict([0, 1].map { IntegrityFixtures.receiver($0, got: Self.everything) }) { ledger in
            ledger.sent(10, room: 0, planned: 1, at: 1)
            ledger.sent(11, room: 0, planned: 1, at: 1)
            _ = ledger.rejected(11)
        }
        #expect(verdict.unacked == 1)
        #expect(verdict.lost == 0)
        #expect(verdict.details == ["message 10 of room 100 got no ack"])
    }

    /// Somebody saw it, so it is there, and all others are owed it.
    @Test func whatOneReceiverSawIsOwedToAllEvenWithoutAnAck() {
        let verdict = Self.verdict([
            IntegrityFixtures.receiver(0, got: Array(1...11)),
            IntegrityFixtures.receiver(1, got: Self.everything),
        ]) { ledger in
            ledger.sent(10, room: 0, planned: 1, at: 1)
            _ = ledger.note(10, room: 0, seq: 11)
        }
        #expect(verdict.unacked == 1)
        #expect(verdict.lost == 1)
        #expect(verdict.expectedDeliveries == 22)
    }

    @Test func anAckAndADeliveryThatContradictEachOtherAreUnexpected() {
        let verdict = Self.verdict([0, 1].map { IntegrityFixtures.receiver($0, got: Array(1...11)) }) { ledger in
            ledger.sent(10, room: 0, planned: 1, at: 1)
            _ = ledger.acked(10, room: 0, seq: 11, id: 9000)
            _ = ledger.note(12, room: 0, seq: 11)
        }
        #expect(verdict.unexpected == 1)
        #expect(verdict.details == ["seq 11 of room 100 is two messages: 10, 12"])
    }

    @Test func twoAcksOfOneSeqAreUnexpected() {
        let verdict = Self.verdict([]) { ledger in
            ledger.sent(10, room: 0, planned: 1, at: 1)
            _ = ledger.acked(10, room: 0, seq: 10, id: 9000)
        }
        #expect(verdict.unexpected == 1)
    }

    @Test func loopsThatSawDifferentMessagesInOnePlaceContradictEachOther() {
        let plan = IntegrityFixtures.plan()
        var ledgers = (0..<2).map { IntegrityLedger(plan: plan, index: $0, loopCount: 2) }
        ledgers[0].sent(0, room: 0, planned: 1, at: 1)
        _ = ledgers[0].acked(0, room: 0, seq: 1, id: 1)
        _ = ledgers[0].note(0, room: 0, seq: 1)
        _ = ledgers[1].note(1, room: 0, seq: 1)
        let receivers = [0, 1].map { IntegrityFixtures.receiver($0, got: [1]) }
        let verdict = IntegrityVerdict(plan: plan, ledgers: ledgers, receivers: receivers)
        #expect(verdict.unexpected == 1)
        #expect(verdict.lost == 0)
    }

    /// An invented `seq` must not make a table of that length.
    @Test func anAckBeyondAnyPossibleSeqIsNoReasonForATable() {
        let verdict = Self.verdict([0, 1].map { IntegrityFixtures.receiver($0, got: Self.everything) }) { ledger in
            ledger.sent(10, room: 0, planned: 1, at: 1)
            _ = ledger.acked(10, room: 0, seq: .max, id: 9000)
        }
        #expect(verdict.lost == 0)
        #expect(verdict.expectedDeliveries == 20)
    }

    @Test func roomsDoNotMix() {
        let plan = IntegrityFixtures.plan()
        var ledger = IntegrityLedger(plan: plan, index: 0, loopCount: 1)
        for n in 0..<6 {
            let seq = Int64(n / 2 + 1)
            ledger.sent(n, room: n % 2, planned: 1, at: 1)
            _ = ledger.acked(n, room: n % 2, seq: seq, id: Int64(n) + 1)
            _ = ledger.note(n, room: n % 2, seq: seq)
        }
        let verdict = IntegrityVerdict(
            plan: plan,
            ledgers: [ledger],
            receivers: [
                IntegrityFixtures.receiver(0, room: 0, got: [1, 2, 3]),
                IntegrityFixtures.receiver(0, room: 1, got: [1, 3]),
                IntegrityFixtures.receiver(1, room: 0, got: [1, 2, 3]),
                IntegrityFixtures.receiver(2, room: 1, got: [1, 2]),
            ])
        #expect(verdict.lost == 2)
        #expect(verdict.unexpected == 0)
        #expect(verdict.expectedDeliveries == 12)
        #expect(
            verdict.details == [
                "client 0 never got seq 2 of room 200", "client 2 never got seq 3 of room 200",
            ])
    }
}
