import Foundation
import Testing

@testable import LoadGen

/// A connection that is cut loses nothing: the client comes back, sends again what was not answered, and is given what
/// it missed.
extension ProgramTests {
    @Suite struct ReconnectTests {
        private struct Played {
            var run: ProgramRun
            var summary: Summary
            var mischief: FaultProxy.Mischief
        }

        @Test(.timeLimit(.minutes(3)), arguments: FaultProxy.Fault.cuts)
        func nothingIsLostAtACut(_ fault: FaultProxy.Fault) async throws {
            try await TestStage.withServer { _, port, folder in
                let played = try await play(fault, port: port, in: folder, duration: "2s", cuts: 5)
                let (run, summary, mischief) = (played.run, played.summary, played.mischief)
                #expect(mischief.left == 0, "\(fault) never struck")
                #expect(run.status == 0, "\(fault): \(summary.integrityDetail) \(run.output)")
                #expect(summary.integrity == Summary.Integrity(), "\(fault)")
                #expect(summary.messages.sent == summary.messages.acked)
                #expect(summary.messages.unsent == 0)
                let arrived = summary.messages.delivered + summary.messages.deliveredByHistory
                #expect(arrived == summary.messages.expectedDeliveries)
                #expect(summary.clients.disconnected == 5)
                #expect(summary.clients.reconnected == 5)
                #expect(summary.clients.connected == 12)
                #expect(summary.clients.failed == 0)
                #expect(summary.clients.failures == ["connection cut": 5])
                if fault == .cutAndForget {
                    #expect(mischief.count("forgotten") > 0)
                    #expect(summary.messages.deliveredByHistory > 0)
                } else {
                    #expect(summary.messages.deliveredByHistory == 0)
                }
            }
        }

        /// Two ways to one server, and one of them goes away: its clients take the other.
        @Test(.timeLimit(.minutes(2)))
        func clientsGoToTheNextServerOfTheList() async throws {
            try await TestStage.withServer { _, port, folder in
                let proxies = [
                    try await FaultProxy(to: port, .init(.none, after: 0, times: 0)),
                    try await FaultProxy(to: port, .init(.none, after: 0, times: 0)),
                ]
                let targets = proxies.map { "http://127.0.0.1:\($0.port)" }.joined(separator: ",")
                let run = try await ProgramRun.loadGen(
                    [
                        "run", "quick", "--target", targets, "-c", "12", "-d", "4s", "--set", "rooms.count=2",
                        "--set", "rooms.members=6", "--set", "thresholds=[]",
                    ],
                    in: folder
                ) { process in
                    try await process.waitForPhase("steady")
                    try await Task.sleep(for: .seconds(1))
                    try await proxies[0].close()
                }
                try await proxies[1].close()
                let summary = try #require(run.summary, "\(run.errors)")
                #expect(summary.integrity == Summary.Integrity(), "\(summary.integrityDetail)")
                #expect(summary.clients.disconnected == 6)
                #expect(summary.clients.reconnected == 6)
                // The store is read through the one that is left; of the other's metrics the end is missing.
                #expect(summary.messages.persisted == summary.messages.acked)
                #expect(summary.failure?.contains("/metrics") == true)
                #expect(run.status == 69, "\(run.output)")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func tokensAreRenewedBeforeTheyEnd() async throws {
            try await TestStage.withServer { _, port, folder in
                let played = try await play(.shortTokens, port: port, in: folder, duration: "6s", cuts: 0)
                #expect(played.run.status == 0, "\(played.run.output)")
                #expect(played.mischief.count("refresh") >= 24, "each client twice, at least")
                // One of each at its connection, the others for each new token.
                #expect(played.mischief.count("ready") >= 36)
                #expect(played.summary.clients.disconnected == 0)
            }
        }

        private func play(
            _ fault: FaultProxy.Fault, port: Int, in folder: URL, duration: String, cuts: Int
        ) async throws -> Played {
            var attempt = 0
            while true {
                attempt += 1
                // In the measured phase: the warm-up has 100 messages, of 6 deliveries each.
                let frames = fault == .cutAck || fault == .cutSend ? 140 : 720
                let mischief = FaultProxy.Mischief(fault, after: frames, times: cuts)
                let proxy = try await FaultProxy(to: port, mischief)
                let run = try await ProgramRun.loadGen(
                    [
                        "run", "quick", "--target", "http://127.0.0.1:\(proxy.port)", "-c", "12", "-d", duration,
                        "--set", "rooms.count=2", "--set", "rooms.members=6", "--set", "drain=6s", "--quiet",
                        "--set", "thresholds=[]", "--accounts", folder.appendingPathComponent("accounts").path,
                    ],
                    in: folder
                )
                try await proxy.close()
                // Where the machine is too busy for the generator the run is void, and says nothing else.
                if run.status == 96, attempt < 4 { continue }
                return Played(
                    run: run, summary: try #require(run.summary, "\(fault): \(run.errors)"), mischief: mischief)
            }
        }
    }
}
