import Testing

@testable import ChatServer

@Suite struct RoomStreamTests {
    /// What a verdict delivers; nil for the others.
    private static func delivered(_ verdict: RoomStream<String>.Verdict) -> [String]? {
        if case .deliver(let elements) = verdict { elements } else { nil }
    }

    /// Offers what must be held back; the hole before it.
    private static func hole(_ stream: inout RoomStream<String>, behind seq: Int64) -> ClosedRange<Int64>? {
        guard case .hold = stream.offer(seq, "\(seq)") else { return nil }
        return stream.hole
    }

    private static func isDrop(_ verdict: RoomStream<String>.Verdict) -> Bool {
        if case .drop = verdict { true } else { false }
    }

    private static func started(after seq: Int64) -> RoomStream<String> {
        var stream = RoomStream<String>()
        _ = stream.start(after: seq)
        return stream
    }

    @Test func inOrder() {
        var stream = Self.started(after: 4)
        for seq in 5...Int64(8) { #expect(Self.delivered(stream.offer(seq, "\(seq)")) == ["\(seq)"]) }
        #expect(stream.next == 9)
        #expect(stream.heldCount == 0)
    }

    @Test func whatWasDeliveredIsDropped() {
        var stream = Self.started(after: 4)
        _ = stream.offer(5, "5")
        for seq in 1...Int64(5) { #expect(Self.isDrop(stream.offer(seq, "again"))) }
        #expect(stream.next == 6)
    }

    @Test func aHoleHoldsUntilItIsFilled() {
        var stream = Self.started(after: 0)
        #expect(Self.hole(&stream, behind: 4) == 1...3)
        #expect(Self.hole(&stream, behind: 6) == 1...3)
        #expect(Self.hole(&stream, behind: 2) == 1...1)
        #expect(stream.heldCount == 3)
        #expect(Self.delivered(stream.offer(1, "1")) == ["1", "2"])
        #expect(Self.delivered(stream.offer(3, "3")) == ["3", "4"])
        #expect(stream.heldCount == 1)
        #expect(Self.delivered(stream.offer(5, "5")) == ["5", "6"])
        #expect(stream.heldCount == 0)
        #expect(stream.next == 7)
    }

    @Test func whatIsHeldIsBounded() {
        var stream = RoomStream<String>(bound: 3)
        for seq in [5, 6, 7] as [Int64] { _ = stream.offer(seq, "\(seq)") }
        #expect(Self.isDrop(stream.offer(8, "8")), "before the start")
        #expect(stream.start(after: 3) == [])
        #expect(Self.isDrop(stream.offer(9, "9")), "behind a hole")
        #expect(Self.delivered(stream.offer(4, "4")) == ["4", "5", "6", "7"])
        #expect(Self.delivered(stream.offer(8, "8")) == ["8"])
    }

    @Test func aHeldOneThatComesAgainIsDropped() {
        var stream = Self.started(after: 0)
        _ = stream.offer(3, "3")
        #expect(Self.isDrop(stream.offer(3, "3")))
        #expect(stream.heldCount == 1)
    }

    @Test func beforeTheStartEverythingWaits() {
        var stream = RoomStream<String>()
        for seq in [3, 5, 4, 2, 7] as [Int64] {
            guard case .wait = stream.offer(seq, "\(seq)") else {
                Issue.record("\(seq) did not wait")
                continue
            }
        }
        #expect(stream.next == nil)
        #expect(stream.start(after: 3) == ["4", "5"])
        #expect(stream.next == 6)
        #expect(stream.heldCount == 1)
        #expect(Self.delivered(stream.offer(6, "6")) == ["6", "7"])
    }

    @Test func itStartsOnce() {
        var stream = Self.started(after: 4)
        #expect(stream.start(after: 9).isEmpty)
        #expect(stream.next == 5)
    }

    @Test func anyOrderComesOutInOrder() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var stream = Self.started(after: 0)
            var out: [String] = []
            for seq in (1...Int64(40)).flatMap({ [$0, $0] }).shuffled(using: &generator) {
                out += Self.delivered(stream.offer(seq, "\(seq)")) ?? []
            }
            #expect(out == (1...40).map { "\($0)" })
        }
    }
}
