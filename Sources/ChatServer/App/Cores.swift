import Foundation

/// The cores that this process may run on.
enum Cores {
    /// Those of the machine, or fewer where the process is confined to some of them: by taskset(1), a cpuset, or systemd's
    /// `CPUAffinity=`.
    static var usable: Int {
        let all = ProcessInfo.processInfo.activeProcessorCount
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        return max(1, min(all, status.flatMap(allowed) ?? all))
    }

    /// The set bits of `Cpus_allowed` in /proc/pid/status (proc(5)): `ff` or, beyond 32 cores, `ffffffff,0000000f`.
    static func allowed(_ status: String) -> Int? {
        let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }
        guard let mask = line?.dropFirst("Cpus_allowed:".count).filter({ !$0.isWhitespace }), !mask.isEmpty else {
            return nil
        }
        var count = 0
        for word in mask.split(separator: ",") {
            guard let bits = UInt32(word, radix: 16) else { return nil }
            count += bits.nonzeroBitCount
        }
        return count
    }
}
