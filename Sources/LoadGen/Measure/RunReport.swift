import ChatMetrics
import Foundation

/// Puts a run's parts together into its summary.
struct RunReport {
    let session: RunSession
    let plan: RunPlan
    let startedAt: Date
    /// Seconds from the run's start to the schedule's.
    let scheduleStart: Double
    /// Nanoseconds of the schedule until it ended, or was interrupted.
    let played: Int64
    let parts: [LoopResult]
    /// Nil if the run was interrupted before the store could be read.
    let stored: StoreCheck.Outcome?
    let ticker: Ticker
    let residentPerClient: Int

    /// - Parameter failures: what could not be carried through, in words.
    func outcome(
        scraper: Scraper,
        readings: [Scraper.Reading],
        faults: [Summary.InjectedFault],
        failures: [String]
    ) -> RunSession.Outcome {
        var recorder = Recorder()
        for part in parts { recorder.merge(part.recorder) }
        let verdict = IntegrityVerdict(
            plan: plan,
            ledgers: parts.map(\.ledger),
            receivers: parts.flatMap(\.receivers)
        )
        let histograms = recorder.series(lastReceiver: verdict.lastReceiver)
        let counts = parts.map(\.counts).reduce(LoopCounts(), +)
        let measured = parts.map(\.measured).reduce(LoopCounts(), +)
        let seconds = measuredSeconds
        var summary = Summary()
        summary.scenario = session.scenario.name
        summary.setup = session.setupName
        summary.seed = session.seed
        summary.startedAt = Format.timestamp(startedAt)
        summary.durationS = seconds
        summary.environment = HostFacts.environment(
            store: session.stage.store,
            broker: session.stage.broker,
            balancer: session.stage.balancer
        )
        summary.clients = clients(counts)
        let churn = parts.map(\.churn).reduce(Summary.Churn(), +)
        if churn.stays > 0 { summary.churn = churn }
        summary.messages = messages(counts, measured, verdict, seconds)
        let flows = parts.map(\.flows).reduce(FlowMatrix()) { $0.merging($1) }
        summary.messages.crossInstanceShare = flows.crossShare
        summary.flows = flows.named(plan.instances.all)
        let refusals = refusals(counts)
        summary.integrity = Summary.Integrity(
            lost: verdict.lost,
            duplicated: counts.duplicated + (stored?.duplicated ?? 0),
            outOfOrder: counts.outOfOrder,
            unacked: verdict.unacked + refusals.unacked,
            unexpected: counts.unexpected + verdict.unexpected,
            storeMissing: stored?.missing ?? 0
        )
        summary.integrityDetail =
            refusals.details + parts.flatMap(\.ledger.details) + verdict.details + (stored?.details ?? [])
        summary.unproved =
            if plan.isVerified {
                stored == nil || stored?.failure != nil ? [Summary.Integrity.CodingKeys.storeMissing.rawValue] : []
            } else {
                summary.integrity.figures.map(\.name)
            }
        summary.latency = Summary.Latencies(histograms.mapValues(\.summary))
        summary.generator = generator(recorder)
        summary.servers = servers(readings)
        summary.phases = phases
        summary.errors = parts.reduce(into: [:]) { $0.merge($1.errors) { $0 + $1 } }
        summary.interrupted = session.interrupt.isSet
        summary.injectedFaults = faults
        summary.parts = ticker.parts
        summary.recoveriesPeak = recoveriesPeak(readings)
        if !failures.isEmpty { summary.failure = failures.joined(separator: "; ") }
        return RunSession.Outcome(
            summary: summary, histograms: histograms, scraper: scraper, unwritten: ticker.timelineFailure)
    }

    /// Messages that the server refused for good, or that found no connection.
    private func refusals(_ counts: LoopCounts) -> Refusals {
        Refusals(
            count: counts.rejected + counts.unsent - parts.reduce(0) { $0 + $1.ledger.unsentByGenerator },
            offered: counts.offered
        )
    }

    /// The measured phases' planned length; of an interrupted run what there was of it.
    private var measuredSeconds: Double {
        if session.interrupt.isSet { return Double(ticker.measuredNanoseconds) / 1e9 }
        return Double(plan.schedule.segments.filter(\.measure).reduce(0) { $0 + $1.duration }) / 1e9
    }

    private func clients(_ counts: LoopCounts) -> Summary.Clients {
        Summary.Clients(
            target: plan.accounts.count,
            connected: parts.reduce(0) { $0 + $1.recorder.connect.countAsInt },
            failed: counts.failed,
            disconnected: counts.disconnected,
            reconnected: counts.reconnected,
            failures: parts.reduce(into: [:]) { $0.merge($1.failures) { $0 + $1 } }
        )
    }

