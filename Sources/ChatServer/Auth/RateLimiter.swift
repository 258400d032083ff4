import ChatProtocol
import NIOCore
import Synchronization

/// Token buckets: so many at once, and then so many a second. Off for tests and load.
final class RateLimiter: Sendable {
    enum Kind: Hashable, Sendable {
        case register, login, send, typing, join, accessCode

        /// The bucket's size, and what flows back a second.
        var limit: (burst: Double, perSecond: Double) {
            switch self {
            case .register: (20, 0.1)
            case .login: (20, 0.2)
            case .send: (60, 20)
            case .typing: (5, 2)
            case .join: (120, 10)
            case .accessCode: (5, 1.0 / 30)
            }
        }
    }

    private struct Key: Hashable {
        var kind: Kind
        var name: String
    }

    private struct Bucket {
        var level: Double
        var updated: NIODeadline
    }

    let isOn: Bool
    private let buckets = Mutex<[Key: Bucket]>([:])
    private let capacity: Int

    /// - Parameter capacity: how many buckets are kept; beyond it the full ones are forgotten.
    init(isOn: Bool, capacity: Int = 100_000) {
        self.isOn = isOn
        self.capacity = capacity
    }

    /// Takes one from the bucket.
    /// - Returns: nil if there was one, else how long until there will be.
    func take(_ kind: Kind, key: String, now: NIODeadline = .now()) -> TimeAmount? {
        guard isOn else { return nil }
        let (burst, perSecond) = kind.limit
        return buckets.withLock { buckets in
            let id = Key(kind: kind, name: key)
            var bucket = buckets[id] ?? Bucket(level: burst, updated: now)
            let elapsed = Double((now - bucket.updated).nanoseconds) / 1e9
            bucket.level = min(burst, bucket.level + elapsed * perSecond)
            bucket.updated = now
            defer { buckets[id] = bucket }
            if bucket.level >= 1 {
                bucket.level -= 1
                if buckets.count >= capacity {
                    // A bucket that has had the time to fill up says nothing that a new one would not.
                    buckets = buckets.filter { key, bucket in
                        let limit = key.kind.limit
                        return bucket.level + Double((now - bucket.updated).nanoseconds) / 1e9 * limit.perSecond
                            < limit.burst
                    }
                }
                return nil
            }
            return .nanoseconds(Int64((1 - bucket.level) / perSecond * 1e9))
        }
    }

    /// - Throws: a ``Problem`` with `rate_limited` if the bucket is empty.
    func check(_ kind: Kind, key: String) throws {
        guard let wait = take(kind, key: key) else { return }
        throw Problem(
            .rateLimited,
            "too many requests",
            retryAfterSeconds: Int((wait.nanoseconds + 999_999_999) / 1_000_000_000)
        )
    }
}
