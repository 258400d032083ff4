import ChatProtocol
import NIOCore
import Synchronization

/// Limits by kind and key, a ``TokenBucket`` each. Off for tests and load.
final class RateLimiter: Sendable {
    enum Kind: Hashable, Sendable {
        case register, login, send, typing, join
        /// Wrong access codes: of a user at a room, at a room, from an address.
        case accessCode, accessCodeOfRoom, accessCodeFrom

        var limit: TokenBucket.Limit {
            switch self {
            case .register: .init(burst: 20, perSecond: 0.1)
            case .login: .init(burst: 20, perSecond: 0.2)
            case .send: .init(burst: 60, perSecond: 20)
            case .typing: .init(burst: 5, perSecond: 2)
            case .join: .init(burst: 120, perSecond: 10)
            case .accessCode: .init(burst: 5, perSecond: 1.0 / 30)
            // More than one user alone can use up, so that one alone cannot keep the others out.
            case .accessCodeOfRoom: .init(burst: 50, perSecond: 1.0 / 20)
            case .accessCodeFrom: .init(burst: 60, perSecond: 1.0 / 10)
            }
        }
    }

    private struct Key: Hashable {
        var kind: Kind
        var name: String
    }

    let isOn: Bool
    private let buckets = Mutex<[Key: TokenBucket]>([:])
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
        return buckets.withLock { buckets in
            let id = Key(kind: kind, name: key)
            if buckets[id] == nil, buckets.count >= capacity {
                buckets = buckets.filter { !$1.isFull($0.kind.limit, now: now) }
            }
            return buckets[id, default: TokenBucket(kind.limit, now: now)].take(kind.limit, now: now)
        }
    }

    /// Puts back what was taken for something that does not count after all.
    func giveBack(_ kind: Kind, key: String, now: NIODeadline = .now()) {
        guard isOn else { return }
        // A bucket that was forgotten since is full.
        buckets.withLock { $0[Key(kind: kind, name: key)]?.giveBack(kind.limit, now: now) }
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
