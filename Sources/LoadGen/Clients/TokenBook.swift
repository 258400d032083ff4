import Synchronization

/// The clients' access tokens, which are renewed while a run goes on.
final class TokenBook: Sendable {
    private struct Entry {
        var token: String
        var renewal: Account.Renewal?
    }

    private let entries: Mutex<[Entry]>

    init(_ accounts: [Account]) {
        entries = Mutex(accounts.map { Entry(token: $0.token, renewal: $0.renewal) })
    }

    /// A client's present token.
    subscript(client: Int) -> String { entries.withLock { $0[client].token } }

    /// The clients whose tokens are to be renewed now, with what renews them.
    func due(at now: ContinuousClock.Instant) -> [(client: Int, refreshToken: String)] {
        entries.withLock { entries in
            entries.indices.compactMap { client in
                guard let renewal = entries[client].renewal, renewal.dueAt <= now else { return nil }
                return (client, renewal.refreshToken)
            }
        }
    }

    func renewed(_ client: Int, token: String, renewal: Account.Renewal) {
        entries.withLock { $0[client] = Entry(token: token, renewal: renewal) }
    }

    /// A renewal failed: the next try is then.
    func postpone(_ client: Int, until instant: ContinuousClock.Instant) {
        entries.withLock { $0[client].renewal?.dueAt = instant }
    }
}
