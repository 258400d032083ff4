import ArgumentParser
import Foundation
import Logging

/// `ChatServer [serve]`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server (the default). SIGTERM and SIGINT drain it: sends are answered, sockets closed."
    )

    @Option(help: "Address to listen on (127.0.0.1).")
    var host: String?

    @Option(help: "Port to listen on; 0 picks a free one and logs it (8080).")
    var port: Int?

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: "What carries messages between instances: memory (one instance), or redis://host:port[,redis://…].")
    var broker: String?

    @Option(help: "This instance's name (host:port).")
    var instance: String?

    @Option(name: .customLong("event-loops"), help: "Threads for sockets (one a core).")
    var eventLoops: Int?

    @Option(
        name: .customLong("drain-timeout"),
        help: "Seconds after SIGTERM to answer what is under way, and to close the sockets bit by bit (10).")
    var drainTimeout: Double?

    @Flag(
        name: .customLong("stop-with-stdin"), help: "Stop when standard input closes: with the program that started it."
    )
    var stopWithStdin = false

    @OptionGroup(title: "Limits") var limitOptions: LimitOptions
    @OptionGroup(title: "TLS") var tlsOptions: TLSOptions
    @OptionGroup(title: "Tokens") var secretOptions: SecretOptions
    @OptionGroup(title: "Tokens") var tokenOptions: TokenOptions
    @OptionGroup(title: "Log") var logOptions: LogOptions

    func run() async throws {
        let (configuration, logging) = try usage()
        let sink = LogSink(descriptor: STDOUT_FILENO)
        LoggingSystem.bootstrap(logOptions.handler(logging, sink))
        let logger = Logger(label: "chat")
        do {
            let application = try await Application.build(configuration, logger: logger)
            Signals.onHangUp { Task { await application.reload() } }
            try await application.run(until: { await Signals.stop(withStandardInput: stopWithStdin) })
        } catch {
            logger.critical("cannot run", metadata: ["error": "\(error)"])
            sink.flush()
            throw ExitCode(error is ConfigurationProblem ? 64 : 69)
        }
        sink.flush()
    }

    private func usage() throws -> (ServerConfiguration, (level: Logger.Level, isJSON: Bool)) {
        do {
            let configuration = try ServerConfiguration(self, environment: Settings())
            return (configuration, try configuration.logging)
        } catch {
            FileHandle.standardError.write(Data("ChatServer: \(error)\n".utf8))
            throw ExitCode(64)
        }
    }
}

/// Where the store is; shared by all commands.
struct StoreOptions: ParsableArguments {
    @Option(
        help: "Where everything is kept: sqlite:PATH, or postgres://user:password@host:port/database (sqlite:chat.db).")
    var store: String?
}

/// The key, or the keys, of access tokens.
struct SecretOptions: ParsableArguments {
    @Option(name: .customLong("jwt-secret"), help: "Key of the access tokens (HS256), at least 32 bytes of UTF-8.")
    var jwtSecret: String?

    @Option(name: .customLong("jwt-secret-file"), help: "File that holds the key; a last newline is cut off.")
    var jwtSecretFile: String?

    @Option(
        name: .customLong("jwt-keys"),
        help: ArgumentHelp(
            "File or folder of Ed25519 keys for the access tokens (EdDSA), in their secret's place.",
            discussion: """
                JWK, JWK set or PEM; ChatServer keys new makes one. The last private key signs, all verify; they are read \
                again at SIGHUP. A secret that is given, too, still verifies.
                """
        )
    )
    var jwtKeys: String?
}

struct LogOptions: ParsableArguments {
    @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical (info).")
    var logLevel: String?

    @Option(name: .customLong("log-format"), help: "json (an object a line) or text (json).")
    var logFormat: String?

    func handler(
        _ logging: (level: Logger.Level, isJSON: Bool),
        _ sink: LogSink
    ) -> @Sendable (String) -> any LogHandler {
        { _ in LineLogHandler(logLevel: logging.level, isJSON: logging.isJSON, sink: sink) }
    }
}
