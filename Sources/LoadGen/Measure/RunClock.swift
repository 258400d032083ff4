import Foundation

/// One clock for a whole run: the monotonic one, shifted to the Unix epoch once, so that it never jumps and its
/// instants can still be compared with a server's on the same machine. All instants are nanoseconds.
struct RunClock: Sendable {
    private let offset: Int64

    init() {
        offset = Self.read(CLOCK_REALTIME) - Self.read(CLOCK_MONOTONIC)
    }

    /// Nanoseconds since the Unix epoch.
    var now: Int64 { Self.read(CLOCK_MONOTONIC) + offset }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
