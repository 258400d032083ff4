import Testing

@testable import ChatServer

@Suite struct ConnectionLimitsTests {
    @Test func usersAndAddressesAreCountedApart() throws {
        let limits = ConnectionLimits(perAddress: 2, perUser: 1)
        let address = try #require(ClientAddress("2001:db8::1"))
        let neighbour = try #require(ClientAddress("2001:db8::2"))
        #expect(limits.opened(address))
        #expect(limits.opened(neighbour), "of the same network")
        #expect(!limits.opened(address))
        #expect(limits.opened(try #require(ClientAddress("192.0.2.1"))))
        #expect(limits.opened(7))
        #expect(!limits.opened(7))
        #expect(limits.opened(8))
        limits.closed(7)
        limits.closed(address)
        #expect(limits.opened(7))
        #expect(limits.opened(neighbour))
        #expect(!limits.opened(neighbour))
    }

    @Test func noLimitCountsNothing() {
        let limits = ConnectionLimits(perAddress: nil, perUser: nil)
        for _ in 0..<10_000 { #expect(limits.opened(7) && limits.opened(.unknown)) }
        limits.closed(7)
        limits.closed(.unknown)
    }

    /// What was refused is not counted, so closing as often as it was opened gives all places back.
    @Test func refusedOnesTakeNoPlace() {
        let limits = ConnectionLimits(perAddress: 3, perUser: 3)
        for _ in 0..<10 { _ = limits.opened(7) }
        for _ in 0..<3 { limits.closed(7) }
        for _ in 0..<3 { #expect(limits.opened(7)) }
        #expect(!limits.opened(7))
    }
}
