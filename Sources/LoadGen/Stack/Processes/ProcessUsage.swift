import Foundation

/// What a process and all that descend from it have used.
struct ProcessUsage: Sendable, Equatable {
    /// User and system, since the processes' start; children that have ended and were waited for are in it.
    var cpuSeconds = 0.0
    /// Memory that is resident. What several share (Postgres' buffers) counts once: each has its proportional share
    /// (PSS, proc(5)).
    var residentBytes = 0

    /// - Returns: nil if the process is gone.
    static func of(_ root: ProcessIdentity) -> ProcessUsage? {
        let all = ProcessStat.all()
        guard let first = all.first(where: { $0.id == root.id }), first.start == root.start, !first.isZombie else {
            return nil
        }
        var usage = ProcessUsage()
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        for stat in descendants(of: first, in: all) {
            usage.cpuSeconds += Double(stat.ticks) / ticksPerSecond
            usage.residentBytes += resident(stat.id, isRoot: stat.id == root.id)
        }
        return usage
    }

    /// A process and everything below it.
    static func descendants(of root: ProcessStat, in all: [ProcessStat]) -> [ProcessStat] {
        let children = Dictionary(grouping: all, by: \.parent)
        var found = [root]
        var next = 0
        while next < found.count {
            found += (children[found[next].id] ?? []).filter { $0.id != root.id }
            next += 1
        }
        return found
    }

    /// In bytes: `Pss` of `/proc/<pid>/smaps_rollup`. Where that is another user's secret, of `/proc/<pid>/statm` what is
    /// resident, and of all but the first process only what is not shared.
    private static func resident(_ id: Int32, isRoot: Bool) -> Int {
        if let text = try? String(contentsOfFile: "/proc/\(id)/smaps_rollup", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Pss:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        {
            return kilobytes * 1024
        }
        let text = (try? String(contentsOfFile: "/proc/\(id)/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").compactMap { Int($0) }
        guard pages.count >= 3 else { return 0 }
        return (isRoot ? pages[1] : pages[1] - pages[2]) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
