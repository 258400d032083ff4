import Foundation
import Yams

extension Setup {
    private static let keys = ["name", "description", "instances", "store", "broker", "balancer"]

    /// Reads a setup file.
    ///
    /// - Parameter file: The file's name, for error messages only.
    /// - Throws: Everything that is wrong with the file, at once.
    static func parse(yaml: String, file: String) throws(ConfigurationErrors) -> Setup {
        try read(YAMLDocument.compose(yaml: yaml, file: file), file: file)
    }

    static func read(_ node: Node, file: String) throws(ConfigurationErrors) -> Setup {
        var diagnostics = Diagnostics(file: file)
        let setup = read(node, &diagnostics)
        try diagnostics.check()
        guard let setup else {
            throw ConfigurationErrors(errors: [ConfigurationError(file: file, message: "the setup can't be read")])
        }
        return setup
    }

    private static func read(_ node: Node, _ diagnostics: inout Diagnostics) -> Setup? {
        guard let mapping = MappingReader(node, place: "the setup", keys: keys, &diagnostics) else { return nil }
        let nameNode = mapping.required("name", example: "name: my-setup", &diagnostics)
        let name = diagnostics.name(nameNode, "name", allowingDots: true)
        let description = diagnostics.text(mapping.optional("description"), "description")
        let instancesNode = mapping.optional("instances")
        let instances = diagnostics.integer(instancesNode, "instances", in: 1...maximumInstances)
        let storeNode = mapping.required("store", example: "store: sqlite", &diagnostics)
        let store = diagnostics.choice(storeNode, "store", as: StoreKind.self)
        let brokerNode = mapping.required("broker", example: "broker: memory", &diagnostics)
        let broker = brokerNode.flatMap { BrokerSpec.read($0, &diagnostics) }
        let balancer = mapping.optional("balancer").flatMap { readBalancer($0, &diagnostics) }

        if let instances, instances > 1 {
            if store == .sqlite {
                let message = "\(instances) instances can't share a sqlite store: it belongs to one process"
                diagnostics.report(message, hint: "use store: postgres, or instances: 1", at: storeNode)
            }
            if broker?.kind == .memory {
                let message = "\(instances) instances can't share a memory broker: it reaches only its own process"
                diagnostics.report(message, hint: "use broker: redis, or instances: 1", at: brokerNode)
            }
        }
        guard let name, let store, let broker else { return nil }
        return Setup(
            name: name,
            description: description ?? "",
            instances: instances ?? 1,
            store: store,
            broker: broker,
            balancer: balancer ?? BalancerSpec()
        )
    }

    private static func readBalancer(_ node: Node, _ diagnostics: inout Diagnostics) -> BalancerSpec? {
        guard let mapping = MappingReader(node, place: "'balancer'", keys: ["kind", "policy"], &diagnostics) else {
            return nil
        }
        let kind: BalancerKind?
        if mapping.has("kind") || !mapping.has("policy") {
            let kindNode = mapping.required("kind", example: "kind: haproxy", &diagnostics)
            kind = diagnostics.choice(kindNode, "kind", as: BalancerKind.self)
        } else {
            kind = BalancerKind.none
        }
        let policyNode = mapping.optional("policy")
        let policy = diagnostics.choice(policyNode, "policy", as: BalancerPolicy.self)
        if let policyNode, kind == BalancerKind.none {
            let hint = "add kind: haproxy or kind: nginx, or leave the policy out"
            diagnostics.report("a policy needs a balancer to follow it", hint: hint, at: policyNode)
        }
        return kind.map { BalancerSpec(kind: $0, policy: policy ?? .roundRobin) }
    }
}
