import Foundation

/// What a process and all that descend from it have used.
struct ProcessUsage: Sendable, Equatable {
    /// User and system, since the processes' start; children that have ended and were waited for are in it.
    var cpuSeconds = 0.0
    /// Memory that is resident. What several share (Postgres' buffers) counts once, with the first process.
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
            let memory = resident(stat.id)
            usage.residentBytes += stat.id == root.id ? memory.total : memory.total - memory.shared
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

    /// In bytes, from `/proc/<pid>/statm`.
    private static func resident(_ id: Int32) -> (total: Int, shared: Int) {
        let text = (try? String(contentsOfFile: "/proc/\(id)/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").compactMap { Int($0) }
        guard pages.count >= 3 else { return (0, 0) }
        let size = Int(sysconf(Int32(_SC_PAGESIZE)))
        return (pages[1] * size, pages[2] * size)
    }
}
