/// Where a Redis server is, and how to get in.
package struct RedisServer: Hashable, Sendable, CustomStringConvertible {
    package enum Endpoint: Hashable, Sendable {
        /// A name, or an IP address (IPv6 without its brackets).
        case host(String, port: Int)
        case unixSocket(path: String)
    }

    /// How the connection is encrypted.
    package struct TLS: Hashable, Sendable {
        /// False with `?insecure=true`: any certificate will do.
        package var verifies: Bool
        /// A PEM file of the authorities to trust, in place of the system's; `?ca=`.
        package var authorities: String?

        package init(verifies: Bool = true, authorities: String? = nil) {
            self.verifies = verifies
            self.authorities = authorities
        }
    }

    package var endpoint: Endpoint
    /// An ACL user; nil for the default user.
    package var user: String?
    package var password: String?
    package var database: Int
    package var tls: TLS?

    package init(
        endpoint: Endpoint, user: String? = nil, password: String? = nil, database: Int = 0, tls: TLS? = nil
    ) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
        self.tls = tls
    }

    /// The address as given, without credentials: what may be logged, and what names the server in a ``HashRing``.
    package var description: String {
        let path = database == 0 ? "" : "/\(database)"
        switch endpoint {
        case .host(let host, let port):
            let shown = host.contains(":") ? "[\(host)]" : host
            return "\(tls == nil ? "redis" : "rediss")://\(shown):\(port)\(path)"
        case .unixSocket(let socket): return "redis+unix://\(socket)" + (database == 0 ? "" : "?db=\(database)")
        }
    }

    /// The same credentials and encryption at another address: a node of the same cluster.
    func at(host: String, port: Int) -> RedisServer {
        var server = self
        server.endpoint = .host(host, port: port)
        return server
    }
}
