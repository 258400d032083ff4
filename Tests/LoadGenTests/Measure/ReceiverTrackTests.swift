import Testing

@testable import LoadGen

@Suite struct ReceiverTrackTests {
    private static func verdicts(base: Int64 = 0, _ seqs: [Int64]) -> (ReceiverTrack, [ReceiverTrack.Verdict]) {
        var track = ReceiverTrack(base: base)
        let verdicts = seqs.map { track.received($0) }
        return (track, verdicts)
    }

    @Test func inOrder() {
        let (track, verdicts) = Self.verdicts(base: 7, [8, 9, 10])
        #expect(verdicts == [.inOrder, .inOrder, .inOrder])
        #expect(track.next == 11)
        #expect(track.highest == 10)
        #expect(track.missing(through: 10).isEmpty)
        #expect(track.missing(through: 12) == [11...12])
    }

    @Test func nothingCame() {
        let track = ReceiverTrack(base: 5)
        #expect(track.highest == 5)
        #expect(track.missing(through: 5).isEmpty)
        #expect(track.missing(through: 4).isEmpty)
        #expect(track.missing(through: 8) == [6...8])
    }

    @Test func twoThatWereSwapped() {
        let (track, verdicts) = Self.verdicts([1, 3, 2, 4])
        #expect(verdicts == [.inOrder, .early, .outOfOrder, .inOrder])
        #expect(track.next == 5)
        #expect(track.early.isEmpty)
    }

    @Test func oneThatWasDropped() {
        let (track, verdicts) = Self.verdicts([1, 3, 4, 5])
        #expect(verdicts == [.inOrder, .early, .early, .early])
        #expect(track.early == [3...5])
        #expect(track.missing(through: 5) == [2...2])
        #expect(track.missing(through: 7) == [2...2, 6...7])
        // Of a room that ended earlier, less is missing.
        #expect(track.missing(through: 2) == [2...2])
        #expect(track.missing(through: 1).isEmpty)
    }

    @Test func oneThatCameLateButCame() {
        let (track, verdicts) = Self.verdicts([1, 3, 4, 2, 5])
        #expect(verdicts == [.inOrder, .early, .early, .outOfOrder, .inOrder])
        #expect(track.missing(through: 5).isEmpty)
    }

    @Test func lateBetweenTwoHoles() {
        let (track, verdicts) = Self.verdicts([1, 5, 3])
        #expect(verdicts == [.inOrder, .early, .outOfOrder])
        #expect(track.early == [3...3, 5...5])
        #expect(track.missing(through: 6) == [2...2, 4...4, 6...6])
    }

    @Test(
        arguments: [
            ([1, 1], .duplicate), ([1, 2, 1], .duplicate), ([2, 2], .duplicate), ([2, 3, 4, 3], .duplicate),
            // What was there before the receiver joined is nothing new either.
            ([0], .duplicate), ([-3], .duplicate),
        ] as [([Int64], ReceiverTrack.Verdict)])
    func repeated(seqs: [Int64], last: ReceiverTrack.Verdict) {
        #expect(Self.verdicts(seqs).1.last == last)
    }

    @Test func rangesMerge() {
        var track = ReceiverTrack(base: 0)
        for seq in [10, 12, 11, 4, 3, 6, 5] as [Int64] { _ = track.received(seq) }
        #expect(track.early == [3...6, 10...12])
        _ = track.received(2)
        #expect(track.early == [2...6, 10...12])
        #expect(track.received(1) == .outOfOrder)
        #expect(track.next == 7)
        #expect(track.early == [10...12])
    }

    /// The same with a set of everything that came: slow, and too simple to be wrong.
    private struct Oracle {
        let base: Int64
        var got: Set<Int64> = []

        mutating func received(_ seq: Int64) -> ReceiverTrack.Verdict {
            guard seq > base, !got.contains(seq) else { return .duplicate }
            let isLate = got.contains { $0 > seq }
            let isNext = (base + 1..<seq).allSatisfy(got.contains)
            got.insert(seq)
            return isLate ? .outOfOrder : isNext ? .inOrder : .early
        }

        func missing(through last: Int64) -> [Int64] {
            last > base ? (base + 1...last).filter { !got.contains($0) } : []
        }
    }

    @Test(arguments: 0..<60)
    func agreesWithASetOfEverything(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let base = Int64.random(in: 0...3, using: &random)
        var seqs = (1...40).map { base + Int64($0) }
        // From nearly in order to a full shuffle, with drops, repeats and what is too old.
        for _ in 0..<Int(seed) {
            seqs.swapAt(Int.random(in: 0..<seqs.count, using: &random), Int.random(in: 0..<seqs.count, using: &random))
        }
        seqs.removeSubrange(0..<Int.random(in: 0...5, using: &random))
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            seqs.insert(Int64.random(in: 0...45, using: &random), at: Int.random(in: 0..<seqs.count, using: &random))
        }
        var track = ReceiverTrack(base: base)
        var oracle = Oracle(base: base)
        for seq in seqs {
            #expect(track.received(seq) == oracle.received(seq), "seq \(seq) of \(seqs)")
            #expect(track.highest == oracle.got.max() ?? base)
            #expect(track.next == oracle.missing(through: 100)[0])
            for last in [base, base + 20, base + 50] {
                #expect(track.missing(through: last).flatMap { Array($0) } == oracle.missing(through: last))
            }
        }
        let pairs = zip(track.early, track.early.dropFirst())
        #expect(pairs.allSatisfy { $0.upperBound + 1 < $1.lowerBound }, "ranges touch: \(track.early)")
    }
}
