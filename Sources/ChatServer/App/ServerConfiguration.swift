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
    var eventLoops = min(Cores.usable, 64)
    var jwtSecret: String?
    /// Nil without `--jwt-keys`, which ``jwtKeysPath`` is.
    var signingKeys: SigningKeys?
    var jwtKeysPath: String?
    /// In seconds.
    var accessTokenLifetime: Int64 = 900
    var refreshTokenLifetime: Int64 = 30 * 86_400
    var limitsOn = true
    var rateLimits = RateLimits()
    /// Nil: what the limit of open files allows.
    var maxConnections: Int?
    /// 0 is no limit.
    var maxConnectionsPerUser = 50
    var maxConnectionsPerAddress = 1000
    var trustedProxies: [ClientAddress.Range] = []
    var metricsToken: String?
    var tls: ServerTLS?
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
        jwtKeysPath = settings.optional(options.secretOptions.jwtKeys, "jwt-keys")
        signingKeys = try jwtKeysPath.map { try SigningKeys(path: $0) }
        try readTokenLifetimes(options.tokenOptions, settings)
        try readLimits(options.limitOptions, settings)
        tls = try Self.tls(options.tlsOptions, settings)
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

    private mutating func readTokenLifetimes(_ options: TokenOptions, _ settings: Settings) throws {
        accessTokenLifetime = try settings.number(
            options.accessTokenTTL, "access-token-ttl", default: accessTokenLifetime, in: 10...86_400)
        refreshTokenLifetime = try settings.number(
            options.refreshTokenTTL, "refresh-token-ttl", default: refreshTokenLifetime, in: 60...315_360_000)
        guard refreshTokenLifetime >= accessTokenLifetime else {
            throw ConfigurationProblem(description: "--refresh-token-ttl is shorter than --access-token-ttl")
        }
    }

    private mutating func readLimits(_ options: LimitOptions, _ settings: Settings) throws {
        limitsOn = try settings.choice(options.limits, "limits", ["default", "off"]) == "default"
        // One by one: the command line comes last, and so it wins.
        for text in (settings.variable("limit") ?? "").split(separator: ",") { try rateLimits.set(text) }
        for text in options.limit { try rateLimits.set(text) }
        if options.maxConnections != nil || settings.variable("max-connections") != nil {
            maxConnections = try settings.number(
                options.maxConnections, "max-connections", default: 1, in: 1...10_000_000)
        }
        maxConnectionsPerUser = try settings.number(
            options.maxConnectionsPerUser,
            "max-connections-per-user",
            default: maxConnectionsPerUser,
            in: 0...10_000_000
        )
        maxConnectionsPerAddress = try settings.number(
            options.maxConnectionsPerAddress,
            "max-connections-per-address",
            default: maxConnectionsPerAddress,
            in: 0...10_000_000
        )
        trustedProxies = try settings.text(options.trustedProxies, "trusted-proxies", default: "").split(separator: ",")
            .map { item in
                guard let range = ClientAddress.Range(item) else {
                    throw ConfigurationProblem(
                        description: "--trusted-proxies: '\(item)' is no address or CIDR, as 10.0.0.0/8 or fd00::1"
                    )
                }
                return range
            }
        metricsToken = settings.optional(options.metricsToken, "metrics-token")
    }

    private static func tls(_ options: TLSOptions, _ settings: Settings) throws -> ServerTLS? {
        switch (settings.optional(options.certificate, "tls-cert"), settings.optional(options.key, "tls-key")) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            let now = Clock.system.now.microseconds / 1_000_000
            return try ServerTLS(certificateFile: certificate, keyFile: key, now: now)
        case (_?, nil): throw ConfigurationProblem(description: "--tls-cert wants --tls-key, the certificate's key")
        case (nil, _?): throw ConfigurationProblem(description: "--tls-key wants --tls-cert, the key's certificate")
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

extension ServerConfiguration {
    var connectionLimits: ConnectionLimits {
        let limit = { (count: Int) in limitsOn && count > 0 ? count : nil }
        return ConnectionLimits(perAddress: limit(maxConnectionsPerAddress), perUser: limit(maxConnectionsPerUser))
    }

    /// The keys that are given; without any, a random secret.
    func keyRing(_ logger: Logger) async -> KeyRing {
        var secret = jwtSecret
        if secret == nil, signingKeys == nil {
            logger.warning("no JWT secret or keys are given: a random secret is used, and tokens end with this process")
            secret = Secrets.random(bytes: 48)
        }
        return await KeyRing(secret: secret, keys: signingKeys)
    }
}
