import Foundation

/// Writes to the terminal, or what stands for it; one that is gone ends nothing, as FileHandle's own `write(_:)` would.
enum Console {
    /// To stdout.
    static func write(_ data: Data) {
        try? FileHandle.standardOutput.write(contentsOf: data)
    }

    /// A line to stderr.
    static func tell(_ line: String) { show(line + "\n") }

    /// To stderr, as it is.
    static func show(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
