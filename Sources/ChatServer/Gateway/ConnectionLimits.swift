import ChatProtocol
import Synchronization

/// The WebSockets that are open, by address and by user, against how many one may have.
final class ConnectionLimits: Sendable {
    private struct Counts {
        var addresses: [ClientAddress: Int] = [:]
        var users: [UserID: Int] = [:]
    }

    private let perAddress: Int?
    private let perUser: Int?
    private let counts = Mutex(Counts())

    /// Nil is no limit.
    init(perAddress: Int?, perUser: Int?) {
        self.perAddress = perAddress
        self.perUser = perUser
    }

    /// - Returns: false if there are too many; then it is not counted, and wants no ``closed(_:)``.
    func opened(_ address: ClientAddress) -> Bool {
        guard let perAddress else { return true }
        return counts.withLock { Self.add(address.network, to: &$0.addresses, limit: perAddress) }
    }

    func closed(_ address: ClientAddress) {
        guard perAddress != nil else { return }
        counts.withLock { Self.remove(address.network, from: &$0.addresses) }
    }

    /// - Returns: false if there are too many; then it is not counted, and wants no ``closed(_:)``.
    func opened(_ user: UserID) -> Bool {
        guard let perUser else { return true }
        return counts.withLock { Self.add(user, to: &$0.users, limit: perUser) }
    }

    func closed(_ user: UserID) {
        guard perUser != nil else { return }
        counts.withLock { Self.remove(user, from: &$0.users) }
    }

    private static func add<Key>(_ key: Key, to counts: inout [Key: Int], limit: Int) -> Bool {
        let count = counts[key, default: 0]
        guard count < limit else { return false }
        counts[key] = count + 1
        return true
    }

    private static func remove<Key>(_ key: Key, from counts: inout [Key: Int]) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }
}
