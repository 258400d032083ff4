import Foundation

/// A folder for what the measured programs write.
struct Workspace: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "perfbench-\(getpid())-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: url) }

    /// Removes it afterwards, whatever happens.
    static func with<Result>(_ body: (Workspace) async throws -> Result) async throws -> Result {
        let workspace = try Workspace()
        let cleanup = Interrupts.atEnd { workspace.remove() }
        defer {
            Interrupts.forget(cleanup)
            workspace.remove()
        }
        return try await body(workspace)
    }
}
