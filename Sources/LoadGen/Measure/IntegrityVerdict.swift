import ChatMetrics
import ChatProtocol

/// What the whole run comes to, from the ledgers of all loops and the tracks of all receivers.
struct IntegrityVerdict: Sendable {
    private(set) var lost = 0
    private(set) var unacked = 0
    private(set) var unexpected = 0
    /// Of the measured phases.
    private(set) var expectedDeliveries = 0
    private(set) var lastReceiver = LatencyHistogram()
    private(set) var details: [String] = []

    /// One receiver's place in one room.
    struct Receiver: Sendable {
        var client: Int
        var room: Int
        var track: ReceiverTrack
        /// False if the client was gone at the end: it is owed nothing after what it last had.
        var isPresent: Bool
    }

    init(plan: RunPlan, ledgers: [IntegrityLedger], receivers: [Receiver]) {
        let sends = ledgers.flatMap(\.sends)
        for send in sends where send.seq == nil && !send.isRejected {
            unacked += 1
            if details.count < 5 { details.append("message \(send.n) of room \(plan.rooms[send.room].id) got no ack") }
        }
        let table = Self.table(plan, ledgers, sends, &unexpected, &details)
        let isMeasured = Self.measured(plan, table)
        for receiver in receivers { count(receiver, plan, table[receiver.room], isMeasured[receiver.room]) }
        recordLastReceivers(ledgers, sends, plan)
    }

    /// By room and `seq`: the message there, by its ack or by who saw it; 0 for none. Contradictions are unexpected.
    private static func table(
        _ plan: RunPlan,
        _ ledgers: [IntegrityLedger],
        _ sends: [IntegrityLedger.Send],
        _ unexpected: inout Int,
        _ details: inout [String]
    ) -> [[Int32]] {
        var table: [[Int32]] = Array(repeating: [], count: plan.rooms.count)
        func put(_ value: Int32, _ room: Int, _ seq: Int) {
            if table[room].count <= seq {
                table[room] += Array(repeating: 0, count: max(64, seq + 1, table[room].count * 2) - table[room].count)
            }
            if table[room][seq] == 0 { table[room][seq] = value }
            guard table[room][seq] != value else { return }
            unexpected += 1
            if details.count < 10 {
                details.append(
                    "seq \(seq) of room \(plan.rooms[room].id) is two messages: \(table[room][seq] - 1), \(value - 1)")
            }
        }
        for send in sends {
            if let seq = send.seq, seq <= plan.highestSeq { put(Int32(send.n) + 1, send.room, Int(seq)) }
        }
        for ledger in ledgers {
            for (room, seen) in ledger.seen.enumerated() {
                for (seq, value) in seen.enumerated() where value != 0 { put(value, room, seq) }
            }
        }
        return table.map { Array($0.prefix(($0.lastIndex { $0 != 0 } ?? -1) + 1)) }
    }

    /// By room: how many measured messages stand at a `seq` or before it.
    private static func measured(_ plan: RunPlan, _ table: [[Int32]]) -> [[Int]] {
        table.map { messages in
            var sum = 0
            return messages.map { value in
                if value != 0, plan.schedule.isMeasured(Int(value) - 1) { sum += 1 }
                return sum
            }
        }
    }

    private mutating func count(_ receiver: Receiver, _ plan: RunPlan, _ messages: [Int32], _ measured: [Int]) {
        let last =
            receiver.isPresent ? Int64(messages.count) - 1 : min(receiver.track.highest, Int64(messages.count) - 1)
        guard last > receiver.track.base else { return }
        expectedDeliveries +=
            measured[Int(last)]
            - (measured.indices.contains(Int(receiver.track.base)) ? measured[Int(receiver.track.base)] : 0)
        for hole in receiver.track.missing(through: last) {
            lost += hole.count
            if details.count < 20 {
                let what = hole.count == 1 ? "seq \(hole.lowerBound)" : "seq \(hole.lowerBound) to \(hole.upperBound)"
                details.append("client \(receiver.client) never got \(what) of room \(plan.rooms[receiver.room].id)")
            }
        }
    }

    private mutating func recordLastReceivers(
        _ ledgers: [IntegrityLedger],
        _ sends: [IntegrityLedger.Send],
        _ plan: RunPlan
    ) {
        for send in sends where plan.schedule.isMeasured(send.n) {
            let last = ledgers.reduce(0) { max($0, $1.lastDelivery[send.n]) }
            if last > 0 { lastReceiver.record(last - send.planned) }
        }
    }
}
