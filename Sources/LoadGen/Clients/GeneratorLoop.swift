import ChatMetrics
import ChatProtocol
import NIOCore

/// One event loop's share of the load: its clients, its part of the schedule, and what it measures.
///
/// Messages are dealt to the loops by number: loop `i` of `L` sends `i`, `i + L`, `i + 2L` …, so that no loop waits for
/// another. `@unchecked Sendable`: everything but the constants is touched on the event loop alone.
/// `@exclusivity(unchecked)`: values that count and record each delivery, whose functions call nothing that leads back here.
final class GeneratorLoop: @unchecked Sendable {
    /// Messages sent in one turn before the sockets are read again.
    static let burst = 1024
    /// The timer's own granularity: messages due within it go out together.
    static let granularity: Int64 = 100_000
    /// Clients that have a connect under way.
    static let maxConnecting = 512
    /// A client that could not connect so often in a row is not waited for, though it goes on trying.
    static let hopelessAttempts = 5

    let index: Int
    let loopCount: Int
    let eventLoop: any EventLoop
    let plan: RunPlan
    let clock: RunClock
    let connector: Connector
    let history: RoomHistory

    var users: [VirtualUser] = []
    @exclusivity(unchecked) var recorder = Recorder()
    /// Of the present second; taken and reset by ``takeInterval()``.
    @exclusivity(unchecked) var interval = LatencyHistogram()
    var intervalLag: Int64 = 0
    @exclusivity(unchecked) var counts = LoopCounts()
    /// Of the measured phases alone.
    @exclusivity(unchecked) var measured = LoopCounts()
    @exclusivity(unchecked) var ledger: IntegrityLedger
    var failures: [String: Int] = [:]
    var errors: [String: Int] = [:]
    var connectionsByInstance: [Int: Int] = [:]
    /// Of the measured messages, from instance to instance.
    @exclusivity(unchecked) var flows = FlowMatrix()

    /// Decides who sends what where: a fixed number of draws a message, so that the same seed plays the same run.
    var random: SeededGenerator
    /// For all else.
    var noise: SeededGenerator
    var start: Int64 = 0
    var next: Int
    /// The users in the order in which they connect, and how many have begun to.
    var inTurn: [VirtualUser] = []
    var nextConnect = 0
    var connectStart: Int64 = 0
    var connecting = 0
    var readyCount = 0
    var isStopped = false
    /// What has to be read over REST, and how many readings are under way.
    var gaps: [HistoryGap] = []
    var historyReads = 0
    /// Messages that wait for a connection that takes them.
    var holding = 0
    var traceThreshold: UInt64
    /// Membership changes a second of this loop; 0 when none are wanted. What came of them, and who was a guest.
    var churnRate = 0.0
    /// Counts the rates: what was planned at another one is not played any more.
    var churnRound = 0
    var churnsUnderWay = 0
    var churn = Summary.Churn()
    var formerGuests: [IntegrityVerdict.Receiver] = []
    /// Of a closed loop: this loop's messages under way, 0 when it does not run; and when it ends.
    var closedShare = 0
    var closedEnd: Int64 = 0

    init(
        index: Int, loopCount: Int, eventLoop: any EventLoop, plan: RunPlan, clock: RunClock, connector: Connector,
        history: RoomHistory
    ) {
        self.index = index
        self.loopCount = loopCount
        self.eventLoop = eventLoop
        self.plan = plan
        self.clock = clock
        self.connector = connector
        self.history = history
        next = index
        random = SeededGenerator(seed: plan.seed &+ UInt64(index) &* 0x1_0000_0001)
        noise = SeededGenerator(seed: plan.seed &+ UInt64(index) &* 0x1_0000_0001 &+ 1)
        ledger = IntegrityLedger(plan: plan, index: index, loopCount: loopCount)
        traceThreshold = plan.traceShare >= 1 ? .max : UInt64(plan.traceShare * Double(UInt64.max))
    }

    func note(failure reason: String) { failures[reason, default: 0] += 1 }

    func maskingKey() -> UInt32 { UInt32(truncatingIfNeeded: noise.next()) }

    // MARK: - The run's end

    /// What happened since the last call.
    func takeInterval() -> (latency: LatencyHistogram, lag: Int64) {
        defer {
            interval = LatencyHistogram()
            intervalLag = 0
        }
        return (interval, intervalLag)
    }

    /// Stops sending and connecting; clients stay.
    func stop() { isStopped = true }

    func closeAll() {
        isStopped = true
        for user in users { user.close() }
        eventLoop.scheduleTask(in: .seconds(1)) { for user in self.users { user.abandon() } }
    }
}
