import Foundation
import Testing

@testable import LoadGen

extension ProgramTests {
    /// The setups that ship, each with load.
    @Suite struct SetupRunTests {
        private static let clusters = [
            "cluster-direct", "nonsticky", "sticky-cookie", "sticky-room", "nginx-nonsticky", "two-redis",
            "redis-cluster",
        ]

        @Test(.timeLimit(.minutes(3)), arguments: clusters)
        func everySetupKeepsEveryMessage(setup: String) async throws {
            let (run, summary) = try await ProgramRun.playing([
                "quick", "--setup", setup, "-d", "3s", "--set", "thresholds=[]",
            ])
            #expect(run.status == 0, "\(run.output)")
            #expect(summary.servers.map(\.instance) == ["a", "b"])
            #expect(summary.servers.reduce(0) { $0 + $1.connectionsMax } == summary.clients.target)
            let share = summary.messages.crossInstanceShare
            if setup == "sticky-room" {
                #expect(share < 0.2, "a room's members meet on one instance, but for those of several rooms")
            } else {
                // A message's sender receives it too, always on the same instance.
                #expect(share > 0.3 && share < 0.6, "\(share)")
            }
            let parts = Set(summary.parts.map(\.kind))
            #expect(parts.isSuperset(of: ["store", "broker"]))
            #expect(parts.contains("balancer") == (setup != "cluster-direct"))
            #expect(summary.parts.filter { $0.kind == "store" }.allSatisfy { $0.cpuSeconds > 0 && $0.rssBytes > 0 })
            let flows = summary.flows.reduce(0) { $0 + $1.deliveries }
            #expect(flows == summary.messages.delivered)
        }

        /// Three instances: two thirds of the deliveries cross. A traced message's stages follow
        /// each other without a gap, so their means add up to the mean of the whole way.
        @Test(.timeLimit(.minutes(3)))
        func stagesAddUpToTheWholeWay() async throws {
            let (run, summary) = try await ProgramRun.playing(
                [
                    "steady-rooms", "--setup", "nonsticky", "--set", "instances=3", "-c", "400", "-r", "200/s", "-d",
                    "5s",
                ]
                    + ["--set", "trace=1"])
            #expect(run.status == 0, "\(run.output)")
            // Of a room's 20 members the sender is on its own instance, and each other one on another in two of three cases.
            #expect(abs(summary.messages.crossInstanceShare - 0.95 * 2 / 3) < 0.03, "\(summary.messages)")
            #expect(summary.servers.allSatisfy { abs($0.connectionsMax - 133) <= 2 })
            let whole = summary.latency[.deliver]
            let stages = Summary.Series.stages.map { summary.latency[$0] }
            #expect(stages.allSatisfy { $0.count == whole.count }, "every delivery was traced")
            let sum = stages.reduce(0) { $0 + $1.mean }
            // Each histogram is exact to three digits, and five are added.
            let difference = abs(Double(sum - whole.mean)) / Double(whole.mean)
            #expect(difference < 0.01, "stages add up to \(sum) ns, and deliver's mean is \(whole.mean) ns")
            #expect(stages.allSatisfy { $0.min >= 0 }, "one machine, one clock")
        }

        /// What crosses between instances, and what the broker carries, is what placement alone makes of the rooms.
        @Test(.timeLimit(.minutes(4)), arguments: [2, 3, 4])
        func whatCrossesIsWhatTheModelExpects(instances: Int) async throws {
            let (run, summary) = try await ProgramRun.playing(
                ["steady-rooms", "--setup", "nonsticky", "--set", "instances=\(instances)"]
                    + ["-c", "400", "-r", "300/s", "-d", "5s"])
            #expect(run.status == 0, "\(run.output)")
            let rooms = RoomsSpec(count: 20, members: .fixed(20))
            let scenario = Scenario(name: "steady-rooms", clients: 400, rooms: rooms, phases: [])
            let model = PlacementModel(scenario, instances: instances, placement: .even)
            let share = summary.messages.crossInstanceShare
            #expect(abs(share / model.crossInstanceShare - 1) < 0.05, "\(share), expected \(model.crossInstanceShare)")
            let received = summary.servers.reduce(0) { $0 + $1.brokerReceived }
            let published = summary.servers.reduce(0) { $0 + $1.published }
            let each = Double(received) / Double(max(1, published))
            #expect(abs(each / model.brokerDeliveries - 1) < 0.05, "\(each), expected \(model.brokerDeliveries)")
        }
    }
}
