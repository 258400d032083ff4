import ArgumentParser
import Foundation

/// What every command that plays a scenario can be told.
struct LoadOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "Clients; rooms grow with them.")
    var clients: Int?

    @Option(
        name: [.short, .long],
        help: "Messages a second in the measured phases: 500/s; the other phases keep their proportion.")
    var rate: String?

    @Option(name: [.short, .long], help: "Length of the measured phases: 20s, 2m.")
    var duration: String?

    @Option(help: "Seed of everything random: the same seed plays the same run.")
    var seed: UInt64 = 1

    @Option(help: "Folder for the result's folder.")
    var out = "bench-results"

    @Option(name: .customLong("set"), help: "key=value of the scenario or the setup, again and again.")
    var settings: [String] = []

    @Option(help: "Offer LoadGen's own metrics at this port while it runs, for Prometheus; 0 picks one.")
    var metricsPort: Int?

    @Option(help: "The address that --metrics-port listens on.")
    var metricsHost = "127.0.0.1"

    @Flag(help: "Print the result's JSON instead of the table.")
    var json = false

    @Flag(help: "No progress.")
    var quiet = false

    @Flag(name: .customLong("no-color"), help: "No colour (also: NO_COLOR).")
    var noColor = false

    var wantsColor: Bool { !noColor && Palette.isWanted }

    /// What `-c`, `-r` and `-d` change in the scenario.
    func overrides() throws -> ScenarioOverrides {
        ScenarioOverrides(
            clients: clients,
            rate: try rate.map { try Self.quantity("--rate", $0, Quantity.rate) },
            duration: try duration.map { try Self.quantity("--duration", $0, Quantity.duration) })
    }

    private static func quantity<T>(_ option: String, _ text: String, _ read: (String) throws -> T) throws -> T {
        do {
            return try read(text)
        } catch let error as QuantityError {
            throw UsageError(description: "\(option) \(text): \(error.message); \(error.hint)")
        }
    }

    /// Begins to offer LoadGen's own metrics, if that was asked for, until the process ends.
    func offerMetrics(_ note: (String) -> Void) async throws -> LoadMetrics? {
        guard let metricsPort else { return nil }
        guard (0...65_535).contains(metricsPort) else {
            throw UsageError(description: "--metrics-port must be 0 to 65535, not \(metricsPort)")
        }
        let metrics = LoadMetrics()
        do {
            let port = try await MetricsEndpoint.open(metrics, host: metricsHost, port: metricsPort)
            note("metrics at http://\(metricsHost):\(port)/metrics")
        } catch {
            throw UsageError(
                description: "--metrics-port: cannot listen on \(metricsHost):\(metricsPort): \(Cause.text(error)); "
                    + "give another port, or 0 for a free one")
        }
        return metrics
    }

    /// Colour on stdout, and its width.
    var outputStyle: (color: Bool, width: Int) {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        return (wantsColor && isTerminal, isTerminal ? ProgressPrinter.terminalWidth(STDOUT_FILENO) : 100)
    }
}
