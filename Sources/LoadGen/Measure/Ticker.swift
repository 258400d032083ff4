import ChatMetrics
import Foundation

/// Once a second: a row of the timeline, a line of progress, now and then a scrape; and the CPU of the measured phases.
/// Scrapes are tasks of their own: a server that does not answer does not hold the ticker up.
struct Ticker {
    private static let scrapeInterval = 1

    private let session: RunSession
    private let plan: RunPlan
    private let loops: [GeneratorLoop]
    private let clock: RunClock
    private let scraper: Scraper
    let start: Int64
    private var second = 0
    /// Of the present second: the counts at its beginning, its deliveries and the latest message's delay so far.
    private var before = LoopCounts()
    private var latency = LatencyHistogram()
    private var lag: Int64 = 0
    /// The counts when they were last taken.
    private var taken = LoopCounts()
    private var segment: Schedule.Segment?
    private var cpuBefore: Double?
    private var measuredSince: Int64?
    /// Of the generator, during measured phases.
    private(set) var cpuSeconds = 0.0
    /// How long was measured.
    private(set) var measuredNanoseconds: Int64 = 0
    /// The measured phases, in seconds from the run's start: at both ends of each the servers were scraped.
    private(set) var measuredSpans: [ClosedRange<Double>] = []
    /// Of the parts that are no server: what they used in the measured phases, and how large they were.
    private(set) var parts: [Summary.Part] = []
    private var partsBefore: [String: ProcessUsage] = [:]
    private var edges: [EdgeScrape] = []
    private var spanStart = 0.0

    /// Why the timeline is not whole: the run goes on without.
    private(set) var timelineFailure: ReportError?

    private typealias EdgeScrape = Task<Void, Never>

    init(session: RunSession, plan: RunPlan, loops: [GeneratorLoop], clock: RunClock, scraper: Scraper) {
        self.session = session
        self.plan = plan
        self.loops = loops
        self.clock = clock
        self.scraper = scraper
        start = clock.now
    }

    var elapsed: Double { stopwatch() }

    /// Tells the seconds since the run's start, whenever it is asked.
    var stopwatch: @Sendable () -> Double {
        let (clock, start) = (clock, start)
        return { Double(clock.now - start) / 1e9 }
    }

    /// Waits a little, and does what a new second wants. Who is scraped tells what is so now, not what was so at the last
    /// second: a counter that moves once a second, scraped once a second, shows rates that were never played.
    mutating func tick(phase: String) async throws {
        try await Task.sleep(for: .milliseconds(50))
        if elapsed >= Double(second + 1) {
            try await finishSecond(phase: phase)
        } else if session.metrics != nil {
            try await take(phase: phase)
        }
    }

    /// Takes what the loops have measured since the last time.
    private mutating func take(phase: String) async throws {
        var counts = LoopCounts()
        var fresh = LatencyHistogram()
        for loop in loops {
            let part = try await loop.eventLoop.submit { (loop.counts, loop.takeInterval()) }.get()
            counts = counts + part.0
            fresh.merge(part.1.latency)
            lag = max(lag, part.1.lag)
        }
        latency.merge(fresh)
        session.metrics?.record(
            LoadMetrics.Progress(
                scenario: session.scenario.name,
                setup: session.setupName,
                phase: phase,
                clients: plan.accounts.count,
                counts: counts,
                before: taken,
                deliver: fresh
            )
        )
        taken = counts
    }

    /// Closes the present second, full or not.
    mutating func finishSecond(phase: String) async throws {
        try await take(phase: phase)
        let counts = taken
        let row = TimelineRow(
            second: second,
            phase: phase,
            offered: counts.offered - before.offered,
            sent: counts.sent - before.sent,
            acked: counts.acked - before.acked,
            delivered: counts.delivered - before.delivered,
            p50Ns: latency.percentile(50),
            p99Ns: latency.percentile(99),
            connections: counts.connected,
            generatorLagNs: lag
        )
        // After half a row there is no going on.
        if timelineFailure == nil {
            do { try session.timeline.append(row) } catch { timelineFailure = error }
        }
        let connectSeconds = Double(plan.accounts.count) / plan.connectRate
        session.progress.show(
            ProgressSnapshot(
                elapsed: elapsed,
                total: connectSeconds + Double(plan.schedule.duration) / 1e9,
                phase: phase,
                connected: counts.connected,
                clients: plan.accounts.count,
                offeredRate: Double(row.offered),
                sentRate: Double(row.sent),
                ackedRate: Double(row.acked),
                deliveredRate: Double(row.delivered),
                p50: row.p50Ns,
                p99: row.p99Ns,
                lagP99: row.generatorLagNs,
                errors: counts.rejected + counts.failed,
                violations: counts.violations
            )
        )
        session.metrics?.record(lagNanoseconds: lag)
        (before, latency, lag) = (counts, LatencyHistogram(), 0)
        // Only what may be started again within a phase is worth the look: it reads all processes.
        if cpuBefore != nil, session.stage.injector != nil, session.scenario.phases.contains(where: { $0.fault != nil })
        {
            addParts()
        }
        second = max(second + 1, Int(elapsed))
        if second % Self.scrapeInterval == 0 {
            let (scraper, instant) = (scraper, elapsed)
            Task { await scraper.scrapeIfIdle(at: instant) }
        }
    }

    private mutating func scrapeEdge(at instant: Double) {
        let scraper = scraper
        edges.append(Task { await scraper.scrape(at: instant) })
    }

    /// Waits, at most as long as a scrape may take, for the readings at the edges.
    mutating func settleEdges() async {
        for edge in edges { await edge.value }
        edges = []
    }

    private var otherParts: [StackPart] { session.stage.roster?.all.filter { $0.kind != .server } ?? [] }

    private var partUsage: [String: ProcessUsage] {
        otherParts.reduce(into: [:]) { usage, part in usage[part.name] = part.usage }
    }

    /// Adds what the other parts have used since the last time, or since the measured phase began. One that was started
    /// again counts from 0: what it had used in its last second before is not known.
    private mutating func addParts() {
        let after = partUsage
        for part in otherParts {
            guard let now = after[part.name] else { continue }
            let place = parts.firstIndex { $0.name == part.name } ?? parts.endIndex
            if place == parts.endIndex { parts.append(Summary.Part(name: part.name, kind: part.kind.rawValue)) }
            let before = partsBefore[part.name]?.cpuSeconds ?? 0
            parts[place].cpuSeconds += now.cpuSeconds >= before ? now.cpuSeconds - before : now.cpuSeconds
            parts[place].rssBytes = max(parts[place].rssBytes, now.residentBytes)
            partsBefore[part.name] = now
        }
    }

    /// The schedule has come to another phase, or to its end.
    mutating func enter(_ next: Schedule.Segment?) {
        guard next != segment else { return }
        let now = clock.now
        if let cpu = cpuBefore, let since = measuredSince, next?.measure != true {
            cpuSeconds += HostFacts.cpuSeconds - cpu
            measuredNanoseconds += now - since
            let end = elapsed
            measuredSpans.append(spanStart...end)
            scrapeEdge(at: end)
            addParts()
            cpuBefore = nil
        } else if next?.measure == true, cpuBefore == nil {
            spanStart = elapsed
            scrapeEdge(at: spanStart)
            partsBefore = partUsage
            cpuBefore = HostFacts.cpuSeconds
            measuredSince = now
        }
        segment = next
    }
}
