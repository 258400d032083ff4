/// Renews the clients' access tokens before they end, a few at a time.
struct TokenRenewer: Sendable {
    /// What `/auth/refresh` answered.
    typealias Renewed = (token: String, renewal: Account.Renewal)

    /// Requests under way at once.
    static let parallelism = 8
    /// After a failure; the old token is good for a while.
    static let retryDelay = Duration.seconds(5)

    let tokens: TokenBook
    let refresh: @Sendable (_ refreshToken: String) async throws -> Renewed
    /// Told of each client with a new token.
    let onRenewed: @Sendable (_ client: Int) -> Void

    /// Goes on until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            await renewDue(at: .now)
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Renews what is due.
    /// - Returns: how many could not be renewed, for now.
    @discardableResult
    func renewDue(at now: ContinuousClock.Instant) async -> Int {
        var waiting = tokens.due(at: now)[...]
        guard !waiting.isEmpty else { return 0 }
        return await withTaskGroup(of: Bool.self) { group in
            func add() {
                guard let (client, refreshToken) = waiting.popFirst() else { return }
                group.addTask { await renew(client, refreshToken, now) }
            }
            for _ in 0..<Self.parallelism { add() }
            var failed = 0
            for await isRenewed in group {
                if !isRenewed { failed += 1 }
                add()
            }
            return failed
        }
    }

    private func renew(_ client: Int, _ refreshToken: String, _ now: ContinuousClock.Instant) async -> Bool {
        do {
            let (token, renewal) = try await refresh(refreshToken)
            tokens.renewed(client, token: token, renewal: renewal)
            onRenewed(client)
            return true
        } catch {
            tokens.postpone(client, until: now + Self.retryDelay)
            return false
        }
    }
}
