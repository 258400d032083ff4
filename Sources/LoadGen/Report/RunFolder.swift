import Foundation

/// A run's folder, `<out>/<UTC time>-<scenario>-<setup>/`, and what goes where in it.
///
/// `summary.json`, `timeline.csv`, `scenario.yaml`, `setup.yaml`, `latency/<series>.hgrm`, `metrics/<instance>.prom`
/// and `.first.prom`, `logs/`. Files are replaced whole, so that a reader never sees half of one; only the timeline grows.
struct RunFolder: Sendable, Equatable {
    static let summaryName = "summary.json"
    static let timelineName = "timeline.csv"
    /// What was asked for.
    private static let questions = ["scenario.yaml", "setup.yaml"]
    static let subfolders = ["latency", "metrics", "logs"]

    let url: URL

    var path: String { url.path }
    var logs: URL { url.appendingPathComponent("logs", isDirectory: true) }

    /// A folder that is there already, as the one of a finished run.
    init(existing url: URL) {
        self.url = url
    }

    /// Makes the folder. When two runs start in one second, the later one gets `-2`, `-3` … at its name's end.
    /// - Parameter subfolders: of a single run; a comparison has only logs of its own.
    static func create(
        in out: String, scenario: String, setup: String, at date: Date, subfolders: [String] = RunFolder.subfolders
    ) throws(ReportError) -> RunFolder {
        let parent = URL(fileURLWithPath: out, isDirectory: true)
        let name = [Format.compactTimestamp(date), fileName(scenario), fileName(setup)].joined(separator: "-")
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            let url = try createUnique(name, in: parent)
            for subfolder in subfolders {
                let inner = url.appendingPathComponent(subfolder, isDirectory: true)
                try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
            }
            return RunFolder(existing: url)
        } catch {
            throw ReportError(
                .unwritable, "cannot make a folder for the results in \(parent.path) (choose another with --out)",
                cause: error)
        }
    }

    /// Takes the folder away if there is nothing in it but what was asked for: of a run that never began.
    func removeIfEmpty() {
        let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: [.isRegularFileKey])
        let holdsMore = files?.contains { item in
            guard let file = item as? URL else { return true }
            let isFile = (try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) ?? true
            return isFile && !Self.questions.contains(file.lastPathComponent)
        }
        if holdsMore == false { try? FileManager.default.removeItem(at: url) }
    }

    /// Of a file in it; nil if it cannot be read.
    func text(of name: String) -> String? {
        try? String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
    }

    /// Making the folder is also the test whether its name is free: looking first would race with another run.
    private static func createUnique(_ name: String, in parent: URL) throws -> URL {
        var attempt = 1
        while true {
            let suffix = attempt == 1 ? "" : "-\(attempt)"
            let url = parent.appendingPathComponent(name + suffix, isDirectory: true)
            do {
                try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
                return url
            } catch {
                guard FileManager.default.fileExists(atPath: url.path), attempt < 1_000 else { throw error }
                attempt += 1
            }
        }
    }

    /// A name that stays inside its folder, and is not hidden there.
    static func fileName(_ text: String) -> String {
        let safe = text.map { character in
            let isUnsafe = character == "/" || character == "\\" || character.isWhitespace || character.isNewline
            return isUnsafe || character.unicodeScalars.contains { $0.value < 0x20 } ? "-" : character
        }
        let name = String(safe.drop { $0 == "." || $0 == "-" })
        return name.isEmpty ? "unnamed" : name
    }
}
