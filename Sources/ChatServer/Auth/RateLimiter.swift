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

    private struct Table {
        var buckets: [Key: SharedBucket] = [:]
        var lastSweep = NIODeadline.uptimeNanoseconds(0)
    }

    private static let sweepInterval = TimeAmount.seconds(1)

    private let limits: RateLimits?
    private let table = Mutex(Table())
    private let capacity: Int

    /// - Parameters:
    ///   - limits: nil switches every one off.
    ///   - capacity: how many buckets are kept that nobody holds; beyond it full ones are forgotten, then any.
    init(_ limits: RateLimits?, capacity: Int = 100_000) {
        self.limits = limits
        self.capacity = capacity
    }

    /// The bucket, for who takes from it again and again: look it up once and hold it.
    /// - Returns: nil if there is no such limit.
    func bucket(_ kind: Kind, _ subject: Subject, now: NIODeadline = .now()) -> SharedBucket? {
        guard let limit = limits?[kind] else { return nil }
        var key = Key(kind: kind, subject: subject)
        if case .address(let address) = subject { key.subject = .address(address.network) }
        return table.withLock { table in
            if let bucket = table.buckets[key] { return bucket }
            if table.buckets.count >= capacity { forgetSome(&table, now) }
            let bucket = SharedBucket(limit, now: now)
            table.buckets[key] = bucket
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

    /// - Throws: a ``Problem`` with `rate_limited` if the bucket is empty.
    func check(_ kind: Kind, _ subject: Subject) throws {
        guard let wait = take(kind, subject) else { return }
        throw Problem(
            .rateLimited,
            "too many requests",
            retryAfterSeconds: Int((wait.nanoseconds + 999_999_999) / 1_000_000_000)
        )
    }

    /// A join's three limits.
    func check(joinOf room: RoomID?, by user: UserID, from address: ClientAddress) throws {
        try check(.joinUser, .user(user))
        try check(.joinAddress, .address(address))
        if let room { try check(.joinRoom, .room(room)) }
    }

    /// Full buckets say nothing. A flood of subjects leaves none full: then chance decides, so that the table stays bounded
    /// and the work does, too. What somebody holds is bounded by the connections.
    private func forgetSome(_ table: inout Table, _ now: NIODeadline) {
        if now - table.lastSweep >= Self.sweepInterval {
            table.lastSweep = now
            forget(&table) { $0.isFull(now: now) }
        }
        if table.buckets.count >= capacity {
            var isEven = false
            forget(&table) { _ in
                isEven.toggle()
                return isEven
            }
        }
    }

    private func forget(_ table: inout Table, where isForgettable: (SharedBucket) -> Bool) {
        var gone: [Key] = []
        for index in table.buckets.indices {
            let isHeld = !isKnownUniquelyReferenced(&table.buckets.values[index])
            if !isHeld, isForgettable(table.buckets.values[index]) { gone.append(table.buckets[index].key) }
        }
        for key in gone { table.buckets[key] = nil }
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

    func isFull(now: NIODeadline) -> Bool { bucket.withLock { $0.isFull(limit, now: now) } }
}
