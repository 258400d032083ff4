import Foundation

/// How messages are sent.
enum Pace: Sendable {
    /// At planned instants, however slow the server is.
    case rate(Double)
    /// So many under way: the next one goes out when one has arrived at every member of its room.
    case inFlight(Int)
    /// So many under way in each room: its next one goes out when one has arrived at every member.
    case inFlightPerRoom(Int)

    /// Measured from the first message to the arrival of the last. A loop of one room is cut out of its middle: there
    /// what is under way is the same at both ends.
    var isCountedWhole: Bool {
        if case .inFlight = self { false } else { true }
    }
}

/// What a room's members got in the measured time.
struct RoomResult: Sendable {
    /// Messages that were sent in all, warm-up included, and how often they arrived.
    var sent = 0
    var arrived = 0
    var expected = 0
    /// In the measured time.
    var deliveries = 0
    var seconds = 0.0
    var serverCPU = 0.0
    var driverCPU = 0.0

    var perServerCPU: Double { Double(deliveries) / max(serverCPU, 1e-9) }
    var perDriverCPU: Double { Double(deliveries) / max(driverCPU, 1e-9) }
    var perSecond: Double { Double(deliveries) / max(seconds, 1e-9) }
}

/// Clients of one room, or of several, on one thread, as cheap as can be: what is left is the server's cost.
final class RoomDriver {
    private let target: RoomTarget
    private let receivers = Receivers()
    private var sockets = 0
    private let isSpinning: Bool
    private let run = UInt32.random(in: 1 ... .max)
    private var sent = 0
    /// By layout, how many messages each of its rooms was sent.
    private var sentTo: [[Int]]
    /// Where messages go at present: the layout's place in the target's.
    private var place = 0
    /// Deliveries that are to come of what was sent.
    private var due = 0
    /// Messages to each member of a closed loop that have arrived everywhere.
    private var completed = 0

    init(_ target: RoomTarget, members: Int, isSpinning: Bool = true) throws {
        self.target = target
        self.isSpinning = isSpinning
        guard !target.layouts.isEmpty else { throw Failure("no room to drive") }
        sentTo = target.layouts.map { Array(repeating: 0, count: $0.rooms.count) }
        try open(upTo: members)
    }

    /// Opens as many sockets more as are missing, and waits until all have joined.
    func open(upTo count: Int) throws {
        receivers.isSpinning = false
        while sockets < count {
            let (descriptor, rest) = try target.open(sockets)
            try receivers.add(descriptor, rest: rest)
            sockets += 1
            // Earlier members are told of the later ones.
            if sockets % 16 == 0 { try receivers.poll(0) }
        }
        try receivers.settle(quiet: 0.3, timeout: 30)
        receivers.isSpinning = isSpinning
    }

    /// - Parameter server: the process whose CPU is measured.
    /// - Throws: ``Failure`` if a message was lost or came twice.
    func drive(
        _ pace: Pace, layout place: Int = 0, warmup: Double, seconds: Double, server: Int32
    ) throws -> RoomResult {
        self.place = place
        let sentBefore = sent
        let arrivedBefore = receivers.deliveries
        var result = RoomResult()
        try play(pace, seconds: warmup)
        if pace.isCountedWhole { try arrive() }
        let before = try sample(server)
        try play(pace, seconds: seconds)
        if pace.isCountedWhole { try arrive() }
        let after = try sample(server)
        try arrive()
        result.deliveries = after.deliveries - before.deliveries
        result.seconds = Double(after.time - before.time) / 1e9
        result.serverCPU = after.server - before.server
        result.driverCPU = after.driver - before.driver
        result.sent = sent - sentBefore
        result.expected = result.sent * layout.size
        result.arrived = receivers.deliveries - arrivedBefore
        guard receivers.errors == 0 else { throw Failure("the server answered \(receivers.errors) errors") }
        return result
    }

    private var layout: RoomTarget.Layout { target.layouts[place] }

    /// Those whose members are all here.
    private var rooms: Int { min(layout.rooms.count, sockets / layout.size) }

    private struct Sample {
        var time: Int64
        var server: Double
        var driver: Double
        var deliveries: Int
    }

