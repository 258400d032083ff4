import ArgumentParser
import Foundation

/// `LoadGen stack`
struct StackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stack",
        abstract: "A setup's real processes on this machine, to stay until they are taken down.",
        discussion: """
            up starts them and returns; they go on without a terminal. Point a run, a browser or any client at the \
            URLs that it prints. Everything that they store is in a temporary folder, which down removes.
            """,
        subcommands: [StackUp.self, StackDown.self, StackStatus.self, StackLogs.self]
    )
}

/// The stack that a command is about.
struct StackSelection: ParsableArguments {
    @Option(help: "A setup's name (see LoadGen setups) or a file. Not needed when just one stack is up.")
    var setup: String?

    /// Nil if it is not up, or if none is named and none is up.
    func find() throws -> StandingStack? {
        let all = StandingStack.all()
        guard let setup else {
            guard all.count <= 1 else {
                let names = all.map(\.state.setup).joined(separator: ", ")
                throw UsageError(description: "several stacks are up: say which with --setup (\(names))")
            }
            return all.first
        }
        // Its name is enough, even if the file has gone.
        if let named = all.first(where: { $0.state.setup == setup }) { return named }
        let name = try ConfigurationLibrary.standard().setup(named: setup).setup.name
        return all.first { $0.state.setup == name }
    }

    /// - Throws: ``StackError`` if it is not up.
    func require() throws -> StandingStack {
        guard let stack = try find() else {
            let name = setup.map { "the stack \($0)" } ?? "no stack"
            let command = "LoadGen stack up --setup \(setup ?? "NAME")"
            throw StackError(description: "\(name) is \(setup == nil ? "" : "not ")up; start it with: \(command)")
        }
        return stack
    }
}

/// `LoadGen stack down`
struct StackDown: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop a stack and remove everything that it stored.")

    @OptionGroup var selection: StackSelection

    func run() async throws {
        try await ExitStatus.reporting {
            guard let stack = try selection.find() else {
                Console.tell("LoadGen: nothing to stop")
                return
            }
            await stack.stop()
            print("stopped \(stack.state.setup)")
        }
    }
}

/// `LoadGen stack status`
struct StackStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "A stack's parts. Exit status 0 if all are ready, 69 if not or if none is up.")

    @OptionGroup var selection: StackSelection

    func run() async throws {
        try await ExitStatus.reporting {
            let stack = try selection.require()
            let parts = stack.state.parts
            var rows = [["PART", "PID", "PORT", "STATE"]]
            var isReady = true
            for part in parts {
                let state = part.isRunning ? (await part.isReady() ? "ready" : "not ready") : "ended"
                isReady = isReady && state == "ready"
                rows.append([part.name, "\(part.processID)", "\(part.port)", state])
            }
            print(
                "\(stack.state.setup), up since \(Format.timestamp(Date(timeIntervalSince1970: stack.state.startedAt)))"
            )
            print(Self.table(rows))
            print("clients connect to \(stack.state.urls.joined(separator: ", "))")
            if !isReady { throw ExitCode(ExitStatus.unavailable) }
        }
    }

    /// Columns under each other.
    static func table(_ rows: [[String]]) -> String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            return "  " + cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }
}
