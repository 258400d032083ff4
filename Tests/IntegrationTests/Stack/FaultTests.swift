import Foundation
import Testing

@testable import LoadGen

extension ProgramTests {
    /// What a running cluster may lose: nothing, whichever of its parts dies, stands still or comes back.
    @Suite struct FaultTests {
        private static let cluster = ["--setup", "nonsticky", "--set", "instances=3"]

        @Test(.timeLimit(.minutes(4)))
        func redisIsKilledAndComesBack() async throws {
            let (run, summary) = try await ProgramRun.playing(
                ["redis-outage"] + Self.cluster + ["--set", "phases.outage.duration=6s"])
            #expect(run.status == 0, "\(run.output)")
            let fault = try #require(summary.injectedFaults.first)
            #expect((fault.name, fault.part) == ("kill redis", "redis"))
            #expect(try #require(fault.endS) - fault.startS >= 5.5)
            #expect(summary.clients.disconnected == 0, "who is connected stays so")
            // Meanwhile the instances learn of each other's messages from the store.
            #expect(summary.latency[.deliverCrossInstance].max < 3_000_000_000)
        }

        /// The connections stay open and say nothing: readiness tells within 5 s, and comes back.
        @Test(.timeLimit(.minutes(4)))
        func redisStandsStill() async throws {
            var states: [(seconds: Double, isReady: Bool)] = []
            let (run, summary) = try await ProgramRun.playing(["redis-freeze"] + Self.cluster) { process, results in
                try await process.waitForPhase("frozen")
                let start = ContinuousClock.now
                let port = try #require(TestStage.serverPort("a", in: results))
                while ContinuousClock.now - start < .seconds(15), process.isRunning {
                    let isReady = await Probe.http.isReady(port: port, timeout: .seconds(3))
                    states.append(((ContinuousClock.now - start) / .seconds(1), isReady))
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            #expect(run.status == 0, "\(run.output)")
            #expect(summary.clients.disconnected == 0)
            let down = try #require(states.first { !$0.isReady }, "it never was unready")
            #expect(down.seconds < 5, "\(states)")
            let up = try #require(states.first { $0.seconds > down.seconds && $0.isReady }, "it never was ready again")
            #expect(up.seconds > 8 && up.seconds < 14, "\(up)")
            #expect(states.last?.isReady == true)
        }

        @Test(.timeLimit(.minutes(4)))
        func postgresIsRestarted() async throws {
            let (run, summary) = try await ProgramRun.playing(["postgres-restart"] + Self.cluster)
            #expect(run.status == 0, "\(run.output)")
            #expect(summary.messages.acked == summary.messages.offered, "each was sent again until it was stored")
            #expect(summary.messages.persisted == summary.messages.acked)
            #expect(summary.injectedFaults.first?.endS != nil)
            #expect(summary.errors.keys.allSatisfy { $0 == "overloaded" }, "\(summary.errors)")
            #expect(summary.clients.disconnected == 0)
        }

        /// Postgres' processes all die at once, as with the machine's power.
        @Test(.timeLimit(.minutes(4)))
        func postgresIsKilled() async throws {
            let phase =
                "phases=[{name: connect, connect_rate: 500/s}, {name: before, duration: 2s, rate: 100/s}, "
                + "{name: loss, duration: 3s, rate: 100/s, measure: true, kill: postgres}, "
                + "{name: after, duration: 4s, rate: 100/s, measure: true}]"
            let (run, summary) = try await ProgramRun.playing(["postgres-restart"] + Self.cluster + ["--set", phase])
            #expect(run.status == 0, "\(run.output)")
            #expect(summary.messages.persisted == summary.messages.acked)
        }

        /// Its clients come back elsewhere, are given what they missed, and send again what had no answer.
        @Test(.timeLimit(.minutes(4)))
        func anInstanceIsKilled() async throws {
            let (run, summary) = try await ProgramRun.playing(["instance-loss"] + Self.cluster)
            #expect(run.status == 0, "\(run.output)")
            #expect(summary.injectedFaults.first?.part == "c")
            #expect(summary.clients.disconnected >= 95, "a third of 300")
            #expect(summary.clients.reconnected == summary.clients.disconnected)
            #expect(summary.latency[.reconnect].count == summary.clients.reconnected)
            #expect(summary.messages.acked == summary.messages.offered)
            let arrived = summary.messages.delivered + summary.messages.deliveredByHistory
            #expect(arrived == summary.messages.expectedDeliveries)
            #expect(summary.servers.first { $0.instance == "c" }?.deliveries ?? -1 >= 0)
        }

        /// Half of the connections are cut at once, by the clients' side.
        @Test(.timeLimit(.minutes(4)))
        func halfOfTheConnectionsAreCut() async throws {
            let (run, summary) = try await ProgramRun.playing(
                ["quick", "--setup", "sticky-cookie", "-d", "6s", "--set", "phases.steady.reconnect=50%"] + [
                    "--set", "thresholds=[]",
                ])
            #expect(run.status == 0, "\(run.output)")
            #expect((70...130).contains(summary.clients.disconnected), "\(summary.clients)")
            #expect(summary.clients.reconnected == summary.clients.disconnected)
            #expect(summary.latency[.reconnect].p99 < 5_000_000_000)
        }

        /// Ten clients stop to read in a loud room. The server closes those that it can keep nothing more for, nobody else
        /// waits for them, and each has everything in the end.
        @Test(.timeLimit(.minutes(3)))
        func slowReadersHoldUpNobody() async throws {
            let (run, summary) = try await ProgramRun.playing(["slow-readers"])
            #expect(run.status == 0, "\(run.output)")
            #expect((4...25).contains(summary.clients.disconnected), "\(summary.clients)")
            #expect(summary.clients.reconnected == summary.clients.disconnected)
            // Nine of ten deliveries are to those who read.
            #expect(summary.latency[.deliver].p50 < 50_000_000)
            #expect(summary.latency[.deliver].max > 500_000_000, "the slow ones did wait")
        }

        /// 200 clients on three instances, and memberships that change all the time: nothing of a room reaches who is out.
        @Test(.timeLimit(.minutes(3)))
        func changingMembershipsLeakNothing() async throws {
            let (run, summary) = try await ProgramRun.playing(
                ["churn", "--setup", "nonsticky", "--set", "instances=3", "-d", "8s"])
            #expect(run.status == 0, "\(run.output)")
            let churn = try #require(summary.churn)
            #expect(churn.left > 30 && churn.removed > 30, "\(churn)")
            // Who was out knocked without the code, and nobody was let in.
            #expect(churn.refused == churn.left + churn.removed, "\(churn)")
            #expect(summary.servers.allSatisfy { $0.connectionsMax > 40 })
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["redis-outage"], "a phase wants to kill redis, and the setup 'embedded' has no redis"),
                (["postgres-restart"], "a phase wants to restart postgres, and the setup 'embedded' has no postgres"),
                (["redis-outage", "--target", "http://127.0.0.1:1"], "only to servers that it has started"),
                (["quick", "--set", "phases.connect.kill=redis"], "a phase can't have both connect_rate and kill"),
                (
                    ["churn", "--setup", "nonsticky", "--set", "phases.churn.kill=redis"],
                    "a phase can't have both churn and kill"
                ),
                (["churn", "-d", "20h", "-r", "1/s"], "1,000,000: lower churn"),
                (["quick", "--set", "phases.steady.kill=everything"], "'kill' can't be 'everything'"),
            ])
        func aFaultThatCannotBeIsRefused(arguments: [String], hint: String) async throws {
            try await TestStage.withFolder { folder in
                let run = try await ProgramRun.loadGen(["run"] + arguments, in: folder)
                #expect(run.status == 64)
                #expect(run.errors.contains(hint), "\(run.errors)")
            }
        }
    }
}
