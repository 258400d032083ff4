import Foundation
import Testing

@testable import LoadGen

/// The figures say what happened, also when something did.
extension ProgramTests {
    @Suite struct MeasurementTests {
        /// A server that stands still for a second delays everything that was due meanwhile. The uncorrected median
        /// knows nothing of it: most messages were not due in that second.
        @Test(.timeLimit(.minutes(2)))
        func aStallShowsInTheCorrectedTail() async throws {
            try await TestStage.withServer { server, port, folder in
                let run = try await ProgramRun.loadGen(
                    [
                        "run", "quick", "--target", "http://127.0.0.1:\(port)", "-c", "12", "-d", "8s", "-r", "50/s",
                        "--set", "rooms.count=2", "--set", "rooms.members=6", "--set", "thresholds=[]",
                    ],
                    in: folder
                ) { process in
                    try await process.waitForPhase("steady")
                    try await Task.sleep(for: .seconds(2))
                    server.signal(SIGSTOP)
                    try await Task.sleep(for: .seconds(1))
                    server.signal(SIGCONT)
                }
                #expect(run.status == 0, "\(run.output)\(run.errors)")
                let summary = try #require(run.summary)
                #expect(summary.latency[.deliver].p99 > 500_000_000)
                #expect(summary.latency[.deliver].max > 900_000_000)
                #expect(summary.latency[.deliverUncorrected].p50 < 100_000_000)
                #expect(summary.integrity.isIntact)
                #expect(!summary.generator.void, "the generator kept its schedule; the server did not answer")
            }
        }

        /// The proof of the correction: a generator that stands still sends late what was due meanwhile. Counted from
        /// the send nothing happened; counted from the plan every one of these waited. And the run is void, since it
        /// was not the server that stood still.
        @Test(.timeLimit(.minutes(2)))
        func aStandstillOfTheGeneratorShowsInTheCorrectedTailAlone() async throws {
            try await TestStage.withFolder { folder in
                let run = try await ProgramRun.loadGen(
                    [
                        "run", "quick", "-c", "12", "-d", "6s", "-r", "50/s", "--set", "rooms.count=2",
                        "--set", "rooms.members=6", "--set", "thresholds=[]",
                    ],
                    in: folder
                ) { process in
                    try await process.waitForPhase("steady")
                    try await Task.sleep(for: .seconds(2))
                    process.signal(SIGSTOP)
                    try await Task.sleep(for: .milliseconds(600))
                    process.signal(SIGCONT)
                }
                #expect(run.status == 96, "\(run.output)\(run.errors)")
                let summary = try #require(run.summary)
                #expect(summary.generator.void)
                #expect(summary.latency[.deliver].p99 >= 300_000_000)
                #expect(summary.latency[.deliverUncorrected].p90 < 100_000_000)
                #expect(summary.integrity.isIntact)
            }
        }

        /// More than any machine can send: the run says that it is worth nothing.
        @Test(.timeLimit(.minutes(2)))
        func aGeneratorThatCannotKeepItsScheduleIsVoid() async throws {
            try await TestStage.withFolder { folder in
                let run = try await ProgramRun.loadGen(
                    [
                        "run", "quick", "-c", "20", "-d", "2s", "-r", "600000/s", "--set", "phases.warmup.rate=10/s",
                        "--set", "drain=1s", "--json", "--quiet",
                    ],
                    in: folder,
                    timeout: .seconds(90)
                )
                #expect(run.status == 96, "\(run.errors)")
                let summary = try #require(run.summary)
                #expect(summary.generator.void)
                #expect(summary.verdict == .generatorBottleneck)
                #expect(run.output.contains(#""void": true"#))
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func anInterruptedRunKeepsWhatItMeasured() async throws {
            try await TestStage.withFolder { folder in
                let run = try await ProgramRun.loadGen(["run", "quick", "-c", "20"], in: folder) { process in
                    try await process.waitForPhase("steady")
                    try await Task.sleep(for: .seconds(2))
                    process.signal(SIGINT)
                }
                #expect(run.status == 105, "\(run.errors)")
                let summary = try #require(run.summary)
                #expect(summary.interrupted)
                #expect(summary.verdict == .interrupted)
                #expect(summary.messages.delivered > 0)
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func aFailedThresholdHasItsStatus() async throws {
            try await TestStage.withFolder { folder in
                let rule = "thresholds=[\"deliver.p99 < 1us\"]"
                let run = try await ProgramRun.loadGen(
                    ["run", "quick", "-c", "20", "-d", "1s", "--set", rule],
                    in: folder
                )
                #expect(run.status == 99, "\(run.errors)")
                #expect(run.summary?.thresholds.map(\.pass) == [false])
            }
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["run", "quik"], 66, "did you mean 'quick'"),
                (["run", "/nowhere/x.yaml"], 66, "/nowhere/x.yaml"),
                (["run", "quick", "--rate", "fast"], 64, "--rate"),
                (["run", "quick", "--set", "roms.count=1"], 64, "rooms"),
                (["run", "quick", "--nonsense"], 64, "--nonsense"),
                (["run", "quick", "--target", "http://127.0.0.1:1"], 69, "not ready"),
                (["run", "quick", "--target", ""], 64, "--target is empty"),
                (["run", "quick", "--target", "http://127.0.0.1:99999"], 64, "is no URL"),
                (["run", "quick", "--target", "http://me:secret@127.0.0.1:1"], 64, "more than a server's address"),
                (["run", "quick", "--target", "http://127.0.0.1:1/chat"], 64, "more than a server's address"),
                (["run", "quick", "--accounts", "file"], 64, "--accounts keeps the accounts of a --target"),
                (["run", "quick", "-d", "2 s"], 64, "write 2s"),
            ]
        )
        func mistakesAreToldWithTheirStatus(_ arguments: [String], _ status: Int32, _ hint: String) async throws {
            try await TestStage.withFolder { folder in
                let run = try await ProgramRun.loadGen(arguments, in: folder)
                #expect(run.status == status)
                #expect(run.errors.contains(hint), "\(run.errors)")
            }
        }
    }
}
