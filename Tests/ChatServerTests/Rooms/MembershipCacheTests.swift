import NIOCore
import Testing

@testable import ChatServer

@Suite struct MembershipCacheTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test func knowsUntilTheLifetimeIsOver() {
        let cache = MembershipCache(lifetime: .seconds(60))
        #expect(!cache.contains(1, in: 7, now: start))
        cache.insert(1, in: 7, now: start)
        #expect(cache.contains(1, in: 7, now: start + .seconds(59)))
        #expect(!cache.contains(1, in: 7, now: start + .seconds(60)))
        #expect(!cache.contains(1, in: 8, now: start))
        #expect(!cache.contains(7, in: 1, now: start))
    }

    @Test func aRemovalCountsAtOnce() {
        let cache = MembershipCache()
        cache.insert(1, in: 7, now: start)
        cache.insert(2, in: 7, now: start)
        cache.remove(1, from: 7)
        #expect(!cache.contains(1, in: 7, now: start))
        #expect(cache.contains(2, in: 7, now: start))
        cache.remove(3, from: 7)
    }

    @Test func aDeletedRoomTakesAllItsEntriesAlong() {
        let cache = MembershipCache(lifetime: .seconds(60), capacity: 4)
        for user in 1...Int64(3) { cache.insert(user, in: 7, now: start) }
        cache.insert(1, in: 8, now: start)
        cache.remove(7)
        cache.remove(9)
        for user in 1...Int64(3) { #expect(!cache.contains(user, in: 7, now: start)) }
        #expect(cache.contains(1, in: 8, now: start))
        // They count no more: there is room for as many others.
        for user in 4...Int64(6) { cache.insert(user, in: 7, now: start) }
        for user in 4...Int64(6) { #expect(cache.contains(user, in: 7, now: start)) }
        #expect(cache.contains(1, in: 8, now: start))
    }

    @Test func forgetsTheOldWhenFull() {
        let cache = MembershipCache(lifetime: .seconds(60), capacity: 10)
        for user in 1...Int64(5) { cache.insert(user, in: 7, now: start) }
        for user in 6...Int64(10) { cache.insert(user, in: 7, now: start + .seconds(30)) }
        cache.insert(11, in: 7, now: start + .seconds(61))
        for user in 6...Int64(11) { #expect(cache.contains(user, in: 7, now: start + .seconds(61)), "\(user)") }
    }

    @Test func staysWithinItsBound() {
        let cache = MembershipCache(lifetime: .seconds(60), capacity: 10)
        for user in 1...Int64(1000) {
            cache.insert(user, in: 7, now: start)
            #expect(cache.contains(user, in: 7, now: start))
        }
        #expect((1...Int64(1000)).filter { cache.contains($0, in: 7, now: start) }.count <= 10)
    }
}
