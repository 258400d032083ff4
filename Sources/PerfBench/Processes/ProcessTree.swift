import Foundation

/// Processes as `/proc` shows them.
enum ProcessTree {
    /// Those of that name which descend from a process, in the order of their ids.
    static func descendants(of root: Int32, named name: String) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var parents: [Int32: Int32] = [:]
        var named: [Int32] = []
        for id in entries.compactMap({ Int32($0) }) {
            guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")")
            else { continue }
            let fields = stat[stat.index(after: close)...].split(separator: " ")
            guard fields.count > 1, let parent = Int32(fields[1]) else { continue }
            parents[id] = parent
            if stat[stat.index(after: open)..<close] == name { named.append(id) }
        }
        return named.sorted().filter { id in
            var next: Int32? = id
            while let present = next, present > 1 {
                if present == root { return true }
                next = parents[present]
            }
            return false
        }
    }

    static func all(named name: String) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { id in
            (try? String(contentsOfFile: "/proc/\(id)/comm", encoding: .utf8)) == name + "\n"
        }.sorted()
    }

    /// What a file of `/proc` holds between its NULs.
    static func words(_ path: String) -> [String] {
        let data = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// How many files and sockets it has open: since Linux 6.2 that is the size of the folder.
    static func openFiles(_ process: Int32) -> Int {
        var status = stat()
        guard stat("/proc/\(process)/fd", &status) == 0 else { return 0 }
        if status.st_size > 0 { return Int(status.st_size) }
        return (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd"))?.count ?? 0
    }
}

/// A process's memory before its connections came, and with all of them.
struct MemoryWatch: Sendable {
    let process: Int32
    let connections: Int
    private(set) var before: (pss: Double, rss: Double)?
    private(set) var with: (pss: Double, rss: Double)?
    private var baseFiles: Int?
    private(set) var mostFiles = 0

    init(_ process: Int32, connections: Int) {
        self.process = process
        self.connections = connections
    }

    /// Looks once; call it again and again.
    mutating func look() {
        let files = ProcessTree.openFiles(process)
        guard files > 0, let memory = ProcessCost.memory(process) else { return }
        // A few come at once: what the first ones cost is a rounding error of what all do.
        if with == nil, files < (baseFiles ?? files) + connections / 100 {
            before = memory
            baseFiles = min(baseFiles ?? files, files)
        }
        if files >= connections { with = memory }
        mostFiles = max(mostFiles, files)
    }

    /// Proportional share, and resident, in KB for each connection.
    var perConnection: (pss: Double, rss: Double)? {
        guard let before, let with else { return nil }
        return ((with.pss - before.pss) / Double(connections), (with.rss - before.rss) / Double(connections))
    }
}
