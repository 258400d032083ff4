import ChatProtocol

@testable import LoadGen

/// Small runs, played by hand: two rooms, three clients, one loop that knows everything.
enum IntegrityFixtures {
    /// Rooms 100 and 200; client 0 is in both, client 1 in the first, client 2 in the second.
    static func plan(warmup: Int = 0, measured: Int = 20) -> RunPlan {
        var phases = [Phase(name: "connect", connectRate: 100)]
        if warmup > 0 { phases.append(Phase(name: "warmup", duration: .seconds(1), rate: Double(warmup))) }
        phases.append(Phase(name: "steady", duration: .seconds(1), rate: Double(measured), measure: true))
        return RunPlan(
            run: 1,
            seed: 1,
            schedule: Schedule(phases: phases),
            endpoints: [Endpoint(host: "127.0.0.1", port: 1, isTLS: false)],
            accounts: (0..<3).map { Account(userID: Int64($0) + 1, username: "u\($0)", token: "t\($0)") },
            rooms: [
                RoomPlan(id: 100, accessCode: nil, members: [0, 1]),
                RoomPlan(id: 200, accessCode: nil, members: [0, 2]),
            ],
            auth: .query,
            payloadBytes: 80,
            traceShare: 0,
            connectRate: 100
        )
    }

    /// Sends messages `0 ..< count` to one room, acks each as `seq` n + 1, and lets a receiver see it.
    static func play(_ ledger: inout IntegrityLedger, room: Int = 0, count: Int, from first: Int64 = 1) {
        for n in 0..<count {
            ledger.sent(n, room: room, planned: Int64(n) * 1000 + 1, at: Int64(n) * 1000 + 2)
            _ = ledger.acked(n, room: room, seq: first + Int64(n), id: 5000 + Int64(n))
            _ = ledger.note(n, room: room, seq: first + Int64(n))
            ledger.delivered(n, at: Int64(n) * 1000 + 500)
        }
    }

    static func receiver(
        _ client: Int, room: Int = 0, base: Int64 = 0, got seqs: [Int64], isPresent: Bool = true
    ) -> IntegrityVerdict.Receiver {
        var track = ReceiverTrack(base: base)
        for seq in seqs { _ = track.received(seq) }
        return IntegrityVerdict.Receiver(client: client, room: room, track: track, isPresent: isPresent)
    }
}
