import Foundation

/// A stretch of a run.
///
/// The first phase connects all clients and lasts as long as that takes; each other phase has a duration.
struct Phase: Sendable, Equatable {
    var name: String
    /// Clients a second; `nil` for a phase that does not connect.
    var connectRate: Double?
    /// `nil` for the connect phase, whose length follows from `connectRate`.
    var duration: Duration?
    /// Messages a second over all clients; 0 sends none.
    var rate: Double
    /// A closed loop: so many messages are under way at any time, and each ack lets the next one go; `nil` for an open one,
    /// which sends at `rate`. A closed loop finds what a server can do at most; its latencies hide stalls.
    var inFlight: Int?
    /// Whether this phase's messages count in the result.
    var measure: Bool
    /// What is broken while it lasts.
    var fault: Fault?
    /// The share of the connections, 0…1, that are cut at its beginning, all at once.
    var reconnectShare: Double?
    /// The share of the clients, 0…1, that read nothing while it lasts.
    var slowReaderShare: Double?
    /// Memberships that change a second: guests who join a room, leave it, or are removed.
    var churnRate: Double?

    init(
        name: String,
        connectRate: Double? = nil,
        duration: Duration? = nil,
        rate: Double = 0,
        inFlight: Int? = nil,
        measure: Bool = false,
        fault: Fault? = nil,
        reconnectShare: Double? = nil,
        slowReaderShare: Double? = nil,
        churnRate: Double? = nil
    ) {
        self.name = name
        self.connectRate = connectRate
        self.duration = duration
        self.rate = rate
        self.inFlight = inFlight
        self.measure = measure
        self.fault = fault
        self.reconnectShare = reconnectShare
        self.slowReaderShare = slowReaderShare
        self.churnRate = churnRate
    }
}
