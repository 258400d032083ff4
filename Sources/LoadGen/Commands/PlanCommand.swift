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

    @OptionGroup var load: LoadOptions

    func run() async throws {
        try await ExitStatus.reporting {
            let inputs = try RunInputs(scenario: scenario, setup: nil, load: load)
            let counts = try instances.split(separator: ",").map { text in
                guard let count = Int(text.trimmingCharacters(in: .whitespaces)), (1...1024).contains(count) else {
                    throw UsageError(description: "--instances '\(text)' is no number from 1 to 1024")
                }
                return count
            }
            let policies = TerminalPlan.policies(inputs.scenario, instances: counts, seed: load.seed)
            let (color, width) = load.outputStyle
            print(TerminalPlan.render(inputs.scenario, policies: policies, color: color, width: width), terminator: "")
        }
    }
}
