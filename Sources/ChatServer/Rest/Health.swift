import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// What a balancer asks: does the process live, and may it have traffic.
final class Health: Sendable {
    private let store: any Store
    private let broker: any Broker
    private let draining = Atomic<Bool>(false)

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
        var storeCheck = "ok"
        do {
            try await store.ping()
        } catch {
            storeCheck = "the store does not answer"
        }
        return (storeCheck, broker.trouble ?? "ok", isDraining ? "the instance is draining" : "ok")
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
