import ArgumentParser

/// The reference chat server.
@main
struct ChatServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ChatServer",
        abstract: "A chat backend over WebSockets: rooms, history, presence, metrics.",
        discussion: """
            Without a subcommand it serves. Every option of serve is also an environment variable: CHAT_ and the \
            option's name in capitals (--jwt-secret is CHAT_JWT_SECRET); the command line wins.

            Try it:
              ChatServer --port 8080 --store sqlite:chat.db
              curl -s localhost:8080/health/ready
            """,
        version: "\(BuildInfo.version) (\(BuildInfo.commit))",
        subcommands: [Serve.self, Migrate.self, Seed.self, Keys.self],
        defaultSubcommand: Serve.self
    )
}
