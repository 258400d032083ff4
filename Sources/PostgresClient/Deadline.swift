import Glibc

/// The instant at which a wait ends.
struct Deadline {
    private let instant: ContinuousClock.Instant

    init(after duration: Duration) {
        instant = .now + duration
    }

    /// Waits until the socket is ready.
    /// - Parameter events: `POLLIN`, `POLLOUT`. An error or a hang-up counts as ready, too: the next call shows it.
    /// - Returns: what it is ready for; 0 if the deadline came first.
    func poll(socket: Int32, for events: Int32) -> Int32 {
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            switch Glibc.poll(&descriptor, 1, milliseconds) {
            case 0: return 0
            case 1...: return Int32(descriptor.revents)
            default: if errno != EINTR { return POLLERR }
            }
        }
    }

    var isOver: Bool { instant <= .now }

    /// What is left, rounded up, so that a wait never ends early; 0 once it is over, so that looking does not wait.
    var milliseconds: Int32 {
        let left = ContinuousClock.now.duration(to: instant)
        return left > .zero ? Int32(clamping: left.wholeMilliseconds + 1) : 0
    }
}

extension Duration {
    var wholeMilliseconds: Int64 {
        let (seconds, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? .max / 2 : seconds + components.attoseconds / 1_000_000_000_000_000
    }
}
