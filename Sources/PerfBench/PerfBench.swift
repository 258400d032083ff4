import ArgumentParser

@main
struct PerfBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What ChatServer and LoadGen cost, each figure beside its floor.",
        discussion: """
            A floor is the barest program that does the same work, measured in the same run on the same cores.

              PerfBench run                                     everything: a table, and a JSON file
              PerfBench drive --start-server --in-flight 32     one room of 500 on a ChatServer, closed loop
              PerfBench drive --start-floor --in-flight 32      the same on the bare broadcaster
              PerfBench drive --start-server --rate 1000        paced: 1,000 messages a second
              PerfBench floor broadcast --port 9000             the bare broadcaster by itself

            Everything runs on loopback, for a bounded time, and ends with this program.
            """,
        subcommands: [RunCommand.self, DriveCommand.self, FloorCommand.self]
    )
}
