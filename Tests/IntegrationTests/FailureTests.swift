import Foundation
import Testing

@testable import LoadGen

/// What a run does when what it needs is not there, or goes away.
extension ProgramTests {
    @Suite struct FailureTests {
        /// The run goes on to its planned end, and everything that was measured is written.
        @Test(.timeLimit(.minutes(2)))
        func aServerThatDiesDoesNotTakeTheResultWithIt() async throws {
            try await TestStage.withServer { server, port, folder in
                let run = try await ProgramRun.loadGen(
                    [
                        "run", "quick", "--target", "http://127.0.0.1:\(port)", "-c", "12", "-d", "6s",
                        "--set", "rooms.count=2", "--set", "rooms.members=6", "--set", "drain=2s",
                        "--set", "thresholds=[]",
                    ],
                    in: folder
                ) { process in
                    try await process.waitForPhase("steady")
                    try await Task.sleep(for: .seconds(2))
                    server.signal(SIGKILL)
                }
                #expect(run.status == 97, "\(run.output)\(run.errors)")
                let summary = try #require(run.summary)
                let failure = try #require(summary.failure)
                #expect(failure.contains("the store could be read for 0 of 2 rooms"), "\(failure)")
                #expect(failure.contains("/metrics"), "\(failure)")
                #expect(run.output.contains("also: the store could be read"))
                #expect(summary.integrity.unacked > 0)
                #expect(summary.integrityDetail.first?.contains("found no connection") == true)
                #expect(summary.messages.offered == 600, "the schedule was played to its end")
                #expect(summary.messages.delivered > 0)
                #expect(summary.clients.disconnected == 12)
                #expect(summary.clients.reconnected == 0)
                #expect(summary.clients.failed == 0)
                #expect(!summary.generator.void, "\(summary.generator)")
                #expect(try rows(run).count >= 9, "a row each second, whatever the server does")
            }
        }

        /// After the last message only the check of the store is missing: that is no wrong of a message.
        @Test(.timeLimit(.minutes(2)))
        func aStoreThatCannotBeReadIsAFailureOfItsOwn() async throws {
            try await TestStage.withServer { server, port, folder in
                let run = try await ProgramRun.loadGen(
                    [
                        "run", "quick", "--target", "http://127.0.0.1:\(port)", "-c", "12",
                        "--set", "rooms.count=2", "--set", "rooms.members=6", "--set", "drain=3s",
                        "--set", "thresholds=[]", "--set", "phases.steady.duration=5s",
                        "--set", "phases.steady.rate=0.3/s", "--set", "phases.warmup.rate=10/s",
                    ],
                    in: folder
                ) { process in
                    try await process.waitForPhase("steady")
                    // The first message goes out at once, the second and last after 3.3 s.
                    try await Task.sleep(for: .seconds(4))
                    server.signal(SIGKILL)
                }
                #expect(run.status == 69, "\(run.output)\(run.errors)")
                let summary = try #require(run.summary)
                #expect(summary.verdict == .error)
                #expect(summary.integrity.isIntact)
                #expect(run.output.contains("✗ ERROR: the store could be read for 0 of 2 rooms"), "\(run.output)")
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func nobodyListensIsToldSoon() async throws {
            try await TestStage.withFolder { folder in
                let start = ContinuousClock.now
                let run = try await ProgramRun.loadGen(
                    ["run", "quick", "--target", "http://127.0.0.1:1"], in: folder)
                #expect(ContinuousClock.now - start < .seconds(2))
                #expect(run.status == 69)
                #expect(run.errors.contains("nobody listens there; start a server there"), "\(run.errors)")
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func aMalformedAccountsFileIsToldWithItsLine() async throws {
            try await TestStage.withServer { _, port, folder in
                let file = folder.appendingPathComponent("accounts")
                try Data("{\"username\": \"a\", \"password\": \"pppppppp\"}\n{nonsense\n".utf8).write(to: file)
                let run = try await ProgramRun.loadGen(
                    ["run", "quick", "--target", "http://127.0.0.1:\(port)", "--accounts", file.path], in: folder)
                #expect(run.status == 66)
                #expect(run.errors.contains("\(file.path):2: no account"), "\(run.errors)")
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func anAccountsFileThatCannotBeWrittenIsToldBeforeAnybodyIsRegistered() async throws {
            try await TestStage.withServer { _, port, folder in
                let run = try await ProgramRun.loadGen(
                    ["run", "quick", "--target", "http://127.0.0.1:\(port)", "--accounts", "/nonexistent/a"], in: folder
                )
                #expect(run.status == 66 && run.errors.contains("cannot write /nonexistent/a"), "\(run.errors)")
                #expect(!run.errors.contains("accounts over REST"))
                #expect(run.folder == nil, "no folder for what never began")
            }
        }

        /// Each has its own store, and its own secret.
        @Test(.timeLimit(.minutes(1)))
        func serversThatShareNothingAreTold() async throws {
            try await TestStage.withServer { _, first, folder in
                try await TestStage.withServer { _, second, _ in
                    let run = try await ProgramRun.loadGen(
                        [
                            "run", "quick", "-c", "5", "--target", "http://127.0.0.1:\(first)",
                            "--target", "http://127.0.0.1:\(second)",
                        ], in: folder)
                    #expect(run.status == 69)
                    #expect(run.errors.contains("127.0.0.1:\(second) does not know the accounts of"), "\(run.errors)")
                }
            }
        }

        private func rows(_ run: ProgramRun) throws -> [Substring] {
            let folder = try #require(run.folder)
            let text = try String(contentsOf: folder.appendingPathComponent("timeline.csv"), encoding: .utf8)
            return text.split(separator: "\n").dropFirst().map { $0 }
        }
    }
}
