import ArgumentParser
import Foundation

/// `LoadGen stack up`
struct StackUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start a setup's processes and leave them running.")

    @Option(help: "A setup's name (see LoadGen setups) or a file (embedded).")
    var setup = "embedded"

    @Option(name: .customLong("set"), help: "key=value, again and again: --set instances=3")
    var settings: [String] = []

    func run() async throws {
        try await ExitStatus.reporting {
            let wanted = try effectiveSetup()
            let lock = try await StackLock()
            defer { withExtendedLifetime(lock) {} }
            if let standing = StandingStack.all().first(where: { $0.state.setup == wanted.name }) {
                return try await alreadyUp(standing, wanted)
            }
            HostFacts.raiseFileDescriptorLimit()
            let stack = try await ServiceStack.start(wanted, .service) { text in
                Console.tell(text)
            }
            let state = StackState(stack)
            do {
                try await stack.leaveRunning()
            } catch {
                await stack.stop()
                throw error
            }
            print(
                "\(wanted.name) is up: \(stack.balancer == "none" ? "" : "\(stack.balancer), ")"
                    + "\(wanted.instances) ChatServer\(wanted.instances == 1 ? "" : "s"), \(stack.store), \(stack.broker)"
            )
            Self.tellUse(state)
        }
    }

    private func effectiveSetup() throws -> Setup {
        var effective = try ConfigurationLibrary.standard().setup(named: setup).setup
        let settings = try Settings(parsing: settings)
        guard settings.scenario.isEmpty else {
            throw UsageError(description: "--set changes the setup here: instances, store, broker, balancer.kind, …")
        }
        try effective.apply(settings.setup)
        return effective
    }

    private func alreadyUp(_ standing: StandingStack, _ wanted: Setup) async throws {
        let down = "LoadGen stack down --setup \(wanted.name)"
        guard standing.state.setupYAML == wanted.yaml() else {
            throw UsageError(description: "\(wanted.name) is already up with other settings; first: \(down)")
        }
        var broken: [String] = []
        for part in standing.state.parts where await !part.isReady() { broken.append(part.name) }
        guard broken.isEmpty else {
            let names = broken.joined(separator: ", ")
            throw StackError(description: "\(wanted.name) is already up, but \(names) is not ready; first: \(down)")
        }
        print("\(wanted.name) is already up")
        Self.tellUse(standing.state)
    }

    private static func tellUse(_ state: StackState) {
        for url in state.urls { print("  \(url)") }
        print("  LoadGen run quick --target \(state.urls.joined(separator: ","))")
        print("  LoadGen stack status|logs|down --setup \(state.setup)")
    }
}
