import Foundation
import Testing

@testable import LoadGen

extension ProgramRun {
    /// Plays a scenario, again where the machine was too busy for the generator; integrity must hold in any case.
    static func playing(
        _ arguments: [String],
        during: @escaping (ChildProcess, URL) async throws -> Void = { _, _ in }
    ) async throws -> (ProgramRun, Summary) {
        var attempt = 0
        while true {
            attempt += 1
            var played: ProgramRun?
            try await TestStage.withFolder { folder in
                played = try await ProgramRun.loadGen(["run"] + arguments, in: folder, timeout: .seconds(100)) {
                    try await during($0, folder)
                }
            }
            let run = try #require(played)
            let summary = try #require(run.summary, "\(run.errors)")
            #expect(summary.integrity == Summary.Integrity(), "\(summary.integrityDetail)")
            if run.status == 96, attempt < 3 { continue }
            return (run, summary)
        }
    }
}

extension TestStage {
    /// The port of an instance that a run has started, from the log that it writes.
    static func serverPort(_ name: String, in folder: URL) -> Int? {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.lastPathComponent == "\(name).log", let log = try? String(contentsOf: file, encoding: .utf8)
            else { continue }
            return ServerPart.Listening.find(in: log)?.port
        }
        return nil
    }
}
