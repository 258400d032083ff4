/// HAProxy's configuration for a setup (HAProxy 2.6 configuration manual).
enum HAProxyConfiguration {
    static func text(_ plan: BalancerPlan) -> String {
        let servers = plan.instances.map { instance in
            let cookie = plan.policy == .cookie ? " cookie \(instance.name)" : ""
            return "    server \(instance.name) \(instance.host):\(instance.port)\(cookie)"
        }
        // A name that nobody knows yet is no reason not to start: its server is down until it is known.
        let names = plan.resolvesNames ? " resolvers system resolve-prefer ipv4 init-addr last,libc,none" : ""
        // Who does not answer for about a second is out, and its clients' connections are cut, so that they come back
        // elsewhere. Who answers that it is not ready gets no new connection and keeps those that it has (L7OKC): it may
        // be draining, or Redis is away, and then for all instances alike. If none is ready, any that lives will do.
        return """
            global
                maxconn \(plan.maxConnections)
                # In the working directory: the path of a socket is 107 bytes at most.
                stats socket unix@stats.sock mode 600 level admin
                log stderr format raw daemon warning

            defaults
                mode http
                log global
                maxconn \(plan.maxConnections)
                timeout connect 2s
                timeout client 60s
                timeout server 60s
                timeout http-request 10s
                timeout http-keep-alive 60s
                timeout queue 5s
                # Once upgraded, a WebSocket is a tunnel; the server's pings keep it busy.
                timeout tunnel 1h
                timeout client-fin 10s
                timeout check 1s
                retries 3
                option redispatch
                # The client's address, for the servers' limits (--trusted-proxies).
                option forwardfor

            \(plan.resolvesNames ? resolvers : "")frontend clients
                bind \(plan.address):\(plan.port)
                use_backend unready if { nbsrv(instances) eq 0 }
                default_backend instances

            backend instances
            \(lines(policy(plan.policy)))
                option httpchk
                http-check connect
                http-check send meth GET uri /health/live
                http-check expect status 200
                http-check connect
                http-check send meth GET uri /health/ready
                http-check expect status 200 error-status L7OKC
                default-server check inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions\(names)
            \(servers.joined(separator: "\n"))

            backend unready
            \(lines(policy(plan.policy)))
                option httpchk GET /health/live
                http-check expect status 200
                default-server check inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions\(names)
            \(servers.joined(separator: "\n"))

            """
    }

    private static func lines(_ lines: [String]) -> String { lines.map { "    \($0)" }.joined(separator: "\n") }

    private static let resolvers = """
        resolvers system
            parse-resolv-conf
            resolve_retries 3
            timeout resolve 1s
            timeout retry 1s
            hold valid 2s


        """

    private static func policy(_ policy: BalancerPolicy) -> [String] {
        switch policy {
        case .roundRobin: ["balance roundrobin"]
        case .leastConn: ["balance leastconn"]
        case .source: ["balance source", "hash-type consistent"]
        case .cookie: ["balance roundrobin", "cookie \(BalancerPlan.cookie) insert indirect nocache httponly"]
        // A request without a room goes round.
        case .room: ["balance url_param room", "hash-type consistent"]
        }
    }
}
