import Synchronization
import Testing

@testable import LoadGen

@Suite struct TokenRenewerTests {
    private static let start = ContinuousClock.now

    private static func account(_ index: Int, expiresIn: Int?) -> Account {
        Account(
            userID: Int64(index) + 1,
            username: "u\(index)",
            token: "t\(index)",
            renewal: expiresIn.map { .init(refreshToken: "r\(index)", expiresIn: $0, now: start) }
        )
    }

    private final class Server: Sendable {
        let counts = Mutex((now: 0, most: 0, told: [Int]()))
        let fails: Bool

        init(fails: Bool = false) { self.fails = fails }

        func renewer(_ tokens: TokenBook) -> TokenRenewer {
            TokenRenewer(tokens: tokens) { refreshToken in
                self.counts.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                await Task.yield()
                self.counts.withLock { $0.now -= 1 }
                if self.fails { throw StackError(description: "gone") }
                return (
                    "new-" + refreshToken,
                    .init(refreshToken: refreshToken + "'", expiresIn: 900, now: start + .seconds(600))
                )
            } onRenewed: { client in
                self.counts.withLock { $0.told.append(client) }
            }
        }
    }

    @Test func renewsWellBeforeTheEnd() async {
        let tokens = TokenBook([Self.account(0, expiresIn: 900), Self.account(1, expiresIn: nil)])
        let server = Server()
        let renewer = server.renewer(tokens)
        await renewer.renewDue(at: Self.start + .seconds(599))
        #expect(tokens[0] == "t0")
        await renewer.renewDue(at: Self.start + .seconds(600))
        #expect(tokens[0] == "new-r0")
        #expect(tokens[1] == "t1", "without a refresh token it stays")
        #expect(server.counts.withLock(\.told) == [0])
        // The successor is spent in its turn.
        await renewer.renewDue(at: Self.start + .seconds(1199))
        #expect(tokens[0] == "new-r0")
        await renewer.renewDue(at: Self.start + .seconds(1200))
        #expect(tokens[0] == "new-r0'")
    }

    @Test func aFewAtATime() async {
        let tokens = TokenBook((0..<100).map { Self.account($0, expiresIn: 3) })
        let server = Server()
        await server.renewer(tokens).renewDue(at: Self.start + .seconds(2))
        #expect(server.counts.withLock(\.told).sorted() == Array(0..<100))
        #expect(server.counts.withLock(\.most) <= TokenRenewer.parallelism)
    }

    @Test func aFailureIsTriedAgainLater() async {
        let tokens = TokenBook([Self.account(0, expiresIn: 900)])
        let now = Self.start + .seconds(600)
        #expect(await Server(fails: true).renewer(tokens).renewDue(at: now) == 1)
        #expect(tokens[0] == "t0")
        #expect(tokens.due(at: now).isEmpty)
        #expect(tokens.due(at: now + TokenRenewer.retryDelay).map(\.refreshToken) == ["r0"])
    }
}
