import ChatProtocol

/// What one loop knows of every message: which it sent, which were acked and where they stand, and what it saw.
///
/// Tables by message number and by `seq`, so that checking one delivery is two array accesses.
struct IntegrityLedger: Sendable {
    private static let detailLimit = 20

    private let index: Int
    private let loopCount: Int
    /// By a sent message's place in this loop (`n / loopCount`): when it was planned and sent, and in which room.
    private var plannedAt: [Int64]
    private var sentAt: [Int64]
    private var roomOf: [Int32]
    /// `seq` of its ack; 0: none, -1: refused.
    private(set) var seqOf: [Sequence64]
    private var idOf: [MessageID]
    /// By room and `seq`: the number of the message that stands there, plus 1.
    private(set) var seen: [[Int32]]
    /// By message: when this loop's last receiver had it.
    private(set) var lastDelivery: [Int64]
    private(set) var details: [String] = []
    /// Messages that were sent and have no answer.
    private(set) var waiting = 0
    /// By room: the highest `seq` that was acked.
    private(set) var highestAcked: [Sequence64]
    /// Messages that the generator itself was too slow to send.
    var unsentByGenerator = 0

    init(plan: RunPlan, index: Int, loopCount: Int) {
        self.index = index
        self.loopCount = loopCount
        let own = plan.schedule.count / loopCount + 1
        plannedAt = Array(repeating: 0, count: own)
        sentAt = Array(repeating: 0, count: own)
        roomOf = Array(repeating: -1, count: own)
        seqOf = Array(repeating: 0, count: own)
        idOf = Array(repeating: 0, count: own)
        seen = Array(repeating: [], count: plan.rooms.count)
        highestAcked = Array(repeating: 0, count: plan.rooms.count)
        lastDelivery = Array(repeating: 0, count: plan.schedule.count)
    }

    mutating func sent(_ n: Int, room: Int, planned: Int64, at now: Int64) {
        let place = n / loopCount
        plannedAt[place] = planned
        sentAt[place] = now
        roomOf[place] = Int32(room)
        waiting += 1
    }

    /// What an ack came to.
    enum Ack: Equatable {
        case first(planned: Int64, sent: Int64)
        /// The same once more, as a repeated send gets it.
        case again
        /// It says something else than the first one did, or of another room than the message was sent to.
        case contradiction
        /// For what was not sent, or was refused.
        case unknown
    }

    mutating func acked(_ n: Int, room: Int?, seq: Sequence64, id: MessageID) -> Ack {
        let place = n / loopCount
        guard n >= 0, n % loopCount == index, place < sentAt.count, sentAt[place] != 0, seq > 0, seqOf[place] >= 0
        else {
            return .unknown
        }
        guard let room, roomOf[place] == Int32(room) else { return .contradiction }
        guard seqOf[place] == 0 else {
            return seqOf[place] == seq && idOf[place] == id ? .again : .contradiction
        }
        seqOf[place] = seq
        idOf[place] = id
        waiting -= 1
        highestAcked[room] = max(highestAcked[room], seq)
        return .first(planned: plannedAt[place], sent: sentAt[place])
    }

    /// - Returns: false if it was not sent, or answered before.
    mutating func rejected(_ n: Int) -> Bool {
        let place = n / loopCount
        guard n % loopCount == index, place < sentAt.count, sentAt[place] != 0, seqOf[place] == 0 else { return false }
        seqOf[place] = -1
        waiting -= 1
        return true
    }

    /// Notes which message stands at a `seq`.
    /// - Returns: false if another one was seen there.
    mutating func note(_ n: Int, room: Int, seq: Sequence64) -> Bool {
        let place = Int(seq)
        if place >= seen[room].count {
            let count = max(place + 1, seen[room].count * 2, 64)
            seen[room] += Array(repeating: 0, count: count - seen[room].count)
        }
        let known = seen[room][place]
        if known == 0 { seen[room][place] = Int32(n) + 1 }
        return known == 0 || known == Int32(n) + 1
    }

    mutating func delivered(_ n: Int, at now: Int64) {
        lastDelivery[n] = max(lastDelivery[n], now)
    }

    mutating func detail(_ text: String) {
        if details.count < Self.detailLimit { details.append(text) }
    }

    /// Every message that this loop sent.
    var sends: [Send] {
        seqOf.indices.compactMap { place in
            guard sentAt[place] != 0 else { return nil }
            return Send(
                n: place * loopCount + index,
                room: Int(roomOf[place]),
                planned: plannedAt[place],
                seq: seqOf[place] > 0 ? seqOf[place] : nil,
                id: idOf[place],
                isRejected: seqOf[place] < 0
            )
        }
    }

    /// One message as its sender knows it.
    struct Send: Sendable {
        var n: Int
        var room: Int
        var planned: Int64
        /// Of its ack; nil if there was none.
        var seq: Sequence64?
        var id: MessageID
        var isRejected: Bool
    }
}
