import Foundation
import Testing

@testable import LoadGen

@Suite struct PlacementModelTests {
    /// Rooms of unequal size; clients in one, two and three of them.
    private static let mixed = RoomTraffic.dealt([30, 12, 7, 5, 4, 3, 2, 2, 2, 2], clients: 36)
    private static let single = RoomTraffic.dealt(Array(repeating: 6, count: 20), clients: 120)

    @Test func theFormulaOfTheTextbook() {
        let room = RoomTraffic(members: Array(0..<20), sends: Array(repeating: 0.05, count: 20), firstRooms: [])
        let spread = RoomSpread(room, clients: 1_000, instances: 4, placement: .independent(.uniform))
        #expect((spread.touched - 4 * (1 - pow(0.75, 20))).magnitude < 1e-12)
        #expect((spread.crossing - 0.75 * 19 / 20).magnitude < 1e-12)
    }

    @Test func evenPlacementAgainstSciPy() throws {
        for row in try Reference.committed().touched {
            let room = RoomTraffic(
                members: Array(0..<row.members), sends: Array(repeating: 1, count: row.members), firstRooms: [])
            let spread = RoomSpread(room, clients: row.clients, instances: row.instances, placement: .even)
            #expect((spread.touched - row.value).magnitude < 1e-9)
        }
    }

    /// Message by message: draw a placement, a sender and one of its rooms, and count.
    @Test(arguments: [
        Placement.even, .inTurn, .independent(.uniform), .independent(.ring(points: 16)), .byFirstRoom(.uniform),
        .byFirstRoom(.ring(points: 16)),
    ])
    func agreesWithMonteCarlo(placement: Placement) {
        for (memberships, instances) in [(Self.mixed, 3), (Self.single, 4), (Self.mixed, 2)] {
            let model = PlacementModel(memberships: memberships, instances: instances, placement: placement)
            var random = SeededGenerator(seed: 11)
            let rooms = RoomTraffic.rooms(memberships)
            var (deliveries, crossing, touched, messages) = (0, 0, 0, 0)
            for _ in 0..<3_000 {
                let places = placement.draw(memberships, instances: instances, &random)
                for _ in 0..<6 {
                    let sender = Int.random(in: memberships.indices, using: &random)
                    guard let room = memberships[sender].randomElement(using: &random) else { continue }
                    let members = rooms[room].members
                    messages += 1
                    deliveries += members.count
                    crossing += members.count { places[$0] != places[sender] }
                    touched += Set(members.map { places[$0] }).count
                }
            }
            let share = Double(crossing) / Double(deliveries)
            let broker = Double(touched) / Double(messages)
            #expect((model.crossInstanceShare - share).magnitude < 0.012, "\(model.crossInstanceShare), drawn \(share)")
            #expect((model.brokerDeliveries - broker).magnitude < 0.02, "\(model.brokerDeliveries), drawn \(broker)")
            #expect(model.remoteInstances == model.brokerDeliveries - 1)
        }
    }

    @Test func aRoomOfItsOwnForEveryClientMakesAffinityPerfect() {
        let model = PlacementModel(memberships: Self.single, instances: 4, placement: .byFirstRoom(.uniform))
        #expect(model.crossInstanceShare == 0)
        #expect((model.brokerDeliveries - 1).magnitude < 1e-12)
        #expect((model.subscriptionsPerInstance - 5).magnitude < 1e-9)
        #expect(model.imbalance > 1 && model.imbalanceP95 >= model.imbalance)
    }

    @Test func oneInstanceCrossesNothing() {
        for placement in [Placement.even, .inTurn, .independent(.ring(points: 16)), .byFirstRoom(.uniform)] {
            let model = PlacementModel(memberships: Self.mixed, instances: 1, placement: placement)
            #expect(model.crossInstanceShare == 0 && model.brokerDeliveries == 1 && model.imbalance == 1)
        }
    }

    @Test func takingTurnsIsAsEvenAsItGets() {
        let model = PlacementModel(memberships: Self.single, instances: 4, placement: .inTurn)
        #expect(model.imbalance == 1)
        // Six members on four instances: 2, 2, 1, 1.
        #expect((model.crossInstanceShare - (1 - 10.0 / 36)).magnitude < 1e-12)
        #expect(model.brokerDeliveries == 4)
    }

    @Test func aKnownPlacement() {
        let places = Self.mixed.indices.map { $0 % 3 }
        let known = PlacementModel.known(memberships: Self.mixed, places: places)
        let model = PlacementModel(memberships: Self.mixed, instances: 3, placement: .inTurn)
        #expect((known.crossInstanceShare - model.crossInstanceShare).magnitude < 1e-12)
        #expect((known.brokerDeliveries - model.brokerDeliveries).magnitude < 1e-12)
    }

    @Test func noRooms() {
        let model = PlacementModel(memberships: Array(repeating: [], count: 10), instances: 2, placement: .even)
        #expect(model.crossInstanceShare == 0 && model.brokerDeliveries == 0 && model.subscriptionsPerInstance == 0)
    }

    @Test func dealingFollowsTheGenerator() {
        #expect(RoomTraffic.dealt([3, 2], clients: 4) == [[0, 1], [0], [0], [1]])
        #expect(RoomTraffic.dealt([2], clients: 0).isEmpty)
    }

    @Test(arguments: [
        (BalancerSpec(kind: .haproxy, policy: .roundRobin), Placement.even),
        (BalancerSpec(kind: .haproxy, policy: .cookie), .even),
        (BalancerSpec(kind: .nginx, policy: .cookie), .independent(.ring(points: 160))),
        (BalancerSpec(kind: .haproxy, policy: .room), .byFirstRoom(.ring(points: 16))),
        (BalancerSpec(), .even),
    ])
    func policies(balancer: BalancerSpec, placement: Placement) {
        #expect(Placement(Setup(name: "x", instances: 2, balancer: balancer)) == placement)
    }
}
