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
    /// Whether this phase's messages count in the result.
    var measure: Bool

    init(name: String, connectRate: Double? = nil, duration: Duration? = nil, rate: Double = 0, measure: Bool = false) {
        self.name = name
        self.connectRate = connectRate
        self.duration = duration
        self.rate = rate
        self.measure = measure
    }
}
