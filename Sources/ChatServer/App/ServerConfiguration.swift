import ChatProtocol
import Foundation
import Logging

/// Something in the options or the environment that cannot be: says what would be right.
struct ConfigurationProblem: Error, CustomStringConvertible {
    var description: String
}

/// Reads options that may also come from the environment: `CHAT_` and the name in capitals.
struct Settings {
    var environment = ProcessInfo.processInfo.environment

    func text(_ given: String?, _ name: String, default fallback: String) -> String {
        optional(given, name) ?? fallback
    }

    func optional(_ given: String?, _ name: String) -> String? { given ?? variable(name) }

    /// Of the environment; an empty one counts as unset.
    func variable(_ name: String) -> String? {
        environment[Self.variable(name)].flatMap { $0.isEmpty ? nil : $0 }
    }

    func number<T: LosslessStringConvertible & Comparable>(
        _ given: T?,
        _ name: String,
        default fallback: T,
        in range: ClosedRange<T>
    ) throws -> T {
        var value = given ?? fallback
        if given == nil, let text = variable(name) {
            guard let parsed = T(text) else {
                throw ConfigurationProblem(description: "\(Self.variable(name)) is no number: '\(text)'")
            }
            value = parsed
        }
        guard range.contains(value) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw ConfigurationProblem(description: "--\(name) must be \(bounds), not \(value)")
        }
        return value
    }

    func choice(_ given: String?, _ name: String, _ choices: [String]) throws -> String {
        let value = text(given, name, default: choices[0])
        guard choices.contains(value) else {
            throw ConfigurationProblem(description: "--\(name) is \(choices.joined(separator: " or ")), not '\(value)'")
        }
        return value
    }

    private static func variable(_ name: String) -> String {
        "CHAT_" + name.uppercased().replacing("-", with: "_")
    }
}

/// Everything that the server needs to know, checked.
struct ServerConfiguration: Sendable {
    var host = "127.0.0.1"
    var port = 8080
    var store = StoreLocation.sqlite("chat.db")
    var broker = BrokerLocation.memory
    var instance: String?
    var eventLoops = min(ProcessInfo.processInfo.activeProcessorCount, 64)
    var jwtSecret: String?
    var limitsOn = true
    var drainTimeout = 10.0
    var logLevel = "info"
    var logFormat = "json"
    var presenceGrace = 1.0

    init() {}

    init(_ options: Serve, environment settings: Settings) throws {
        host = settings.text(options.host, "host", default: host)
        port = try settings.number(options.port, "port", default: port, in: 0...65_535)
        store = try StoreLocation(options.storeOptions, settings)
        broker = try BrokerLocation(settings.text(options.broker, "broker", default: "memory"))
        instance = settings.optional(options.instance, "instance")
        eventLoops = try settings.number(options.eventLoops, "event-loops", default: eventLoops, in: 1...64)
        jwtSecret = try Self.secret(options.secretOptions, settings)
        limitsOn = try settings.choice(options.limits, "limits", ["default", "off"]) == "default"
        drainTimeout = try settings.number(options.drainTimeout, "drain-timeout", default: drainTimeout, in: 0...3600)
        logLevel = settings.text(options.logOptions.logLevel, "log-level", default: logLevel)
        logFormat = try settings.choice(options.logOptions.logFormat, "log-format", ["json", "text"])
    }

    var logging: (level: Logger.Level, isJSON: Bool) {
        get throws {
            guard let level = Logger.Level(rawValue: logLevel) else {
                let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationProblem(description: "--log-level is one of \(levels), not '\(logLevel)'")
            }
            return (level, logFormat == "json")
        }
    }

    /// - Returns: nil if none is given.
    static func secret(_ options: SecretOptions, _ settings: Settings) throws -> String? {
        let path =
            options.jwtSecretFile ?? (options.jwtSecret == nil ? settings.variable("jwt-secret-file") : nil)
        // The command line comes before the environment, and the secret itself before its file.
        var secret = options.jwtSecret ?? (options.jwtSecretFile == nil ? settings.variable("jwt-secret") : nil)
        if secret == nil, let path {
            guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8)
            else { throw ConfigurationProblem(description: "the secret's file '\(path)' cannot be read as UTF-8") }
            secret = text.hasSuffix("\n") ? String(text.dropLast()) : text
        }
        if let secret, secret.utf8.count < AccessTokens.minimumSecretBytes {
            throw ConfigurationProblem(
                description: "the JWT secret has \(secret.utf8.count) bytes; HS256 wants at least 32"
            )
        }
        return secret
    }
}
