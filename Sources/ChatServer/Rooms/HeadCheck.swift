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
    private let interval: Duration
    private let wakeUps: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

    init(
        store: any Store,
        interval: Duration = .seconds(5),
        logger: Logger,
        rooms: @escaping @Sendable () -> [RoomID],
        noticed: @escaping @Sendable (RoomID, Sequence64) -> Void
    ) {
        self.store = store
        self.interval = interval
        self.logger = logger
        self.rooms = rooms
        self.noticed = noticed
        wakeUps = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Checks now, without waiting for it.
    func wake() { wakeUps.continuation.yield() }

    /// Checks until the task is cancelled.
    func run() async {
        let ticks = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                wake()
            }
        }
        defer { ticks.cancel() }
        for await _ in wakeUps.stream { await check() }
    }

    private func check() async {
        let rooms = rooms()
        for start in stride(from: 0, to: rooms.count, by: Self.batch) {
            do {
                let some = Array(rooms[start..<min(start + Self.batch, rooms.count)])
                for (roomID, seq) in try await store.heads(of: some) { noticed(roomID, seq) }
            } catch {
                return logger.warning("head check failed", metadata: ["error": "\(error)"])
            }
        }
    }
}
