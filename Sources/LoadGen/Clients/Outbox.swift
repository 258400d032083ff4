/// What one client has to send, and what of it no answer has come for: oldest first. Pure.
///
/// A client whose connection is cut keeps both: what is unanswered goes out again with the same `client_msg_id`, what
/// was due meanwhile goes out for the first time. Both lists have a bound, since a run may have very many clients.
struct Outbox: Sendable {
    /// One planned message.
    struct Entry: Sendable, Equatable {
        let n: Int
        /// The room's place among the client's memberships.
        let place: Int
        let planned: Int64
        /// When it was sent for the first time; 0 until then.
        var sent: Int64 = 0
        let wantsTrace: Bool
        /// How often the server said "later".
        var postponed = 0
    }

    /// Of each list.
    static let limit = 1024
    /// A server that says "later" this often means never.
    static let maxPostponed = 10

    private(set) var held: [Entry] = []
    private var sent: [Entry] = []
    /// Where ``sent`` begins: answers come nearly always in order, so the front is cut off only now and then.
    private var front = 0

    /// What was sent and not answered.
    var unanswered: ArraySlice<Entry> { sent[front...] }

    /// Keeps a message until there is a connection that takes it.
    /// - Returns: false if there is no room for it.
    mutating func hold(_ entry: Entry) -> Bool {
        guard held.count < Self.limit else { return false }
        held.append(entry)
        return true
    }

    /// Takes all that is held.
    mutating func takeHeld() -> [Entry] {
        defer { held = [] }
        return held
    }

    /// Remembers what was sent until it is answered. Beyond the bound it is forgotten: a cut connection then loses it.
    mutating func wasSent(_ entry: Entry) {
        if unanswered.count < Self.limit { sent.append(entry) }
    }

    mutating func answered(_ n: Int) {
        guard let place = place(of: n) else { return }
        if place > front {
            sent.remove(at: place)
            return
        }
        front += 1
        if front == sent.count {
            sent.removeAll(keepingCapacity: sent.capacity <= 16)
            front = 0
        } else if front >= 64, front * 2 >= sent.count {
            sent.removeFirst(front)
            front = 0
        }
    }

    /// The server asks for another try.
    /// - Returns: the message; nil if it was tried often enough, or is not known.
    mutating func postponed(_ n: Int) -> Entry? {
        guard let place = place(of: n), sent[place].postponed < Self.maxPostponed else { return nil }
        sent[place].postponed += 1
        return sent[place]
    }

    func unanswered(_ n: Int) -> Entry? { place(of: n).map { sent[$0] } }

    private func place(of n: Int) -> Int? { unanswered.firstIndex { $0.n == n } }
}
