#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

extension MetricsRegistry {
    /// Registers the `process_…` metrics that Prometheus' own clients have, read from `/proc/self` at each scrape.
    ///
    /// A figure that can't be read shows as NaN.
    package func registerProcessMetrics() {
        self.sampledCounter("process_cpu_seconds_total", help: "User and system CPU time spent, in seconds.") {
            ProcessFigures.cpuSeconds()
        }
        self.sampledGauge("process_resident_memory_bytes", help: "Resident memory size in bytes.") {
            ProcessFigures.stat(field: 24).map { $0 * ProcessFigures.pageSize } ?? .nan
        }
        self.sampledGauge("process_virtual_memory_bytes", help: "Virtual memory size in bytes.") {
            ProcessFigures.stat(field: 23) ?? .nan
        }
        self.sampledGauge("process_open_fds", help: "Number of open file descriptors.") {
            ProcessFigures.openFileDescriptors()
        }
        self.sampledGauge("process_max_fds", help: "Maximum number of open file descriptors.") {
            ProcessFigures.maxFileDescriptors()
        }
        let started = ProcessFigures.startTime()
        self.sampledGauge("process_start_time_seconds", help: "Start time since the epoch, in seconds.") {
            started
        }
    }
}

/// What the kernel says of this process; proc(5).
enum ProcessFigures {
    static let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))

    /// From the process' CPU clock: `/proc/self/stat` has the same figure in steps of 10 ms.
    static func cpuSeconds() -> Double {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return .nan }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A numeric field of `/proc/self/stat`, counted from 1 as in proc(5), past the command's name.
    static func stat(field: Int) -> Double? {
        guard let text = self.contents(of: "/proc/self/stat") else { return nil }
        return self.stat(field: field, in: text)
    }

    /// The command (field 2) may hold spaces and parentheses, so the fields are counted from the last parenthesis.
    static func stat(field: Int, in text: String) -> Double? {
        guard let close = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: close)...].split { $0 == " " || $0 == "\n" }
        let index = field - 3
        return fields.indices.contains(index) ? Double(fields[index]) : nil
    }

    /// Seconds since the epoch: the boot's time, and the ticks from boot to the process' start.
    static func startTime() -> Double {
        guard let ticks = self.stat(field: 22), let system = self.contents(of: "/proc/stat"),
            let line = system.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let boot = Double(line.dropFirst(6))
        else { return .nan }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The entries of `/proc/self/fd`, without the descriptor that reads it.
    static func openFileDescriptors() -> Double {
        guard let directory = opendir("/proc/self/fd") else { return .nan }
        defer { closedir(directory) }
        var count = 0
        // "." and ".." are entries too.
        while readdir(directory) != nil { count += 1 }
        return Double(count - 3)
    }

    /// The soft limit: the one that is enforced.
    static func maxFileDescriptors() -> Double {
        let title = "Max open files"
        guard let limits = self.contents(of: "/proc/self/limits"),
            let line = limits.split(separator: "\n").first(where: { $0.hasPrefix(title) }),
            let soft = line.dropFirst(title.count).split(separator: " ").first
        else { return .nan }
        return soft == "unlimited" ? .infinity : Double(soft) ?? .nan
    }

    /// A whole file of `/proc`, whose size can't be known beforehand.
    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = chunk.withUnsafeMutableBytes { unsafe in
                read(descriptor, unsafe.baseAddress, unsafe.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            content += chunk[..<count]
        }
        return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
    }
}
