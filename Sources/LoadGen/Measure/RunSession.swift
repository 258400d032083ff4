import AsyncHTTPClient
import ChatMetrics
import ChatProtocol
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// One run, from the first connect to the last check.
struct RunSession: Sendable {
    /// What a run came to, before it is judged.
    struct Outcome: Sendable {
        var summary: Summary
        var histograms: [Summary.Series: LatencyHistogram]
        var scraper: Scraper
        /// Why the timeline is not whole.
        var unwritten: ReportError?
    }

    /// Asks a run to end early: what was measured so far is still written.
    final class Interrupt: Sendable {
        private let flag = Atomic<Bool>(false)
        func set() { flag.store(true, ordering: .relaxed) }
        var isSet: Bool { flag.load(ordering: .relaxed) }

        /// - Throws: ``Interrupted`` if it is set: to be called where nothing is measured yet.
        func check() throws(Interrupted) {
            if isSet { throw Interrupted() }
        }

        /// Runs what is to end with it: then it is cancelled, and waited for.
        /// - Throws: ``Interrupted``, or what `body` throws.
        func ending<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
            try await withThrowingTaskGroup(of: T?.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await body() }
                group.addTask {
                    while !self.isSet { try await Task.sleep(for: .milliseconds(100)) }
                    return nil
                }
                guard let first = try await group.next(), let value = first else { throw Interrupted() }
                return value
            }
        }
    }

    /// The run was asked to end before there was anything to write down.
    struct Interrupted: Error, CustomStringConvertible {
        var description: String { "stopped before anything was measured" }
    }

    /// After the schedule's end the generator has this long to catch up.
    private static let catchUp = Duration.seconds(1)
    /// After all is delivered, repeats and inventions have this long to show.
    private static let linger = Duration.milliseconds(300)
    private static let connectTimeout = Duration.seconds(60)
    private static let unverified =
        "nothing was verified, as verify: false asks: the figures tell what the generator costs, and prove nothing"

    let scenario: Scenario
    let setupName: String
    let seed: UInt64
    let stage: Stage
    let http: HTTPClient
    let interrupt: Interrupt
    let timeline: TimelineWriter
    let progress: ProgressPrinter
    /// Nil if nobody asked for them.
    let metrics: LoadMetrics?

    func run() async throws -> Outcome {
        let clock = RunClock()
        let plan = RunPlan(
            run: UInt32.random(in: 1 ... .max),
            seed: seed,
            schedule: Schedule(phases: scenario.phases),
            endpoints: stage.endpoints,
            accounts: stage.accounts,
            rooms: stage.rooms,
            auth: scenario.auth,
            payloadBytes: scenario.payloadBytes,
            traceShare: scenario.traceShare,
            isVerified: scenario.isVerified,
            connectRate: scenario.phases.first?.connectRate ?? 1000,
            tokens: stage.tokens
        )
        // Half of the cores where the servers share them.
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let threads = max(1, stage.endpoints.contains(where: \.isLoopback) ? cores / 2 : cores)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(threads, plan.accounts.count))
        let connector = try Connector(endpoints: stage.endpoints, trust: stage.trust)
        let eventLoops = Array(group.makeIterator())
        let loops = eventLoops.enumerated().map { index, eventLoop in
            GeneratorLoop(
                index: index,
                loopCount: eventLoops.count,
                eventLoop: eventLoop,
                plan: plan,
                clock: clock,
                connector: connector,
                history: RoomHistory(http: http, plan: plan)
            )
        }
        let renewal = Task { await renewer(plan, loops).run() }
        defer { renewal.cancel() }
        let run = RunInProgress(session: self, plan: plan, clock: clock, loops: loops)
        let outcome: Outcome
        do {
            outcome = try await run.play()
        } catch {
            for loop in loops { try? await loop.eventLoop.submit { loop.closeAll() }.get() }
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
        return outcome
    }

    /// Keeps the clients' tokens good; tells each client on its own loop. Of several servers the first that answers is
    /// asked.
    private func renewer(_ plan: RunPlan, _ loops: [GeneratorLoop]) -> TokenRenewer {
        let servers = plan.endpoints.map {
            RestClient(http: http, baseURL: $0.baseURL, timeout: .seconds(5), attempts: 2)
        }
        return TokenRenewer(tokens: plan.tokens) { refreshToken in
            var cause: any Error = CancellationError()
            for server in servers {
                do {
                    let session = try await RestSeeder.refresh(refreshToken, server)
                    return (session.accessToken, session.renewal)
                } catch {
                    cause = error
                }
            }
            throw cause
        } onRenewed: { client in
            let loop = loops[client % loops.count]
            loop.eventLoop.execute {
                // Before the first connect there are no clients; they will begin with the new token.
                let place = client / loops.count
                if loop.users.indices.contains(place) { loop.users[place].renewToken() }
            }
        }
    }

    /// A run's moving parts.
    private struct RunInProgress {
        let session: RunSession
        let plan: RunPlan
        let clock: RunClock
        let loops: [GeneratorLoop]

        private var schedule: Schedule { plan.schedule }

        func play() async throws -> Outcome {
            let startedAt = Date()
            let scraper = Scraper(targets: session.stage.scrapeTargets, http: session.http)
            await scraper.scrape(at: 0)
            var state = Ticker(session: session, plan: plan, loops: loops, clock: clock, scraper: scraper)
            let faults = FaultTrack(session.scenario.phases.contains { $0.fault != nil } ? session.stage.injector : nil)
            let residentBefore = HostFacts.residentBytes
            for loop in loops { try await on(loop) { $0.connectAll() } }
            try await connect(&state)
            let residentPerClient =
                max(0, HostFacts.residentBytes - residentBefore) / max(1, session.scenario.clients)
            let start = clock.now + 200_000_000
            for loop in loops { try await on(loop) { $0.play(from: start) } }
            do {
                try await playSchedule(from: start, &state, faults)
            } catch {
                await faults.finish(elapsed: state.stopwatch)
                throw error
            }
            let played = clock.now - start
            await faults.finish(elapsed: state.stopwatch)
            try await drain(&state)
            for loop in loops { try await on(loop) { $0.stop() } }
            await scraper.scrape(at: state.elapsed)
            await state.settleEdges()
            for loop in loops { try await on(loop) { $0.giveUpHeld() } }
            let parts = try await collect()
            for loop in loops { try await on(loop) { $0.closeAll() } }
            let stored = await checkStore(parts)
            return RunReport(
                session: session,
                plan: plan,
                startedAt: startedAt,
                scheduleStart: Double(start - state.start) / 1e9,
                played: played,
                parts: parts,
                stored: stored,
                ticker: state,
                residentPerClient: residentPerClient
            ).outcome(
                scraper: scraper, readings: await scraper.readings, faults: await faults.faults,
                failures: await faults.failures
                    + [
                        plan.isVerified ? nil : RunSession.unverified, stored?.failure, await scraper.failure,
                    ].compactMap(\.self))
        }

        private func on<T: Sendable>(_ loop: GeneratorLoop, _ body: @escaping @Sendable (GeneratorLoop) -> T)
            async throws -> T
        {
            try await loop.eventLoop.submit { body(loop) }.get()
        }

        private func connect(_ state: inout Ticker) async throws {
            let expected = Double(plan.accounts.count) / plan.connectRate
            let deadline = ContinuousClock.now + .seconds(expected) + RunSession.connectTimeout
            while ContinuousClock.now < deadline, !session.interrupt.isSet {
                try await state.tick(phase: session.scenario.phases.first?.name ?? "connect")
                var isSettled = true
                for loop in loops where try await !on(loop, { $0.isSettled }) { isSettled = false }
                if isSettled { break }
            }
            var ready = 0
            for loop in loops { ready += try await on(loop) { $0.readyCount } }
            if ready == 0, !session.interrupt.isSet {
                var reasons: [String: Int] = [:]
                for loop in loops { reasons.merge(try await on(loop) { $0.failures }) { $0 + $1 } }
                let worst = reasons.max { $0.value < $1.value }?.key ?? "no answer"
                let address = plan.endpoints.map(\.baseURL).joined(separator: ", ")
                throw StackError(description: "no client could connect to \(address): \(worst)")
            }
        }

        private func playSchedule(from start: Int64, _ state: inout Ticker, _ faults: FaultTrack) async throws {
            var phase: Phase?
            while !session.interrupt.isSet {
                let offset = clock.now - start
                if offset >= schedule.duration { break }
                let segment = schedule.segment(at: max(0, offset))
                state.enter(segment)
                if let segment, segment.name != phase?.name {
                    phase = session.scenario.phases.first { $0.name == segment.name }
                    await faults.enter(phase?.fault, elapsed: state.stopwatch)
                    if let share = phase?.reconnectShare {
                        for loop in loops { try await on(loop) { $0.cut(share: share) } }
                    }
                    let churn = phase?.churnRate ?? 0
                    for loop in loops { try await on(loop) { $0.changeMemberships(rate: churn) } }
                    let slow = phase?.slowReaderShare ?? 0
                    for loop in loops { try await on(loop) { $0.letReadSlowly(share: slow) } }
                }
                try await state.tick(phase: segment?.name ?? "")
            }
            let deadline = ContinuousClock.now + RunSession.catchUp
            var hasPlayed = false
            while !hasPlayed, ContinuousClock.now < deadline, !session.interrupt.isSet {
                try await state.tick(phase: schedule.segments.last?.name ?? "")
                hasPlayed = true
                for loop in loops where try await !on(loop, { $0.hasPlayed }) { hasPlayed = false }
            }
            // The last message is on the screens by now, so the servers' figures hold what was measured.
            state.enter(nil)
            for loop in loops {
                try await on(loop) { loop in
                    loop.changeMemberships(rate: 0)
                    loop.letReadSlowly(share: 0)
                }
            }
            if hasPlayed { return }
            let isInterrupted = session.interrupt.isSet
            for loop in loops {
                try await on(loop) { loop in
                    if isInterrupted { loop.stop() } else { loop.giveUpRest() }
                }
            }
        }

        /// Waits until everything sent is answered and everything acked is delivered, or the time is over.
        private func drain(_ state: inout Ticker) async throws {
            let limit = session.interrupt.isSet ? min(session.scenario.drain, .seconds(2)) : session.scenario.drain
            let deadline = ContinuousClock.now + limit
            while ContinuousClock.now < deadline {
                if try await isComplete() { break }
                try await state.tick(phase: "drain")
            }
            try await Task.sleep(for: RunSession.linger)
            try await state.finishSecond(phase: "drain")
        }

        private func isComplete() async throws -> Bool {
            var highest: [Int64] = Array(repeating: 0, count: plan.rooms.count)
            for loop in loops {
                let (waiting, own) = try await on(loop) { $0.outstanding }
                if waiting > 0 { return false }
                for (room, seq) in own.enumerated() { highest[room] = max(highest[room], seq) }
            }
            let wanted = highest
            for loop in loops where try await on(loop, { !$0.hasEverything(through: wanted) }) { return false }
            return true
        }

        private func collect() async throws -> [LoopResult] {
            var parts: [LoopResult] = []
            for loop in loops { parts.append(try await on(loop) { $0.result }) }
            return parts
        }

        private func checkStore(_ parts: [LoopResult]) async -> StoreCheck.Outcome? {
            if session.interrupt.isSet || !plan.isVerified { return nil }
            let check = StoreCheck(http: session.http, plan: plan)
            let progress = session.progress
            // Everybody had joined before the first message went out.
            var bases: [Int: Sequence64] = [:]
            for receiver in parts.flatMap(\.receivers) {
                bases[receiver.room] = min(bases[receiver.room] ?? .max, receiver.track.base)
            }
            return await check.run(parts.flatMap(\.ledger.sends), after: bases) { progress.note($0) }
        }
    }
}

