import Foundation
import Testing

@testable import LoadGen

/// The proof is only worth something if it fails where it must: each wrong that a network can do shows in its figure.
extension ProgramTests {
    @Suite struct IntegrityTests {
        @Test(.timeLimit(.minutes(4)))
        func eachWrongShowsInItsOwnFigure() async throws {
            try await TestStage.withServer { _, port, folder in
                for fault in FaultProxy.Fault.wrongs {
                    var run = try await play(fault, port: port, in: folder)
                    // Where the machine is too busy for the generator the run is void, and says nothing else.
                    for _ in 0..<3 where run.status == 96 {
                        run = try await play(fault, port: port, in: folder)
                    }
                    let summary = try #require(run.summary, "\(fault): \(run.errors)")
                    check(fault, summary.integrity, run)
                }
            }
        }

        /// Three guests do not get to hear that they are out, and so are in the room still: each is counted.
        @Test(.timeLimit(.minutes(2)))
        func whoIsNotOutIsFound() async throws {
            try await TestStage.withServer { _, port, folder in
                for (fault, unexpected) in [(FaultProxy.Fault.none, 0), (.swallowExit, 3)] {
                    let mischief = FaultProxy.Mischief(fault, after: 5, times: 3)
                    let proxy = try await FaultProxy(to: port, mischief)
                    let run = try await ProgramRun.loadGen(
                        [
                            "run", "churn", "--target", "http://127.0.0.1:\(proxy.port)", "-c", "12", "-d", "4s",
                            "--set",
                            "rooms.count=3", "--set", "rooms.members=4", "--set", "thresholds=[]", "--set",
                            "phases.churn.churn=20/s", "--quiet", "--accounts",
                            folder.appendingPathComponent("accounts").path,
                        ],
                        in: folder)
                    try await proxy.close()
                    let summary = try #require(run.summary, "\(run.errors)")
                    var expected = Summary.Integrity()
                    expected.unexpected = unexpected
                    #expect(summary.integrity == expected, "\(fault): \(summary.integrityDetail)")
                    let churn = try #require(summary.churn)
                    #expect(churn.joined > 10 && churn.left > 2 && churn.removed > 2, "\(churn)")
                    #expect(churn.refused == churn.left + churn.removed - unexpected, "\(churn)")
                }
            }
        }

        private func play(_ fault: FaultProxy.Fault, port: Int, in folder: URL) async throws -> ProgramRun {
            let mischief = FaultProxy.Mischief(fault, after: 40, times: 3)
            let proxy = try await FaultProxy(to: port, mischief)
            let run = try await ProgramRun.loadGen(
                [
                    "run", "quick", "--target", "http://127.0.0.1:\(proxy.port)", "-c", "12", "-d", "2s",
                    "--set", "rooms.count=2", "--set", "rooms.members=6", "--set", "drain=2s", "--quiet",
                    "--set", "thresholds=[]", "--accounts", folder.appendingPathComponent("accounts").path,
                ],
                in: folder
            )
            try await proxy.close()
            #expect(fault == .none || mischief.left == 0, "\(fault) never struck")
            return run
        }

        private func check(_ fault: FaultProxy.Fault, _ found: Summary.Integrity, _ run: ProgramRun) {
            var expected = Summary.Integrity()
            switch fault {
            case .none: break
            case .drop: expected.lost = 3
            case .repeat: expected.duplicated = 3
            case .swap: expected.outOfOrder = 3
            case .invent: expected.unexpected = 3
            case .swallowAck: expected.unacked = 3
            case .ackOfAnotherRoom:
                expected.unacked = 3
                expected.unexpected = 3
            case .refuse: expected.unacked = 3
            // The server asked for patience and got it: the message went out again, with its first client_msg_id.
            case .postpone: #expect(run.summary?.errors == ["overloaded": 3])
            case .cutMessage, .cutAck, .cutSend, .cutAndForget, .shortTokens, .swallowExit: break
            }
            #expect(found == expected, "\(fault): \(run.summary?.integrityDetail ?? [])")
            #expect(run.status == (fault == .none || fault == .postpone ? 0 : 97), "\(fault): \(run.output)")
        }
    }
}