    private func messages(
        _ counts: LoopCounts,
        _ measured: LoopCounts,
        _ verdict: IntegrityVerdict,
        _ seconds: Double
    ) -> Summary.Messages {
        return Summary.Messages(
            offered: measured.offered,
            sent: measured.sent,
            acked: measured.acked,
            persisted: stored?.persisted ?? 0,
            expectedDeliveries: verdict.expectedDeliveries,
            delivered: measured.delivered,
            deliveredByHistory: measured.deliveredByHistory,
            sendRate: seconds > 0 ? Double(measured.sent) / seconds : 0,
            deliveryRate: seconds > 0 ? Double(measured.delivered) / seconds : 0,
            rejected: counts.rejected,
            unsent: counts.unsent
        )
    }

    private func generator(_ recorder: Recorder) -> Summary.Generator {
        let lag = recorder.lag.summary
        let reason = GeneratorHealth.voidReason(
            lag: lag,
            unsentByGenerator: parts.reduce(0) { $0 + $1.ledger.unsentByGenerator }
        )
        return Summary.Generator(
            lag: lag,
            cpuSeconds: ticker.cpuSeconds,
            rssBytes: HostFacts.residentBytes,
            bytesPerClient: residentPerClient,
            void: reason != nil,
            voidReason: reason
        )
    }

    /// Each server over the measured phases: what it used and what it delivered. Where a balancer answers for several in
    /// turn there is no telling, and they are left out.
    private func servers(_ readings: [Scraper.Reading]) -> [Summary.Server] {
        session.stage.scrapeTargets.compactMap { target in
            let own = readings.filter { $0.instance == target.instance }.sorted { $0.second < $1.second }
            let names = Set(own.map(\.name)).sorted()
            guard names.count <= 1 else {
                session.progress.note(
                    "\(target.baseURL) is answered by \(names.joined(separator: ", ")) in turn: their figures are left"
                        + " out (name each server with --target, and they are in)")
                return nil
            }
            var server = Summary.Server(
                instance: target.instance,
                connectionsMax: own.map(\.connections).max() ?? 0,
                rssBytes: own.map(\.residentBytes).max() ?? 0,
                roomsMax: own.map(\.rooms).max() ?? 0
            )
            for span in ticker.measuredSpans {
                let measured = own.filter { span.contains($0.second) }
                server.cpuSeconds += measured.growth(\.cpuSeconds)
                server.deliveries += measured.growth(\.deliveries)
                server.published += measured.growth(\.published)
                server.brokerReceived += measured.growth(\.brokerReceived)
                server.recoveries += measured.growth(\.recoveries)
                server.replayed += measured.growth(\.replayed)
            }
            return server
        }
    }

    /// The most recovering joins a second, over all servers: between two scrapes, a second apart.
    private func recoveriesPeak(_ readings: [Scraper.Reading]) -> Double {
        var rates: [Int: Double] = [:]
        // By process: behind one address several may answer in turn.
        for own in Dictionary(grouping: readings, by: { [$0.instance, $0.name] }).values {
            let sorted = own.sorted { $0.second < $1.second }
            for (before, after) in zip(sorted, sorted.dropFirst()) where after.second > before.second {
                // Scrapes that lie closer together than a second would blow a handful up to a flood.
                let rate = Double(max(0, after.recoveries - before.recoveries)) / max(1, after.second - before.second)
                rates[Int(after.second), default: 0] += rate
            }
        }
        return rates.values.max() ?? 0
    }

    private var phases: [Summary.Phase] {
        var phases = [
            Summary.Phase(
                name: session.scenario.phases.first?.name ?? "connect",
                startS: 0,
                durationS: scheduleStart,
                rate: 0,
                measure: false
            )
        ]
        let end = session.interrupt.isSet ? played : plan.schedule.duration
        phases += plan.schedule.segments.filter { $0.start < end || !session.interrupt.isSet }.map { segment in
            Summary.Phase(
                name: segment.name,
                startS: scheduleStart + Double(segment.start) / 1e9,
                durationS: Double(min(segment.duration, end - segment.start)) / 1e9,
                rate: segment.rate,
                measure: segment.measure
            )
        }
        return phases
    }
}

extension LatencyHistogram {
    fileprivate var countAsInt: Int { Int(clamping: count) }
}