/// What one loop has when the run is over.
struct LoopResult: Sendable {
    var recorder: Recorder
    var counts: LoopCounts
    var measured: LoopCounts
    var ledger: IntegrityLedger
    var failures: [String: Int]
    var errors: [String: Int]
    var receivers: [IntegrityVerdict.Receiver]
    var flows: FlowMatrix
    var connectionsByInstance: [Int: Int]
    var churn: Summary.Churn
}

extension GeneratorLoop {
    var result: LoopResult {
        var counts = counts
        counts.failed = users.count { !$0.wasReady }
        return LoopResult(
            recorder: recorder,
            counts: counts,
            measured: measured,
            ledger: ledger,
            failures: failures,
            errors: errors,
            receivers: receivers,
            flows: flows,
            connectionsByInstance: connectionsByInstance,
            churn: churn
        )
    }

    private var receivers: [IntegrityVerdict.Receiver] {
        guard plan.isVerified else { return [] }
        return formerGuests
            + users.flatMap { user in
                let guest = user.guest.flatMap { guest in guest.track.map { (guest.room, $0, guest.isInside) } }
                let seats = user.memberships.compactMap { seat in seat.track.map { (seat.room, $0, true) } }
                return (seats + (guest.map { [$0] } ?? [])).map { room, track, isInside in
                    IntegrityVerdict.Receiver(
                        client: user.index, room: room, track: track, isPresent: isInside && user.state == .ready)
                }
            }
    }

    /// Messages that wait for an answer or a connection and guests on their way, and by room the highest `seq` that was acked.
    var outstanding: (waiting: Int, highest: [Int64]) { (ledger.waiting + holding + openChanges, ledger.highestAcked) }

    /// True if every receiver has every room up to these. One that lost its connection comes back for it.
    func hasEverything(through highest: [Int64]) -> Bool {
        guard plan.isVerified else { return true }
        return users.allSatisfy { user in
            guard user.wasReady else { return true }
            return user.state == .ready
                && user.memberships.allSatisfy { ($0.track.map { $0.next - 1 } ?? .max) >= highest[$0.room] }
                && user.guest.map { !$0.isInside || ($0.track?.next ?? .max) > highest[$0.room] } ?? true
        }
    }
}
