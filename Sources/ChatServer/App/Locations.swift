import Foundation
import Logging
import PostgresClient
import RedisClient

/// Where the store is: `sqlite:PATH` or `postgres://…`.
enum StoreLocation: Sendable {
    case sqlite(String)
    case postgres(PostgresConfiguration)

    init(_ options: StoreOptions, _ settings: Settings) throws {
        let text = settings.text(options.store, "store", default: "sqlite:chat.db")
        if text.hasPrefix("sqlite:"), text.count > 7 {
            self = .sqlite(String(text.dropFirst(7)))
        } else if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            do {
                self = .postgres(try PostgresConfiguration(url: text))
            } catch {
                throw ConfigurationProblem(description: "--store: \(error)")
            }
        } else {
            throw ConfigurationProblem(
                description: "--store is sqlite:PATH or postgres://user:password@host:port/database, not '\(text)'"
            )
        }
    }

    /// Opens the store and brings its schema up to date.
    func open(_ logger: Logger) async throws -> any Store {
        switch self {
        case .sqlite(let path): try SQLiteStore(path: path)
        case .postgres(let configuration): try await PostgresStore.open(configuration, logger: logger)
        }
    }
}

/// What carries messages between instances: `memory` (one instance) or `redis://…[,redis://…]`.
enum BrokerLocation: Sendable {
    case memory
    case redis([RedisServer])

    init(_ text: String) throws {
        if text == "memory" {
            self = .memory
        } else if text.contains("://") {
            do {
                self = .redis(try RedisServer.list(text))
            } catch {
                throw ConfigurationProblem(description: "--broker: \(error)")
            }
        } else {
            throw ConfigurationProblem(
                description: "--broker is memory or redis://host:port[,redis://…], not '\(text)'"
            )
        }
    }
}
