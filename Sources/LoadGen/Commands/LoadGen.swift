import ArgumentParser

/// The load generator.
@main
struct LoadGen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "LoadGen",
        abstract: "Load for real-time chat over WebSockets, with proof of what arrived.",
        discussion: """
            Opens real clients, plays a scenario, measures send → stored → on every screen at each receiver, and checks \
            that no message was lost, repeated or out of order.

              LoadGen run quick                                   a first look, 10 seconds
              LoadGen run steady-rooms -c 2000 -r 1000/s          more clients, more messages
              LoadGen run big-room --target http://127.0.0.1:8080 a server that already runs
              LoadGen run steady-rooms --setup nonsticky          two instances behind a balancer, started for the run
              LoadGen run redis-outage --setup nonsticky          what breaks when Redis dies
              LoadGen compare small-rooms --setups nonsticky,sticky-cookie,sticky-room
              LoadGen capacity steady-rooms --slo 'deliver.p99 < 250ms'

            Exit status: 0 pass; 64 usage; 66 a file is missing or unreadable; 69 a needed program or server is missing; \
            96 the generator was the bottleneck, so the result is void; 97 a message was lost, repeated, out of order or \
            unacked; 99 a threshold failed; 105 interrupted.
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, CompareCommand.self, CapacityCommand.self, PlanCommand.self, ReportCommand.self,
            StackCommand.self, ScenariosCommand.self, SetupsCommand.self, DoctorCommand.self,
        ]
    )
}
