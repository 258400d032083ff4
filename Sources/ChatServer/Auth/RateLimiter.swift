import ChatProtocol
import NIOCore
import Synchronization

/// Limits by kind and subject, a ``SharedBucket`` each. Off for tests and load.
final class RateLimiter: Sendable {
    typealias Kind = RateLimits.Kind

    /// Whose bucket it is.
    enum Subject: Hashable, Sendable {
        case user(UserID)
        /// A username, in lower case.
        case name(String)
        case room(RoomID)
        /// The whole network of it.
        case address(ClientAddress)
        case member(UserID, RoomID)
    }

    private struct Key: Hashable {
        var kind: Kind
        var subject: Subject
    }

    /// The buckets in an array, since only of what stands in one can be told whether somebody else holds it.
    private struct Table {
        var places: [Key: Int] = [:]
        var buckets: [SharedBucket] = []
        /// So many buckets, and some are forgotten.
        var threshold: Int
    }

    private let limits: RateLimits?
    private let table: Mutex<Table>
    private let capacity: Int

    /// - Parameters:
    ///   - limits: nil switches every one off.
    ///   - capacity: how many buckets are kept at least; beyond it full ones are forgotten, then any that nobody holds.
    init(_ limits: RateLimits?, capacity: Int = 100_000) {
        self.limits = limits
        self.capacity = capacity
        table = Mutex(Table(threshold: capacity))
    }

    /// The bucket, for who takes from it again and again: look it up once and hold it.
    /// - Returns: nil if there is no such limit.
    func bucket(_ kind: Kind, _ subject: Subject, now: NIODeadline = .now()) -> SharedBucket? {
        guard let limit = limits?[kind] else { return nil }
        var key = Key(kind: kind, subject: subject)
        if case .address(let address) = subject { key.subject = .address(address.network) }
        return table.withLock { table in
            if let place = table.places[key] { return table.buckets[place] }
            if table.buckets.count >= table.threshold { forgetSome(&table, now) }
            let bucket = SharedBucket(limit, now: now)
            table.places[key] = table.buckets.count
            table.buckets.append(bucket)
            return bucket
        }
    }

    /// How many buckets there are.
    var count: Int { table.withLock { $0.buckets.count } }

    /// Takes one from the bucket.
    /// - Returns: nil if there was one, else how long until there will be.
    func take(_ kind: Kind, _ subject: Subject, now: NIODeadline = .now()) -> TimeAmount? {
        bucket(kind, subject, now: now)?.take(now: now)
    }

    /// Puts back what was taken for something that does not count after all.
    func giveBack(_ kind: Kind, _ subject: Subject, now: NIODeadline = .now()) {
        bucket(kind, subject, now: now)?.giveBack(now: now)
    }

    /// - Throws: a ``Problem`` with `rate_limited` if the bucket is empty.
    func check(_ kind: Kind, _ subject: Subject) throws {
        guard let wait = take(kind, subject) else { return }
        throw Problem(
            .rateLimited,
            "too many requests",
            retryAfterSeconds: Int((wait.nanoseconds + 999_999_999) / 1_000_000_000)
        )
    }

    /// A join's limits of the user and the address; the room's (``RateLimits/Kind/joinRoom``) is for those who may join.
    func check(joinBy user: UserID, from address: ClientAddress) throws {
        try check(.joinUser, .user(user))
        try check(.joinAddress, .address(address))
    }

    /// Full buckets say nothing. A flood of subjects leaves none full: then every second one goes, so that the table stays
    /// bounded. What somebody holds is bounded by the connections. Half a capacity comes in before it is done again.
    private func forgetSome(_ table: inout Table, _ now: NIODeadline) {
        forget(&table) { $0.isFull(now: now) }
        if table.buckets.count > capacity / 2 {
            var isEven = false
            forget(&table) { _ in
                isEven.toggle()
                return isEven
            }
        }
        table.threshold = max(capacity, table.buckets.count + capacity / 2)
    }

    private func forget(_ table: inout Table, where isForgettable: (SharedBucket) -> Bool) {
        var kept: [Int?] = []
        var count = 0
        for place in table.buckets.indices {
            let isHeld = !isKnownUniquelyReferenced(&table.buckets[place])
            let stays = isHeld || !isForgettable(table.buckets[place])
            kept.append(stays ? count : nil)
            count += stays ? 1 : 0
        }
        var buckets: [SharedBucket] = []
        buckets.reserveCapacity(count)
        for (bucket, place) in zip(table.buckets, kept) where place != nil { buckets.append(bucket) }
        table.buckets = buckets
        table.places = table.places.compactMapValues { kept[$0] }
    }
}

/// A ``TokenBucket`` that several connections take from.
final class SharedBucket: Sendable {
    private let limit: TokenBucket.Limit
    private let bucket: Mutex<TokenBucket>

    init(_ limit: TokenBucket.Limit, now: NIODeadline) {
        self.limit = limit
        bucket = Mutex(TokenBucket(limit, now: now))
    }

    /// - Returns: nil if there was one, else how long until there will be.
    func take(now: NIODeadline) -> TimeAmount? { bucket.withLock { $0.take(limit, now: now) } }

    func giveBack(now: NIODeadline) { bucket.withLock { $0.giveBack(limit, now: now) } }

    func isFull(now: NIODeadline) -> Bool { bucket.withLock { $0.isFull(limit, now: now) } }
}
