import Foundation
import Testing

@testable import ChatMetrics

/// Prometheus' own linter on a scrape with every kind of metric.
@Suite struct PromtoolTests {
    @Test func promtoolFindsNothing() throws {
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        let candidates = directories.map { "\($0)/promtool" }
        guard let promtool = candidates.first(where: FileManager.default.isExecutableFile) else {
            Issue.record("promtool is missing: install Debian's package prometheus (apt-get install prometheus)")
            return
        }
        // A file, not a pipe: promtool may answer before it has read everything.
        let scrape = FileManager.default.temporaryDirectory.appending(path: "scrape-\(UUID()).prom")
        defer { try? FileManager.default.removeItem(at: scrape) }
        try Data(registryOfEveryKind().render(.prometheus)).write(to: scrape)
        let process = Process()
        process.executableURL = URL(filePath: promtool)
        process.arguments = ["check", "metrics"]
        process.standardInput = try FileHandle(forReadingFrom: scrape)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && said.isEmpty, "promtool says: \(said)")
    }
}
