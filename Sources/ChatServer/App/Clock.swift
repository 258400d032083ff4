import ChatProtocol
import Glibc

/// Where the time comes from: a parameter, so that tests set it.
struct Clock: Sendable {
    /// Nanoseconds since the Unix epoch.
    var nanoseconds: @Sendable () -> Int64

    var now: Timestamp { Timestamp(microseconds: nanoseconds() / 1000) }

    static let system = Clock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
