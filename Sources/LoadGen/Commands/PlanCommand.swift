import ArgumentParser
import Foundation

/// `LoadGen plan`
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract:
            "What placement alone makes of a scenario's rooms, for numbers of instances that no test machine holds.",
        discussion: """
            LoadGen plan small-rooms --instances 2,4,8,16,64

            Nothing is started. For each way of placing clients: the share of deliveries that crosses instances, broker \
            messages for a publish, rooms that an instance subscribes to, and how even the load is; and what that assumes.
            """
    )

    @Argument(help: "A scenario's name (see LoadGen scenarios) or a file.")
    var scenario: String

    @Option(help: "Numbers of instances, separated by commas.")
    var instances = "2,4,8,16"

    @Option(name: [.short, .long], help: "Clients; rooms grow with them.")
    var clients: Int?

    @Option(help: "Seed of the simulated placements.")
    var seed: UInt64 = 1

    @Option(name: .customLong("set"), help: "key=value of the scenario, again and again.")
    var settings: [String] = []

    @Flag(name: .customLong("no-color"), help: "No colour (also: NO_COLOR).")
    var noColor = false

    func run() async throws {
        try await ExitStatus.reporting {
            let inputs = try RunInputs(planned: scenario, clients: clients, settings: settings)
            let counts = try instances.split(separator: ",").map { text in
                guard let count = Int(text.trimmingCharacters(in: .whitespaces)), (1...1024).contains(count) else {
                    throw UsageError(description: "--instances '\(text)' is no number from 1 to 1024")
                }
                return count
            }
            let policies = TerminalPlan.policies(inputs.scenario, instances: counts, seed: seed)
            let isTerminal = isatty(STDOUT_FILENO) == 1
            print(
                TerminalPlan.render(
                    inputs.scenario, policies: policies, color: !noColor && Palette.isWanted && isTerminal,
                    width: isTerminal ? ProgressPrinter.terminalWidth(STDOUT_FILENO) : 100),
                terminator: "")
        }
    }
}
