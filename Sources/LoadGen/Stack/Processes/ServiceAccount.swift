import Foundation

/// Who runs a stack's stores, brokers and balancers when this program runs as root: PostgreSQL refuses root, and the
/// others have no need of it.
struct ServiceAccount: Sendable, Equatable {
    var name: String
    var user: UInt32
    var group: UInt32

    /// Nil unless this program runs as root: then parts run as the same user.
    static let forParts: ServiceAccount? = geteuid() == 0 ? find("nobody") : nil

    static func find(_ name: String) -> ServiceAccount? {
        guard let entry = getpwnam(name) else { return nil }
        return ServiceAccount(name: name, user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }

    /// What comes before a command so that it runs as this account, in the same process.
    var prefix: [String] {
        ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"]
    }
}
