import Foundation
import NIOSSL
import Testing

@testable import LoadGen

@Suite struct TLSTrustTests {
    @Test func theSystemsAuthoritiesAreTheDefault() throws {
        #expect(try TrustOptions.parse([]).trust() == .system)
        #expect(try TLSTrust.system.configuration().certificateVerification == .fullVerification)
    }

    @Test func insecureTakesAny() throws {
        #expect(try TrustOptions.parse(["--insecure"]).trust() == .anyone)
        #expect(try TLSTrust.anyone.configuration().certificateVerification == .none)
    }

    @Test func aFileOfAuthoritiesMustBeOne() throws {
        #expect(try TrustOptions.parse(["--ca-file", "/x"]).trust() == .authorities(file: "/x"))
        #expect(throws: UsageError.self) { try TrustOptions.parse(["--ca-file", "/x", "--insecure"]).trust() }
        #expect(throws: ReportError.self) { try TLSTrust.authorities(file: "/nowhere/at/all").configuration() }
    }

    @Test func errorsThatAreNoneOfTLSHaveNoReason() {
        #expect(TLSTrust.reason(CancellationError()) == nil)
        #expect(TLSTrust.reason(NIOSSLError.uncleanShutdown)?.contains("handshake failed") == true)
        #expect(TLSTrust.reason(NIOSSLExtraError.failedToValidateHostname)?.contains("--insecure") == true)
    }
}
