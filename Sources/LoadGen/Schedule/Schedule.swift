import Foundation

/// When every message of a run is due: a pure function of its number, fixed before the first one is sent.
///
/// Load is open: a slow server does not make the generator send later, so a stall shows in the latency of every
/// message that was due meanwhile (Tene, "How NOT to Measure Latency"; wrk2).
struct Schedule: Sendable, Equatable {
    /// A phase with load or without, after all clients are connected.
    struct Segment: Sendable, Equatable {
        var name: String
        /// Nanoseconds from the schedule's start.
        var start: Int64
        var duration: Int64
        /// Messages a second.
        var rate: Double
        var measure: Bool
        /// Of a closed loop: how many messages are under way at a time. Its messages have no planned instants, and
        /// `count` only bounds how many it may send.
        var inFlight: Int?
        /// The number of its first message, and how many it has.
        var first: Int
        var count: Int

        var end: Int64 { start + duration }
    }

    /// No closed loop sends more than so many messages a second.
    static let closedLoopBound = 100_000

    let segments: [Segment]
    /// The last one, if it is a closed loop.
    var closedLoop: Segment? { segments.last.flatMap { $0.inFlight == nil ? nil : $0 } }

    init(phases: [Phase]) {
        var segments: [Segment] = []
        for phase in phases where phase.connectRate == nil {
            let components = (phase.duration ?? .zero).components
            let duration = components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
            segments.append(
                Segment(
                    name: phase.name,
                    start: segments.last?.end ?? 0,
                    duration: duration,
                    rate: phase.rate,
                    measure: phase.measure,
                    inFlight: phase.inFlight,
                    first: segments.last.map { $0.first + $0.count } ?? 0,
                    count: Int(
                        (Double(duration) / 1e9 * (phase.inFlight == nil ? phase.rate : Double(Self.closedLoopBound)))
                            .rounded())
                )
            )
        }
        self.segments = segments
    }

    /// Messages in all.
    var count: Int { segments.last.map { $0.first + $0.count } ?? 0 }

    /// Nanoseconds in all.
    var duration: Int64 { segments.last?.end ?? 0 }

    /// When message `n` is due, in nanoseconds from the start; nil if there is no such message. Those of a closed loop
    /// wait for each other from the loop's start on.
    func instant(of n: Int) -> Int64? {
        guard n >= 0, let segment = segments.last(where: { $0.first <= n && $0.count > 0 }),
            n < segment.first + segment.count
        else { return nil }
        if segment.inFlight != nil { return segment.start }
        return segment.start + Int64(Double(n - segment.first) * 1e9 / segment.rate)
    }

    /// How many messages are due at an instant: those planned at it or before.
    func due(at instant: Int64) -> Int {
        guard let segment = segments.last(where: { $0.start <= instant }) else { return 0 }
        guard segment.count > 0 else { return segment.first }
        let elapsed = Double(min(instant, segment.end) - segment.start)
        var due = segment.first + min(segment.count, Int(elapsed * segment.rate / 1e9) + 1)
        // Instants are whole nanoseconds, so at a message's own instant the product can be a hair too small for it.
        if due < segment.first + segment.count, let next = self.instant(of: due), next <= instant { due += 1 }
        return due
    }

    func isMeasured(_ n: Int) -> Bool {
        segments.contains { $0.measure && $0.first <= n && n < $0.first + $0.count }
    }

    /// The phase at an instant.
    func segment(at instant: Int64) -> Segment? {
        segments.last { $0.start <= instant }
    }
}
