import Foundation
import Synchronization

/// A light, steady conversation in one room, and how long each message took to each of its members.
///
/// Latency counts from the instant at which a message was planned.
final class LatencyProbe {
    /// Of one delivery: when its message was planned, on the monotonic clock, and what it took.
    struct Latency: Sendable {
        var planned: Int64
        var seconds: Double
    }

    private let target: RoomTarget
    private let members: Int
    private let receivers = Receivers()
    private var planned: [Int64] = []
    private var latencies: [Latency] = []
    private let run = UInt32.random(in: 1 ... .max)

    init(_ target: RoomTarget, members: Int) throws {
        self.target = target
        self.members = members
        for number in 0..<members {
            let (descriptor, rest) = try target.open(number)
            try receivers.add(descriptor, rest: rest)
        }
        try receivers.settle(quiet: 0.2, timeout: 10)
        receivers.onMessages = { [unowned self] _, before, after in
            let now = monotonicNanoseconds()
            for n in before..<after {
                latencies.append(Latency(planned: planned[n], seconds: Double(now - planned[n]) / 1e9))
            }
        }
    }

    /// Talks for so long, or until it is told to stop.
    /// - Returns: the latency of each delivery.
    /// - Throws: ``Failure`` if one has not arrived after ten seconds.
    func talk(rate: Double, seconds: Double, until stop: StopFlag = StopFlag()) throws -> [Latency] {
        latencies = []
        let (start, first) = (monotonicNanoseconds(), planned.count)
        guard let room = target.layouts.first?.rooms.first else { throw Failure("no room to talk in") }
        for n in 0..<Int(rate * seconds) where !stop.isSet {
            let instant = start + Int64(Double(n) / rate * 1e9)
            while true {
                let wait = instant - monotonicNanoseconds()
                if wait <= 0 { break }
                try receivers.poll(wait)
            }
            let number = planned.count
            planned.append(instant)
            let socket = number % members
            try receivers.send(target.message(number, from: socket, to: room, run: run), on: socket)
        }
        let end = monotonicNanoseconds() + 10_000_000_000
        let due = (planned.count - first) * members
        while latencies.count < due {
            guard monotonicNanoseconds() < end else { throw Failure("\(latencies.count) of \(due) have arrived") }
            try receivers.poll(10_000_000)
        }
        guard receivers.errors == 0 else { throw Failure("the server answered \(receivers.errors) errors") }
        return latencies
    }
}

/// Set by one thread, seen by another.
final class StopFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
