import CLibPQ

/// Where the database is, and how long to wait for it.
package struct PostgresConfiguration: Sendable {
    /// For each host that is tried, until a session is open. `connect_timeout` in the URL, in seconds, is taken if
    /// given. Resolving a name is outside of it: that takes as long as `resolv.conf` allows.
    package var connectTimeout: Duration = .seconds(5)
    /// For each statement. The server gives up at nine tenths of it, so that the connection survives.
    package var statementTimeout: Duration = .seconds(10)
    /// What `pg_stat_activity` shows, unless the URL says otherwise.
    package var applicationName = "chat"

    /// libpq's keywords and their values, as the URL gives them.
    private let parameters: [String: String]

    /// Reads `postgres://user:password@host:port/database?option=value`; also several hosts with commas, a socket's
    /// folder as `host`, and every option of libpq (its manual, "Connection URIs").
    /// - Throws: ``PostgresError/invalid(_:)``; its text never holds the password.
    package init(url: String) throws(PostgresError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw .invalid("a URL of Postgres begins with postgres:// or postgresql://")
        }
        guard !url.utf8.contains(0) else { throw .invalid("the URL contains a NUL") }
        let parameters = try Self.parse(url)
        if parameters["target_session_attrs"] == "prefer-standby" {
            throw .invalid("target_session_attrs=prefer-standby: a primary is needed")
        }
        let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
        if let mode = parameters["sslmode"], !modes.contains(mode) {
            throw .invalid("sslmode=\(mode): it is one of \(modes.joined(separator: ", "))")
        }
        for port in Self.list(parameters["port"]) where !port.isEmpty {
            guard let number = Int(port), (1...65_535).contains(number) else { throw .invalid("the port \(port)") }
        }
        let hosts = max(Self.list(parameters["host"]).count, Self.list(parameters["hostaddr"]).count)
        let ports = Self.list(parameters["port"]).count
        guard ports <= 1 || ports == max(hosts, 1) else { throw .invalid("\(ports) ports for \(hosts) hosts") }
        if let text = parameters["connect_timeout"] {
            guard let seconds = Int64(text), (0...86_400).contains(seconds) else {
                throw .invalid("connect_timeout=\(text): it is a number of seconds")
            }
            // In libpq 0 means forever; here nothing is.
            if seconds > 0 { connectTimeout = .seconds(seconds) }
        }
        self.parameters = parameters
    }

    /// One set of libpq's parameters for each host, in the order in which to try them.
    ///
    /// libpq goes through several hosts by itself, but with a single deadline: one that is silent would take the time
    /// of those behind it.
    func attempts() -> [[String: String]] {
        var common = defaults.merging(parameters) { _, given in given }
        // In front, so that what the URL gives is the last word.
        common["options"] = [serverSettings, parameters["options"]].compactMap(\.self).joined(separator: " ")
        common["client_encoding"] = "UTF8"
        let hosts = Self.list(parameters["host"])
        let addresses = Self.list(parameters["hostaddr"])
        let ports = Self.list(parameters["port"])
        let count = max(hosts.count, addresses.count)
        guard count > 1 else { return [common] }
        return (0..<count).map { index in
            var attempt = common
            attempt["host"] = index < hosts.count ? hosts[index] : nil
            attempt["hostaddr"] = index < addresses.count ? addresses[index] : nil
            if ports.count > 1 { attempt["port"] = ports[index] }
            return attempt
        }
    }

    private var defaults: [String: String] {
        [
            "fallback_application_name": applicationName,
            // A peer that died without a word is noticed in 25 s while idle, and as fast as a statement otherwise.
            "keepalives": "1",
            "keepalives_idle": "10",
            "keepalives_interval": "5",
            "keepalives_count": "3",
            "tcp_user_timeout": String(statementTimeout.wholeMilliseconds),
            "gssencmode": "disable",
        ]
    }

    private var serverSettings: String {
        let client = max(statementTimeout.wholeMilliseconds, 2)
        // A program that hangs in the middle of a transaction must not hold its locks for ever.
        return "-c statement_timeout=\(client * 9 / 10) -c idle_in_transaction_session_timeout=\(client * 2)"
    }

    private static func list(_ value: String?) -> [String] {
        guard let value, !value.isEmpty else { return [] }
        return value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func parse(_ url: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(message) }
        guard let options = PQconninfoParse(url, &message) else {
            throw .invalid("the URL: \(withoutSecrets(message.map { String(cString: $0) } ?? "out of memory", url))")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parameters
    }

    /// libpq quotes in its complaint the part of the URL that it did not understand: it may be of the password.
    private static func withoutSecrets(_ message: String, _ url: String) -> String {
        let message = message.split(separator: "\n").joined(separator: " ")
        let query = url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        if message.hasPrefix("invalid URI query parameter"), !query.contains("@") { return message }
        guard let quote = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\"") else { return message }
        return message[..<quote] + "…" + message[message.index(after: last)...]
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
    /// The URL without the password and the options.
    package var description: String {
        let hosts = Self.list(parameters["host"] ?? parameters["hostaddr"])
        let ports = Self.list(parameters["port"])
        let places = hosts.enumerated().map { index, host in
            let port = ports.count > 1 ? ports[index] : ports.first ?? ""
            return port.isEmpty ? host : "\(host):\(port)"
        }
        let user = parameters["user"].map { "\($0)@" } ?? ""
        let database = parameters["dbname"].map { "/\($0)" } ?? ""
        return "postgres://\(user)\(places.joined(separator: ","))\(database)"
    }

    package var customMirror: Mirror {
        Mirror(self, children: ["url": description])
    }
}
