import Foundation

/// What a balancer's configuration is made of.
struct BalancerPlan: Sendable, Equatable {
    struct Instance: Sendable, Equatable {
        var name: String
        /// An address, or a name that `resolvesNames` is for.
        var host = "127.0.0.1"
        var port: Int
    }

    var policy: BalancerPolicy
    /// Where clients connect.
    var address = "127.0.0.1"
    var port: Int
    var instances: [Instance]
    /// The balancer's own, for what it writes.
    var folder: String
    /// A process's limit of open files, the hard one.
    var descriptors: Int
    /// The instances' hosts are names, and what they stand for may change while the balancer runs, as it does when a
    /// container is replaced: ask the system's name server again and again. HAProxy only.
    var resolvesNames = false

    /// Every connection is two descriptors: to the client and to the instance. Some stay for listening, checks, logs.
    var maxConnections: Int { max(64, (descriptors - 200) / 2) }

    static var descriptorLimit: Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // "Unlimited" would have a balancer reserve memory for each.
        return Int(clamping: min(limit.rlim_max, 1_000_000))
    }

    static let cookie = "chatbench"
}

/// A balancer of a stack.
enum BalancerPart {
    /// - Parameter servers: that are ready.
    static func start(
        _ balancer: BalancerSpec,
        _ launcher: Launcher,
        programs: Programs,
        servers: [StackPart],
        logs: URL
    ) async throws -> StackPart? {
        guard let program = balancer.kind.program else { return nil }
        let account = ServiceAccount.forParts
        let name = balancer.kind.rawValue
        let home = try launcher.folder.makeFolder(for: name, account: account)
        let file = home.appendingPathComponent("\(name).conf")
        var command = PartCommand(
            name: name,
            kind: .balancer,
            executable: try programs.require(program),
            arguments: arguments(balancer.kind, file: file.path),
            account: account,
            log: logs.appendingPathComponent("\(name).log"),
            probe: .http
        )
        return try await launcher.onFreePort { port in
            let plan = BalancerPlan(
                policy: balancer.policy,
                port: port,
                instances: servers.map { BalancerPlan.Instance(name: $0.name, port: $0.port) },
                folder: home.path,
                descriptors: BalancerPlan.descriptorLimit
            )
            let text = balancer.kind == .haproxy ? HAProxyConfiguration.text(plan) : NginxConfiguration.text(plan)
            try Data(text.utf8).write(to: file)
            command.arguments = arguments(balancer.kind, file: file.path)
            return try await launcher.start(command, port: port)
        }
    }

    /// Both stay in the foreground, and log to where the launcher has pointed them.
    private static func arguments(_ kind: BalancerKind, file: String) -> [String] {
        switch kind {
        case .none: []
        case .haproxy: ["-db", "-f", file]
        case .nginx: ["-e", "stderr", "-c", file]
        }
    }
}

extension BalancerKind {
    /// Nil: none is needed.
    var program: Program? {
        switch self {
        case .none: nil
        case .haproxy: .haproxy
        case .nginx: .nginx
        }
    }
}
