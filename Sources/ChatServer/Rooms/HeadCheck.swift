import ChatProtocol
import Logging

/// Compares the store's last `seq` of every room that has a member here with what was delivered: what finds a lost last
/// message, after which nothing else would come. Runs regularly, and at once after the broker was away.
final class HeadCheck: Sendable {
    private static let batch = 1000

    private let store: any Store
    private let rooms: @Sendable () -> [RoomID]
    private let noticed: @Sendable (RoomID, Sequence64) -> Void
    private let logger: Logger
    private let repeated: RepeatedCheck

    init(
        store: any Store,
        interval: Duration = .seconds(5),
        logger: Logger,
        isInTrouble: @escaping @Sendable () -> Bool = { false },
        rooms: @escaping @Sendable () -> [RoomID],
        noticed: @escaping @Sendable (RoomID, Sequence64) -> Void
    ) {
        self.store = store
        self.logger = logger
        self.rooms = rooms
        self.noticed = noticed
        // While Redis is away, this is how messages come from the other instances.
        repeated = RepeatedCheck(interval: interval, hurried: .milliseconds(250), isInTrouble: isInTrouble)
    }

    /// Checks now, without waiting for it.
    func wake() { repeated.wake() }

    /// Checks until the task is cancelled.
    func run() async { await repeated.run(check) }

    private func check() async {
        for rooms in rooms().chunks(of: Self.batch) {
            do {
                for (roomID, seq) in try await store.heads(of: Array(rooms)) { noticed(roomID, seq) }
            } catch {
                return logger.warning("head check failed", metadata: ["error": "\(error)"])
            }
        }
    }
}
