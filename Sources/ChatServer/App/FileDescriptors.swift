import Foundation

/// The process's limit of open files: every socket is one.
enum FileDescriptors {
    /// Kept free for the store, the log and the listening socket.
    static let reserve = 64

    /// Raises the soft limit to the hard one.
    /// - Returns: the limits before and after.
    static func raiseLimit() -> (before: Int, after: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return (1024, 1024) }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        let after = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit.rlim_max : before
        return (Int(clamping: before), Int(clamping: after))
    }
}
