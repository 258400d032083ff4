import Foundation

/// What this build is.
enum BuildInfo {
    static let version = "0.1.0"

    /// The commit that is checked out where this program lies; `unknown` for one that was copied elsewhere.
    static let commit: String = {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let git = folder.appendingPathComponent(".git")
            guard let head = text(git.appendingPathComponent("HEAD")) else { continue }
            guard head.hasPrefix("ref: ") else { return String(head.prefix(12)) }
            let name = String(head.dropFirst(5))
            let packed = text(git.appendingPathComponent("packed-refs")) ?? ""
            let line = packed.split(separator: "\n").first { $0.hasSuffix(" " + name) }
            return String((text(git.appendingPathComponent(name)) ?? line.map(String.init) ?? "unknown").prefix(12))
        }
        return "unknown"
    }()

    private static func text(_ file: URL) -> String? {
        (try? String(contentsOf: file, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
