extension RedisServer {
    /// Reads one address:
    /// - `redis://[[user]:password@]host[:port][/database]`
    /// - `rediss://…[?insecure=true][&ca=/path.pem]` for TLS
    /// - `redis+unix://[[user]:password@]/path/of/socket[?db=database]`
    ///
    /// User, password and paths may be percent-encoded (RFC 3986, section 2.1); IPv6 addresses stand in brackets. The
    /// port is 6379 unless given.
    /// - Throws: ``RedisError/invalidAddress(_:)``
    package init(parsing text: String) throws {
        guard let scheme = text.firstRange(of: "://") else {
            throw RedisError.invalidAddress("it must begin with redis:// or rediss://")
        }
        var rest = text[scheme.upperBound...]
        guard !rest.contains("#") else { throw RedisError.invalidAddress("a # must be written %23") }
        var query: [(name: Substring, value: String)] = []
        if let mark = rest.firstIndex(of: "?") {
            query = try Self.queryItems(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        // The last @: a password with an @ that nobody encoded is read as meant.
        var credentials: Substring?
        let authorityEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        if let at = rest[..<authorityEnd].lastIndex(of: "@") {
            credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        switch text[..<scheme.lowerBound].lowercased() {
        case "redis": self = try Self.network(rest, tls: nil, query)
        case "rediss": self = try Self.network(rest, tls: TLS(), query)
        case "redis+unix": self = try Self.local(rest, query)
        case let other: throw RedisError.invalidAddress("\(other):// is neither redis:// nor rediss://")
        }
        if let credentials { try take(credentials) }
    }

    /// Reads addresses between commas, at least one.
    /// - Throws: ``RedisError/invalidAddress(_:)``, also if one comes twice.
    package static func list(_ text: String) throws -> [RedisServer] {
        var servers: [RedisServer] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let server = try RedisServer(parsing: String(item.filter { !$0.isWhitespace }))
            guard !servers.contains(where: { $0.description == server.description }) else {
                throw RedisError.invalidAddress("\(server) is given twice")
            }
            servers.append(server)
        }
        return servers
    }

    private static func network(
        _ rest: Substring, tls: TLS?, _ query: [(name: Substring, value: String)]
    ) throws -> RedisServer {
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (host, port) = try hostAndPort(rest[..<slash])
        var server = RedisServer(endpoint: .host(host, port: port), tls: tls)
        let path = rest[slash...].dropFirst()
        if !path.isEmpty { server.database = try databaseNumber(path) }
        for (name, value) in query {
            switch (name, value) {
            case ("insecure", "true") where tls != nil: server.tls?.verifies = false
            case ("insecure", "false") where tls != nil: server.tls?.verifies = true
            case ("insecure", _) where tls != nil:
                throw RedisError.invalidAddress("insecure is true or false, not \(value)")
            case ("ca", let path) where tls != nil && !path.isEmpty: server.tls?.authorities = path
            case ("insecure", _), ("ca", _):
                throw RedisError.invalidAddress(tls == nil ? "\(name) wants rediss://" : "\(name) is empty")
            default: throw RedisError.invalidAddress("unknown item \(name); there are insecure and ca")
            }
        }
        return server
    }

    private static func local(_ rest: Substring, _ query: [(name: Substring, value: String)]) throws -> RedisServer {
        guard rest.first == "/", rest.count > 1 else {
            throw RedisError.invalidAddress("the path of a socket begins with /, as in redis+unix:///run/redis.sock")
        }
        var server = RedisServer(endpoint: .unixSocket(path: try percentDecoded(rest)))
        for (name, value) in query {
            guard name == "db" else { throw RedisError.invalidAddress("unknown item \(name); there is db") }
            server.database = try databaseNumber(value[...])
        }
        return server
    }

    private mutating func take(_ credentials: Substring) throws {
        guard let colon = credentials.firstIndex(of: ":") else {
            throw RedisError.invalidAddress("before the @ there must be user:password or :password")
        }
        let name = try Self.percentDecoded(credentials[..<colon])
        user = name.isEmpty ? nil : name
        password = try Self.percentDecoded(credentials[credentials.index(after: colon)...])
    }

    private static func hostAndPort(_ text: Substring) throws -> (String, Int) {
        var (host, rest) = (text, Substring())
        if text.first == "[" {
            guard let bracket = text.firstIndex(of: "]") else { throw RedisError.invalidAddress("a ] is missing") }
            host = text[text.index(after: text.startIndex)..<bracket]
            rest = text[text.index(after: bracket)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw RedisError.invalidAddress("after ] comes :port, not \(rest)")
            }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            rest = text[colon...]
        }
        guard !host.isEmpty else { throw RedisError.invalidAddress("the host is missing") }
        guard rest.count > 1 else { return (try percentDecoded(host), 6379) }
        guard let port = Int(rest.dropFirst()), (1...65_535).contains(port) else {
            throw RedisError.invalidAddress("\(rest.dropFirst()) is no port; an IPv6 address wants brackets")
        }
        return (try percentDecoded(host), port)
    }

    private static func databaseNumber(_ text: Substring) throws -> Int {
        guard let number = Int(text), number >= 0 else {
            throw RedisError.invalidAddress("\(text) is no number of a database")
        }
        return number
    }

    private static func queryItems(_ text: Substring) throws -> [(name: Substring, value: String)] {
        try text.split(separator: "&").map { item in
            let equals = item.firstIndex(of: "=") ?? item.endIndex
            return (item[..<equals], try percentDecoded(item[equals...].dropFirst()))
        }
    }

    private static func percentDecoded(_ text: Substring) throws -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                throw RedisError.invalidAddress("a % wants two hexadecimal digits after it; % itself is %25")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw RedisError.invalidAddress("percent-encoded bytes are not UTF-8")
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
