import Foundation

/// What a stack's processes find in their environment: this program's, without what would configure them behind the
/// setup's back.
enum ChildEnvironment {
    /// `CHAT_PORT` and the like are options of ChatServer; `PGDATA`, `PGHOST` … of PostgreSQL and libpq; `NGINX` names
    /// sockets that nginx takes over.
    static func clean(_ environment: [String: String]) -> [String: String] {
        environment.filter { name, _ in
            !name.hasPrefix("CHAT_") && !name.hasPrefix("PG") && !name.hasPrefix("HAPROXY_") && name != "NGINX"
        }
    }

    static var own: [String: String] { clean(ProcessInfo.processInfo.environment) }
}
