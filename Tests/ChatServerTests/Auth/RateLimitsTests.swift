import Testing

@testable import ChatServer

@Suite struct RateLimitsTests {
    @Test(arguments: [
        ("send-user=60/20", RateLimits.Kind.sendUser, TokenBucket.Limit(burst: 60, perSecond: 20)),
        ("register-address=5/0.05", .registerAddress, TokenBucket.Limit(burst: 5, perSecond: 0.05)),
        ("join-room=1/0.001", .joinRoom, TokenBucket.Limit(burst: 1, perSecond: 0.001)),
    ])
    func aLimitIsSet(text: String, kind: RateLimits.Kind, limit: TokenBucket.Limit) throws {
        var limits = RateLimits()
        try limits.set(text)
        #expect(limits[kind] == limit)
        var others = RateLimits()
        others[kind] = limit
        #expect(limits == others, "and no other")
    }

    @Test func aLimitIsSwitchedOff() throws {
        var limits = RateLimits()
        try limits.set("login-user=off")
        #expect(limits[.loginUser] == nil)
        #expect(limits[.loginAddress] != nil)
    }

    @Test(arguments: [
        "", "send-user", "send-user=", "send-user=60", "send-user=60/", "send-user=/20", "send-user=60/20/1",
        "send-user=0/20", "send-user=60/0", "send-user=-1/1", "send-user=nan/1", "send-user=1/inf", "send-user=none",
        "send=60/20", "SEND-USER=60/20",
    ])
    func whatIsNoLimitIsTold(text: String) {
        var limits = RateLimits()
        #expect(throws: ConfigurationProblem.self) { try limits.set(text) }
        #expect(limits == RateLimits())
    }

    /// What `--help` shows can be given back.
    @Test func theHelpIsReadable() throws {
        var limits = RateLimits()
        for item in RateLimits.help.split(separator: ", ") { try limits.set(item) }
        for kind in RateLimits.Kind.allCases {
            let (read, standard) = (try #require(limits[kind]), try #require(RateLimits()[kind]))
            #expect(read.burst == standard.burst)
            #expect(abs(read.perSecond - standard.perSecond) < 0.001)
        }
    }
}
