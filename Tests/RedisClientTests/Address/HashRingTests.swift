import Testing

@testable import RedisClient

struct HashRingTests {
    private static let rooms = Int64(1)...10_000

    @Test(arguments: [
        ["redis://127.0.0.1:6379", "redis://127.0.0.1:6380", "redis://127.0.0.1:6381"],
        ["redis://a:6379", "redis://b:6379", "redis://c:6379"],
        ["redis://10.0.0.1:6379", "redis://10.0.0.2:6379", "redis://10.0.0.3:6379/2"],
    ])
    func `rooms spread evenly`(names: [String]) {
        let ring = HashRing(names: names)
        var counts = [Int](repeating: 0, count: names.count)
        for room in Self.rooms { counts[ring.server(of: room)] += 1 }
        let mean = Double(Self.rooms.count) / Double(names.count)
        #expect(Double(counts.max() ?? 0) / mean < 1.25, "\(counts)")
        #expect(Double(counts.min() ?? 0) / mean > 0.75, "\(counts)")
    }

    @Test func `a server that goes moves its own rooms only`() {
        let (all, left) = (HashRing(names: ["a", "b", "c"]), HashRing(names: ["a", "c"]))
        for room in Self.rooms {
            let before = ["a", "b", "c"][all.server(of: room)]
            let after = ["a", "c"][left.server(of: room)]
            if before != "b" { #expect(after == before) }
        }
    }

    @Test func `the order of the servers does not matter`() {
        let (one, other) = (["a", "b", "c"], ["c", "a", "b"])
        let (oneRing, otherRing) = (HashRing(names: one), HashRing(names: other))
        for room in Self.rooms { #expect(one[oneRing.server(of: room)] == other[otherRing.server(of: room)]) }
    }

    /// Another process, or another release, must place rooms as this one does.
    @Test func `places are the same in every process`() {
        let ring = HashRing(names: ["redis://a:6379", "redis://b:6379", "redis://c:6379"])
        let places = [Int64.min, -1, 0, 1, 2, 3, 42, 1_000_000, .max].map { ring.server(of: $0) }
        #expect(places == [2, 0, 0, 1, 0, 0, 0, 2, 0])
    }

    @Test func `one server has all rooms`() {
        let ring = HashRing(names: ["a"])
        for room in Self.rooms { #expect(ring.server(of: room) == 0) }
    }
}
