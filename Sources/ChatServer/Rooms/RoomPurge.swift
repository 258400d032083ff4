import Logging

/// Clears away what deleted rooms have left in the store: a batch after the other, with a pause in between, so that
/// nobody's message waits for it. Also what an instance that has died began.
final class RoomPurge: Sendable {
    private static let batch = 500

    private let store: any Store
    private let logger: Logger
    private let pause: Duration
    private let repeated: RepeatedCheck

    /// - Parameters:
    ///   - interval: between two looks at what others have left.
    ///   - pause: between two batches.
    init(
        store: any Store,
        logger: Logger,
        interval: Duration = .seconds(600),
        pause: Duration = .milliseconds(20)
    ) {
        self.store = store
        self.logger = logger
        self.pause = pause
        repeated = RepeatedCheck(interval: interval, hurried: .seconds(10), isInTrouble: { false })
    }

    /// A room was deleted.
    func wake() { repeated.wake() }

    /// Clears until the task is cancelled.
    func run() async {
        wake()
        await repeated.run(clear)
    }

    private func clear() async {
        do {
            while !Task.isCancelled, try await store.purge(limit: Self.batch) { try? await Task.sleep(for: pause) }
        } catch {
            logger.warning("deleted rooms are not cleared away", metadata: ["error": "\(error)"])
        }
    }
}
