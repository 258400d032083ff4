import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// What a balancer asks: does the process live, and may it have traffic.
final class Health: Sendable {
    private let store: any Store
    private let broker: any Broker
    private let draining = Atomic<Bool>(false)
    /// The question to the store that is under way.
    private let asking = Mutex<Task<Bool, Never>?>(nil)

    init(store: any Store, broker: any Broker) {
        self.store = store
        self.broker = broker
    }

    func drain() { draining.store(true, ordering: .relaxed) }

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// 200 as long as the process answers; what else is wrong is shown, and is no reason to restart it.
    func live() async -> Response { answer(await checks(), isLive: true) }

    func ready() async -> Response {
        let checks = await checks()
        return answer(checks, isLive: [checks.store, checks.broker, checks.draining].allSatisfy { $0 == "ok" })
    }

    private func checks() async -> (store: String, broker: String, draining: String) {
        (await storeCheck(), broker.trouble ?? "ok", isDraining ? "the instance is draining" : "ok")
    }

    /// One question at a time, however often it is asked; without an answer in time, the answer is no.
    private func storeCheck() async -> String {
        let question = asking.withLock { current in
            let question =
                current
                ?? Task {
                    let isWell = (try? await self.store.ping()) != nil
                    self.asking.withLock { $0 = nil }
                    return isWell
                }
            current = question
            return question
        }
        return await Self.answer(question, within: Self.patience)
            ? "ok" : "the store does not answer, or cannot be written"
    }

    private static let patience = Duration.seconds(2)

    private static func answer(_ question: Task<Bool, Never>, within patience: Duration) async -> Bool {
        let (answers, answer) = AsyncStream<Bool>.makeStream()
        Task { answer.yield(await question.value) }
        let timeout = Task {
            try await Task.sleep(for: patience)
            answer.yield(false)
        }
        defer { timeout.cancel() }
        for await isWell in answers { return isWell }
        return false
    }

    private func answer(_ checks: (store: String, broker: String, draining: String), isLive: Bool) -> Response {
        .json(isLive ? .ok : .serviceUnavailable) { buffer in
            buffer.writeString(#"{"status":"\#(isLive ? "ok" : "unavailable")","checks":{"store":"#)
            buffer.writeJSONString(checks.store)
            buffer.writeKey("broker")
            buffer.writeJSONString(checks.broker)
            buffer.writeKey("draining")
            buffer.writeJSONString(checks.draining)
            buffer.writeStaticString("}}")
        }
    }
}
