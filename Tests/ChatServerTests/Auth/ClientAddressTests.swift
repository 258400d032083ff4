import Testing

@testable import ChatServer

@Suite struct ClientAddressTests {
    @Test(arguments: ["192.0.2.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::1", "fe80::1:2:3:4"])
    func itReadsWhatItShows(text: String) throws {
        #expect(try #require(ClientAddress(text)).description == text)
    }

    @Test func mappedIPv4IsIPv4() {
        #expect(ClientAddress("::ffff:192.0.2.1") == ClientAddress("192.0.2.1"))
    }

    @Test(arguments: [
        "", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1 ", ":::", "1:2", "192.0.2.1/8", "fe80::1%lo",
    ])
    func whatIsNoAddress(text: String) {
        #expect(ClientAddress(text) == nil)
    }

    @Test func aNetworkIsWhatOneClientHas() throws {
        let address = { (text: String) in try #require(ClientAddress(text)) }
        #expect(try address("2001:db8:0:1::5").network == address("2001:db8:0:1:ffff::9").network)
        #expect(try address("2001:db8:0:1::5").network != address("2001:db8:0:2::5").network)
        #expect(try address("192.0.2.1").network != address("192.0.2.2").network)
    }

    @Test(arguments: [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255", "::a00:0"]),
        ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
        ("192.0.2.4/30", ["192.0.2.4", "192.0.2.7"], ["192.0.2.3", "192.0.2.8"]),
        ("0.0.0.0/0", ["1.2.3.4", "255.0.0.1"], ["::1", "2001:db8::1"]),
        ("::/0", ["1.2.3.4", "::1", "2001:db8::1"], []),
        ("2001:db8::/32", ["2001:db8::1", "2001:db8:ffff::"], ["2001:db9::1", "1.2.3.4"]),
        ("fd00::/65", ["fd00::1", "fd00::7fff:0:0:0"], ["fd00::8000:0:0:0", "fd00:0:0:1::"]),
        ("::1", ["::1"], ["::2", "0.0.0.1"]),
    ])
    func ranges(text: String, inside: [String], outside: [String]) throws {
        let range = try #require(ClientAddress.Range(text))
        for address in inside { #expect(range.contains(try #require(ClientAddress(address))), "\(address)") }
        for address in outside { #expect(!range.contains(try #require(ClientAddress(address))), "\(address)") }
    }

    @Test(arguments: ["", "/8", "10.0.0.0/33", "::1/129", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "balancer"])
    func whatIsNoRange(text: String) {
        #expect(ClientAddress.Range(text) == nil)
    }
}
