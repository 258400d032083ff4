import Foundation

extension Scenario {
    /// The scenario as a file: what a run really did, overrides included. `parse` gives back an equal value.
    func yaml() -> String {
        var lines = ["name: \(YAMLText.scalar(name))"]
        if !description.isEmpty { lines.append("description: \(YAMLText.scalar(description))") }
        lines += [
            "clients: \(clients)",
            "rooms: \(rooms.flowYAML)",
            "payload_bytes: \(payloadBytes)",
            "auth: \(auth.rawValue)",
            "phases:",
        ]
        lines += phases.map { "  - \($0.flowYAML)" }
        if !thresholds.isEmpty {
            lines.append("thresholds:")
            lines += thresholds.map { "  - \(YAMLText.scalar($0))" }
        }
        lines.append("drain: \(Quantity.text(drain))")
        lines.append("trace: \(Quantity.text(number: traceShare))")
        if !isVerified { lines.append("verify: false") }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension RoomsSpec {
    fileprivate var flowYAML: String {
        var fields = ["count: \(count)"]
        switch members {
        // No rooms have no members, and 0 is no size that a file could give.
        case .fixed where count == 0: break
        case .fixed(let size): fields.append("members: \(size)")
        case .zipf(let exponent, let max):
            fields.append("members: {zipf: \(Quantity.text(number: exponent)), max: \(max)}")
        }
        if isPrivate { fields.append("private: true") }
        return "{" + fields.joined(separator: ", ") + "}"
    }
}

extension Phase {
    fileprivate var flowYAML: String {
        var fields = ["name: \(YAMLText.scalar(name))"]
        if let connectRate { fields.append("connect_rate: \(Quantity.text(rate: connectRate))") }
        if let duration { fields.append("duration: \(Quantity.text(duration))") }
        if let inFlight {
            fields.append("in_flight: \(inFlight)")
        } else if connectRate == nil || rate > 0 {
            fields.append("rate: \(Quantity.text(rate: rate))")
        }
        if measure { fields.append("measure: true") }
        if let fault { fields.append("\(fault.action.rawValue): \(fault.target.rawValue)") }
        if let reconnectShare { fields.append("reconnect: {share: \(Quantity.text(number: reconnectShare))}") }
        if let churnRate { fields.append("churn: \(Quantity.text(rate: churnRate))") }
        if let slowReaderShare { fields.append("slow_readers: {share: \(Quantity.text(number: slowReaderShare))}") }
        return "{" + fields.joined(separator: ", ") + "}"
    }
}

extension Setup {
    /// The setup as a file. `parse` gives back an equal value.
    func yaml() -> String {
        var lines = ["name: \(YAMLText.scalar(name))"]
        if !description.isEmpty { lines.append("description: \(YAMLText.scalar(description))") }
        let policy = balancer.kind == .none ? "" : ", policy: \(balancer.policy.rawValue)"
        lines += [
            "instances: \(instances)",
            "store: \(store.rawValue)",
            "broker: \(broker.yaml)",
            "balancer: {kind: \(balancer.kind.rawValue)\(policy)}",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
