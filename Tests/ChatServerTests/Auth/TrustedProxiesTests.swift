import Logging
import NIOHTTP1
import Testing

@testable import ChatServer

@Suite struct TrustedProxiesTests {
    private func client(
        of peer: String, _ headers: [(String, String)], trusting ranges: [String] = ["10.0.0.0/8", "fd00::/8"]
    ) throws -> String {
        let ranges = try ranges.map { try #require(ClientAddress.Range($0)) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let proxies = TrustedProxies(ranges, logger: logger, warns: true)
        return proxies.client(of: try #require(ClientAddress(peer)), HTTPHeaders(headers)).description
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("  203.0.113.7\t", "203.0.113.7"),
        // Proxy behind proxy: the rightmost that is not ours.
        ("203.0.113.7, 10.0.0.2, 10.0.0.3", "203.0.113.7"),
        // What a client has written stands left of what the proxies add.
        ("1.1.1.1, 203.0.113.7", "203.0.113.7"),
        ("10.9.9.9, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("nonsense, <script>, 203.0.113.7", "203.0.113.7"),
        // All are ours: the first of them asks.
        ("10.0.0.4, 10.0.0.3", "10.0.0.4"),
    ])
    func aTrustedProxyIsBelieved(header: String, expected: String) throws {
        #expect(try client(of: "10.0.0.1", [("X-Forwarded-For", header)]) == expected)
        #expect(try client(of: "fd00::1", [("x-forwarded-for", header)]) == expected)
    }

    @Test(arguments: ["203.0.113.7", "10.0.0.2", "127.0.0.1, 10.0.0.2"])
    func nobodyElseIs(header: String) throws {
        for name in ["X-Forwarded-For", "X-Real-IP"] {
            #expect(try client(of: "198.51.100.9", [(name, header)]) == "198.51.100.9")
            #expect(try client(of: "127.0.0.1", [(name, header)], trusting: []) == "127.0.0.1")
        }
        #expect(try client(of: "198.51.100.9", [("Forwarded", "for=203.0.113.7")]) == "198.51.100.9")
    }

    @Test(arguments: [
        "", "nonsense", "203.0.113.7,", "203.0.113.7, nonsense", "203.0.113.7, , 10.0.0.2", "203.0.113.7:port",
        "[2001:db8::7", "[2001:db8::7]4711", "203.0.113.7 10.0.0.2", "unknown",
    ])
    func whatIsMalformedMeansThePeer(header: String) throws {
        #expect(try client(of: "10.0.0.1", [("X-Forwarded-For", header)]) == "10.0.0.1")
    }

    @Test func linesOfTheHeaderAreOneList() throws {
        let lines = [("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "203.0.113.7, 10.0.0.2")]
        #expect(try client(of: "10.0.0.1", lines) == "203.0.113.7")
        #expect(try client(of: "10.0.0.1", []) == "10.0.0.1")
    }

    /// RFC 7239 section 4.
    @Test(arguments: [
        ("for=203.0.113.7", "203.0.113.7"),
        (#"For="[2001:db8::7]:4711""#, "2001:db8::7"),
        ("for=203.0.113.7;proto=http;by=10.0.0.9", "203.0.113.7"),
        ("for=1.1.1.1, for=203.0.113.7;host=\"a,b;c\" , for=10.0.0.2", "203.0.113.7"),
        ("for=unknown", "10.0.0.1"), ("for=_hidden", "10.0.0.1"), ("proto=https", "10.0.0.1"),
        (#"for=203.0.113.7, for="unclosed"#, "10.0.0.1"),
    ])
    func forwarded(header: String, expected: String) throws {
        #expect(try client(of: "10.0.0.1", [("Forwarded", header)]) == expected)
        let both = [("Forwarded", header), ("X-Forwarded-For", "198.51.100.1")]
        #expect(try client(of: "10.0.0.1", both) == "198.51.100.1", "X-Forwarded-For counts where both stand")
    }
}
