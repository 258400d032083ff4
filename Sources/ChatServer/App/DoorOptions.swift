import ArgumentParser

/// Who may come in, and how often.
struct LimitOptions: ParsableArguments {
    @Option(help: "Rate limits: default, or off for tests and load (default).")
    var limits: String?

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            "One rate limit, again and again: NAME=BURST/PER_SECOND, or NAME=off.",
            discussion: """
                So many at once, and then so many a second, for each user, address or room, on this instance \
                (CHAT_LIMIT: several with commas). As it is: \(RateLimits.help).
                """
        )
    )
    var limit: [String] = []

    @Option(name: .customLong("max-connections"), help: "Connections in all (what the limit of open files allows).")
    var maxConnections: Int?

    @Option(name: .customLong("max-connections-per-user"), help: "WebSockets of one user; 0 is no limit (50).")
    var maxConnectionsPerUser: Int?

    @Option(
        name: .customLong("max-connections-per-address"),
        help: "WebSockets from one IPv4 address or one /64 of IPv6; 0 is no limit (1000).")
    var maxConnectionsPerAddress: Int?

    @Option(
        name: .customLong("trusted-proxies"),
        help: ArgumentHelp(
            "Balancers whose X-Forwarded-For or Forwarded is believed: CIDR[,CIDR…] (none).",
            discussion: "From all other peers the headers mean nothing, and limits go by the socket's address."
        )
    )
    var trustedProxies: String?

    @Option(
        name: .customLong("metrics-token"),
        help: "What GET /metrics must show as Authorization: Bearer TOKEN (none: open to all).")
    var metricsToken: String?
}

/// https and wss.
struct TLSOptions: ParsableArguments {
    @Option(
        name: .customLong("tls-cert"),
        help: "Certificate in PEM, with those between it and its authority: the port then speaks TLS only.")
    var certificate: String?

    @Option(name: .customLong("tls-key"), help: "The certificate's private key in PEM. Both are read again at SIGHUP.")
    var key: String?
}

/// How long tokens live.
struct TokenOptions: ParsableArguments {
    @Option(name: .customLong("access-token-ttl"), help: "Seconds that an access token lives (900).")
    var accessTokenTTL: Int64?

    @Option(name: .customLong("refresh-token-ttl"), help: "Seconds that a refresh token lives (2592000: 30 days).")
    var refreshTokenTTL: Int64?
}
