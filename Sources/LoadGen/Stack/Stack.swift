import Foundation

/// Where a server's metrics are read.
struct ScrapeTarget: Sendable, Equatable {
    var instance: String
    /// `http://host:port`
    var baseURL: String
}

/// What a run plays against: servers that are ready, accounts and rooms.
struct Stage: Sendable {
    var endpoints: [Endpoint]
    /// Of endpoints with TLS.
    var trust = TLSTrust.system
    var scrapeTargets: [ScrapeTarget]
    var accounts: [Account]
    /// Of the accounts: what one run has renewed the next one begins with.
    var tokens: TokenBook
    var rooms: [RoomPlan]
    /// For the summary: `sqlite 3.40.1`, `memory`, `none`.
    var store: String
    var broker: String
    var balancer: String
    /// What this program has started for it, if it has: servers, store, broker and balancer.
    var roster: PartRoster?
    var injector: FaultInjector?
}

/// Why there is nothing to play against: exit status 69.
struct StackError: Error, CustomStringConvertible {
    var description: String
}
