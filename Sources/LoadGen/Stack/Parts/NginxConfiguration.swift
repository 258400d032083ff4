/// nginx's configuration for a setup (nginx 1.22, open source).
enum NginxConfiguration {
    static func text(_ plan: BalancerPlan) -> String {
        // Upstreams are asked again after a second; meanwhile the next one gets the request.
        let servers = plan.instances.map { "        server \($0.host):\($0.port) max_fails=2 fail_timeout=1s;" }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "    \($0)_temp_path \(plan.folder)/\($0);"
        }
        return """
            daemon off;
            worker_processes auto;
            worker_rlimit_nofile \(plan.descriptors);
            pid \(plan.folder)/nginx.pid;
            error_log stderr warn;

            events {
                worker_connections \(max(128, plan.descriptors - 200));
            }

            http {
                access_log off;
            \(temporary.joined(separator: "\n"))

                map $http_upgrade $connection_upgrade {
                    default upgrade;
                    '' '';
                }
            \(lines(maps(plan.policy), indent: 4))
                upstream instances {
                    # One state for all workers.
                    zone instances 256k;
            \(lines(placement(plan.policy), indent: 8))\(servers.joined(separator: "\n"))
                    keepalive 64;
                }

                server {
                    listen \(plan.address):\(plan.port) backlog=4096;

                    location / {
                        proxy_pass http://instances;
                        proxy_http_version 1.1;
                        proxy_set_header Host $http_host;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection $connection_upgrade;
                        proxy_buffering off;
                        proxy_connect_timeout 2s;
                        proxy_send_timeout 1h;
                        proxy_read_timeout 1h;
                        proxy_next_upstream error timeout http_503;
                        proxy_next_upstream_tries 3;
                        proxy_next_upstream_timeout 5s;
            \(lines(headers(plan.policy), indent: 12))        }
                }
            }

            """
    }

    /// Each with its line's end, so that none leaves nothing.
    private static func lines(_ lines: [String], indent: Int) -> String {
        lines.map { String(repeating: " ", count: indent) + $0 + "\n" }.joined()
    }

    private static func placement(_ policy: BalancerPolicy) -> [String] {
        switch policy {
        case .roundRobin: []
        case .leastConn: ["least_conn;"]
        // ip_hash looks at the first three bytes of an address only, and all of loopback has the same.
        case .source: ["hash $remote_addr consistent;"]
        case .cookie, .room: ["hash $placement consistent;"]
        }
    }

    /// Only nginx's commercial edition has sticky sessions by name. A cookie with a random value, and a consistent hash
    /// of it, do the same: while the instances stay, the value means the same one.
    private static func maps(_ policy: BalancerPolicy) -> [String] {
        let cookie = BalancerPlan.cookie
        switch policy {
        case .roundRobin, .leastConn, .source: return []
        case .cookie:
            return [
                "map $cookie_\(cookie) $placement {", "    default $cookie_\(cookie);", "    '' $request_id;", "}",
                "map $cookie_\(cookie) $new_cookie {", "    default '';",
                "    '' \"\(cookie)=$request_id; Path=/; HttpOnly\";", "}",
            ]
        // A request without a room goes anywhere.
        case .room: return ["map $arg_room $placement {", "    default $arg_room;", "    '' $request_id;", "}"]
        }
    }

    /// `always`: also with 101. A header without a value is left out.
    private static func headers(_ policy: BalancerPolicy) -> [String] {
        policy == .cookie ? ["add_header Set-Cookie $new_cookie always;"] : []
    }
}
