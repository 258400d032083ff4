/// When something is looked after that the broker may have lost: now and then, more often while the broker is in trouble,
/// and at once when woken.
final class RepeatedCheck: Sendable {
    private let interval: Duration
    private let hurried: Duration
    private let isInTrouble: @Sendable () -> Bool
    private let wakeUps = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - interval: between two checks.
    ///   - hurried: the same while the broker is in trouble.
    ///   - isInTrouble: whether it is.
    init(interval: Duration, hurried: Duration, isInTrouble: @escaping @Sendable () -> Bool) {
        self.interval = interval
        self.hurried = hurried
        self.isInTrouble = isInTrouble
    }

    /// Checks now, without waiting for it.
    func wake() { wakeUps.continuation.yield() }

    /// Checks until the task is cancelled; never twice at a time.
    func run(_ check: () async -> Void) async {
        let ticks = Task {
            var waited = Duration.zero
            while !Task.isCancelled {
                try? await Task.sleep(for: hurried)
                waited += hurried
                guard waited >= interval || isInTrouble() else { continue }
                waited = .zero
                wake()
            }
        }
        defer { ticks.cancel() }
        for await _ in wakeUps.stream { await check() }
    }
}
