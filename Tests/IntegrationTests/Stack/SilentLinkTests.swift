import Foundation
import Testing

@testable import LoadGen

extension ProgramTests {
    /// Connections to Redis that die without a word, in one direction: no error tells of it, nothing may be lost.
    @Suite struct SilentLinkTests {
        @Test(.timeLimit(.minutes(3)), arguments: SilentProxy.Direction.allCases)
        func nothingIsLostWhenLinksGoSilent(_ direction: SilentProxy.Direction) async throws {
            try await LauncherStage.withLauncher { launcher, programs, logs in
                let postgres = try await PostgresPart.start(launcher, programs: programs, logs: logs)
                let redis = try await RedisPart.start(.servers(1), launcher, programs: programs, logs: logs)
                let proxy = try await SilentProxy(to: try #require(redis.parts.first).port)
                let secret = launcher.folder.url.appendingPathComponent("secret")
                try Secret.write(Secret.random(bytes: 48), to: secret)
                let shared = ServerPart.Shared(
                    executable: try BuiltPrograms.chatServer(),
                    storeURL: postgres.url,
                    brokerURL: "redis://127.0.0.1:\(proxy.port)",
                    secretFile: secret
                )
                let a = try await ServerPart.start(launcher, instance: "a", shared, logs: logs).part
                let b = try await ServerPart.start(launcher, instance: "b", shared, logs: logs).part
                let before = proxy.count
                let targets = [a, b].map(\.baseURL).joined(separator: ",")
                let run = try await ProgramRun.loadGen(
                    [
                        "run", "quick", "--target", targets, "-c", "40", "--rate", "50/s", "-d", "12s", "--set",
                        "thresholds=[]", "--set", "drain=20s",
                    ],
                    in: launcher.folder.logs,
                    timeout: .seconds(100)
                ) { process in
                    try await process.waitForPhase("steady")
                    try await Task.sleep(for: .seconds(2))
                    proxy.silence(direction)
                }
                let summary = try #require(run.summary, "\(run.errors)")
                #expect(summary.integrity == Summary.Integrity(), "\(summary.integrityDetail)")
                #expect(run.status == 0 || run.status == 96, "\(run.output)")
                #expect(summary.messages.acked == summary.messages.offered)
                #expect(proxy.count > before, "the dead connections were given up for new ones")
                #expect(await a.isReady())
                #expect(await b.isReady())
                await ServiceStack.stop([a, b])
                try await proxy.close()
            }
        }
    }
}
