import Foundation

/// One process as `/proc/<pid>/stat` shows it (proc(5)).
struct ProcessStat: Sendable, Equatable {
    var id: Int32
    /// `R`, `S`, `D`, `T`, `Z` …
    var state: Character
    var parent: Int32
    var group: Int32
    /// CPU of its own and of the children that it has waited for, user and system, in clock ticks.
    var ticks: UInt64
    /// When it started, in clock ticks since the system's start.
    var start: UInt64

    /// - Returns: nil if this is no such line. A command's name may hold spaces and parentheses: the last one ends it.
    static func parse(_ text: String) -> ProcessStat? {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close,
            let id = Int32(text[..<open].trimmingCharacters(in: .whitespaces))
        else { return nil }
        // The first of these is field 3.
        let fields = text[text.index(after: close)...].split(whereSeparator: \.isWhitespace)
        guard fields.count >= 20, let state = fields[0].first, let parent = Int32(fields[1]),
            let group = Int32(fields[2]), let start = UInt64(fields[19])
        else { return nil }
        let ticks = fields[11...14].reduce(0) { $0 + (UInt64($1) ?? 0) }
        return ProcessStat(id: id, state: state, parent: parent, group: group, ticks: ticks, start: start)
    }

    /// - Returns: nil if there is no such process.
    static func of(_ id: Int32) -> ProcessStat? {
        (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)).flatMap(parse)
    }

    /// Every process that this one may see.
    static func all() -> [ProcessStat] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap(of)
    }

    /// It has ended, though its parent has not asked for its status yet.
    var isZombie: Bool { state == "Z" || state == "X" }
}

/// A process that cannot be mistaken for a later one with the same number.
struct ProcessIdentity: Sendable, Codable, Equatable {
    var id: Int32
    /// See ``ProcessStat/start``.
    var start: UInt64

    init(id: Int32, start: UInt64) {
        self.id = id
        self.start = start
    }

    /// Of a process that runs now.
    init?(_ id: Int32) {
        guard let stat = ProcessStat.of(id) else { return nil }
        self.init(id: id, start: stat.start)
    }

    static let own = ProcessIdentity(getpid()) ?? ProcessIdentity(id: getpid(), start: 0)

    var isAlive: Bool {
        guard let stat = ProcessStat.of(id) else { return false }
        return stat.start == start && !stat.isZombie
    }
}
