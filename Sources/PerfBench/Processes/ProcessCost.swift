import Foundation

/// What a running process has cost so far.
enum ProcessCost {
    /// Seconds of CPU of all its threads, those that ended included, user and system; nil if it is gone.
    ///
    /// From the process's CPU clock (clock_getcpuclockid(3)), in nanoseconds: `/proc/<pid>/stat` counts in hundredths of a
    /// second, too coarse for a few seconds of light load, and `/proc/<pid>/task` forgets the threads that ended.
    static func cpuSeconds(_ process: Int32) -> Double? {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Resident kilobytes: the proportional share (PSS) of `/proc/<pid>/smaps_rollup`, and RSS of `/proc/<pid>/status`.
    static func memory(_ process: Int32) -> (pss: Double, rss: Double)? {
        guard let rollup = text("/proc/\(process)/smaps_rollup"), let status = text("/proc/\(process)/status"),
            let pss = kilobytes("Pss:", rollup), let rss = kilobytes("VmRSS:", status)
        else { return nil }
        return (pss, rss)
    }

    private static func kilobytes(_ key: String, _ text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix(key) }?
            .split(separator: " ").dropFirst().first.flatMap { Double($0) }
    }

    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
