import Foundation

/// What a running process has cost so far.
enum ProcessCost {
    /// Seconds of CPU of all its threads, user and system; nil if it is gone.
    ///
    /// From `/proc/<pid>/task/<tid>/schedstat`, in nanoseconds, where the kernel has it: `/proc/<pid>/stat` counts in
    /// hundredths of a second, which is too coarse for a few seconds of light load. Threads that ended are not in it.
    static func cpuSeconds(_ process: Int32) -> Double? {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        let times = tasks.compactMap { task in
            text("/proc/\(process)/task/\(task)/schedstat")?.split(separator: " ").first.flatMap { Double($0) }
        }
        if !times.isEmpty { return times.reduce(0, +) / 1e9 }
        return ticks(process).map { Double($0) / Double(sysconf(Int32(_SC_CLK_TCK))) }
    }

    /// Resident kilobytes: the proportional share (PSS) of `/proc/<pid>/smaps_rollup`, and RSS of `/proc/<pid>/status`.
    static func memory(_ process: Int32) -> (pss: Double, rss: Double)? {
        guard let rollup = text("/proc/\(process)/smaps_rollup"), let status = text("/proc/\(process)/status"),
            let pss = kilobytes("Pss:", rollup), let rss = kilobytes("VmRSS:", status)
        else { return nil }
        return (pss, rss)
    }

    private static func ticks(_ process: Int32) -> Int? {
        guard let stat = text("/proc/\(process)/stat"), let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return user + system
    }

    private static func kilobytes(_ key: String, _ text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix(key) }?
            .split(separator: " ").dropFirst().first.flatMap { Double($0) }
    }

    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
