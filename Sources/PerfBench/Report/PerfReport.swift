import Foundation

/// Everything that one run has measured, as it is written.
struct PerfReport: Encodable {
    struct Machine: Encodable {
        var cpu: String
        var cores: Int
        var kernel: String
    }

    var schema = 1
    var kind = "perf"
    var commit: String
    /// The working copy had changes that are in no commit.
    var dirty: Bool
    var beganAt: String
    var machine: Machine
    var rounds: Int
    var figures: [FigureResult]

    private enum CodingKeys: String, CodingKey {
        case schema, kind, commit, dirty
        case beganAt = "began_at"
        case machine, rounds, figures
    }

    init(revision: Revision, began: Date, rounds: Int, figures: [FigureResult]) {
        commit = revision.commit
        dirty = revision.isDirty
        beganAt = began.formatted(.iso8601)
        machine = Machine(cpu: Self.cpu, cores: Core.count, kernel: Self.kernel)
        self.rounds = rounds
        self.figures = figures
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes, .sortedKeys]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    private static var cpu: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    }

    private static var kernel: String {
        let text = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? "unknown"
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Which commit was measured.
struct Revision {
    var commit: String
    var isDirty: Bool

    static func current() -> Revision {
        guard let commit = git("rev-parse", "--short=12", "HEAD") else {
            return Revision(commit: "unknown", isDirty: false)
        }
        return Revision(commit: commit, isDirty: git("status", "--porcelain").map { !$0.isEmpty } ?? false)
    }

    private static func git(_ arguments: String...) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