    private func sample(_ server: Int32) throws -> Sample {
        guard let cpu = ProcessCost.cpuSeconds(server) else { throw Failure("the server is gone") }
        return Sample(
            time: monotonicNanoseconds(), server: cpu, driver: threadCPU(), deliveries: receivers.deliveries)
    }

    private func threadCPU() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func play(_ pace: Pace, seconds: Double) throws {
        let start = monotonicNanoseconds()
        let length = Int64(seconds * 1e9)
        switch pace {
        case .rate(let rate):
            let count = Int((rate * seconds).rounded())
            for n in 0..<count {
                let instant = start + Int64(Double(n) / rate * 1e9)
                while true {
                    let wait = instant - monotonicNanoseconds()
                    if wait <= 0 { break }
                    try receivers.poll(wait)
                }
                try send()
                try receivers.poll(0)
            }
            // The last message's share of the time.
            while monotonicNanoseconds() < start + length {
                try receivers.poll(start + length - monotonicNanoseconds())
            }
        case .inFlight(let limit):
            while monotonicNanoseconds() - start < length {
                while sent - arrivedEverywhere() < limit { try send() }
                let before = receivers.deliveries
                try receivers.poll(50_000_000)
                if receivers.deliveries == before { try waitForProgress() }
            }
        case .inFlightPerRoom(let limit):
            try playEachRoom(limit, until: start + length)
        }
    }

    private func playEachRoom(_ limit: Int, until end: Int64) throws {
        let size = layout.size
        // What every member of a room has together, and the rooms that wait for their next message.
        var arrived = Array(repeating: 0, count: rooms)
        var ready = Array((0..<rooms).map { Array(repeating: $0, count: limit) }.joined())
        receivers.onMessages = { socket, before, after in
            let room = socket / size
            let complete = arrived[room] / size
            arrived[room] += after - before
            for _ in complete..<arrived[room] / size { ready.append(room) }
        }
        defer { receivers.onMessages = nil }
        while monotonicNanoseconds() < end {
            for room in ready { try send(to: room) }
            ready.removeAll(keepingCapacity: true)
            let before = receivers.deliveries
            try receivers.poll(50_000_000)
            if receivers.deliveries == before { try waitForProgress() }
        }
    }

    /// A server that has stopped is an error, and not a slow figure.
    private func waitForProgress() throws {
        let before = receivers.deliveries
        let end = monotonicNanoseconds() + 10_000_000_000
        while receivers.deliveries == before {
            guard monotonicNanoseconds() < end else { throw Failure("nothing has arrived for 10 s: \(missing)") }
            try receivers.poll(50_000_000)
        }
    }

    private func send() throws { try send(to: sent % rooms) }

    private func send(to room: Int) throws {
        let socket = room * layout.size + sent / rooms % layout.size
        try receivers.send(target.message(sent, from: socket, to: layout.rooms[room], run: run), on: socket)
        sent += 1
        sentTo[place][room] += 1
        due += layout.size
    }

    /// How many messages every member has; only one room has a closed loop.
    private func arrivedEverywhere() -> Int {
        // It can only have changed if the sum has.
        guard receivers.deliveries >= (completed + 1) * sockets else { return completed }
        completed = receivers.counters.reduce(Int.max) { min($0, $1.messages) }
        return completed
    }

    /// Waits until everything that was sent has arrived.
    private func arrive() throws {
        let end = monotonicNanoseconds() + 20_000_000_000
        while receivers.deliveries < due {
            guard monotonicNanoseconds() < end else { throw Failure("not everything has arrived: \(missing)") }
            try receivers.poll(10_000_000)
        }
        guard receivers.deliveries == due else { throw Failure("more than everything has arrived: \(missing)") }
        guard receivers.counters.enumerated().allSatisfy({ $1.messages == messages(to: $0) }) else {
            throw Failure("some members have too few messages and others too many")
        }
    }

    /// What was sent to a socket's rooms, one of each layout.
    private func messages(to socket: Int) -> Int {
        zip(target.layouts, sentTo).reduce(0) { sum, each in
            let (layout, sentTo) = each
            let room = socket / layout.size
            return room < sentTo.count ? sum + sentTo[room] : sum
        }
    }

    private var missing: String { "\(receivers.deliveries) of \(due) deliveries" }
}
