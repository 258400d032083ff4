import Foundation
import Testing

@testable import LoadGen

/// The containers' HAProxy has the configuration that a setup's HAProxy gets, with other addresses: these files are what
/// `HAProxyConfiguration` makes of it. `CHATBENCH_WRITE_DEPLOY=1` writes them anew.
@Suite struct ContainerBalancerTests {
    private static func plan(_ policy: BalancerPolicy) -> BalancerPlan {
        BalancerPlan(
            policy: policy,
            address: "*",
            port: 8080,
            instances: [
                .init(name: "chat-a", host: "chat-a", port: 8080), .init(name: "chat-b", host: "chat-b", port: 8080),
            ],
            folder: "/var/lib/haproxy",
            // `ulimits` of docker-compose.yml.
            descriptors: 20_000,
            resolvesNames: true
        )
    }

    private static func text(_ policy: BalancerPolicy) -> String {
        """
        # Made by Sources/LoadGen/Stack/Parts/HAProxyConfiguration.swift; do not edit. To make it again:
        # CHATBENCH_WRITE_DEPLOY=1 make test ARGS='--filter ContainerBalancerTests'

        \(HAProxyConfiguration.text(plan(policy)))
        """
    }

    private static let folder = (0..<4)
        .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        .appendingPathComponent("deploy/haproxy")

    @Test(arguments: [("nonsticky", BalancerPolicy.roundRobin), ("sticky", .cookie)])
    func theCommittedFileIsWhatTheTemplateMakes(name: String, policy: BalancerPolicy) throws {
        let file = Self.folder.appendingPathComponent("\(name).cfg")
        let text = Self.text(policy)
        if ProcessInfo.processInfo.environment["CHATBENCH_WRITE_DEPLOY"] != nil {
            try Data(text.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "deploy/haproxy/\(name).cfg has drifted")
    }

    @Test func namesAreAskedForAgainOnlyWhereHostsAreNames() {
        var plan = Self.plan(.roundRobin)
        #expect(HAProxyConfiguration.text(plan).contains("\nresolvers system\n    parse-resolv-conf\n"))
        #expect(HAProxyConfiguration.text(plan).contains("    server chat-b chat-b:8080\n"))
        plan.resolvesNames = false
        #expect(!HAProxyConfiguration.text(plan).contains("resolv"))
    }
}
