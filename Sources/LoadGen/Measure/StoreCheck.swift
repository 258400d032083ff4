import AsyncHTTPClient
import ChatProtocol
import Foundation

/// Reads every room's history over REST after the run, and compares it with what was acked. A server that is gone ends
/// the reading; what was read by then counts.
struct StoreCheck: Sendable {
    struct Outcome: Sendable, Equatable {
        /// Messages of the measured phases that the store has.
        var persisted = 0
        /// Acked, but not in the store under the `seq` and `id` of the ack.
        var missing = 0
        /// Stored twice, under two `seq`.
        var duplicated = 0
        var details: [String] = []
        /// Why the rest could not be read; nil if all was.
        var failure: String?
    }

    private static let parallelism = 4
    private static let detailLimit = 20

    let http: HTTPClient
    let plan: RunPlan

    /// Bounded in time, by what there is to read.
    private var patience: Duration { .seconds(60) + .milliseconds(plan.schedule.count) }

    /// - Parameter bases: by room, the `seq` that it had before the run.
    func run(_ sends: [IntegrityLedger.Send], after bases: [Int: Sequence64], progress: @Sendable (String) -> Void)
        async -> Outcome
    {
        let byRoom = Dictionary(grouping: sends, by: \.room)
        let deadline = ContinuousClock.now + patience
        return await withTaskGroup(of: Result<Outcome, any Error>.self) { group in
            var outcome = Outcome()
            var waiting = byRoom.keys.sorted()[...]
            let total = waiting.count
            var done = 0
            func add() {
                guard outcome.failure == nil, let room = waiting.popFirst() else { return }
                group.addTask {
                    do {
                        return .success(
                            try await check(room, byRoom[room] ?? [], after: bases[room] ?? 0, until: deadline))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for _ in 0..<Self.parallelism { add() }
            while let part = await group.next() {
                switch part {
                case .success(let part):
                    outcome.persisted += part.persisted
                    outcome.missing += part.missing
                    outcome.duplicated += part.duplicated
                    outcome.details = Array((outcome.details + part.details).prefix(Self.detailLimit))
                    done += 1
                    progress("reading the store: \(done)/\(total) rooms")
                case .failure(let error):
                    // The first one is the cause; the others were cancelled for it.
                    if outcome.failure == nil { outcome.failure = Cause.text(error) }
                    group.cancelAll()
                }
                add()
            }
            if let failure = outcome.failure {
                outcome.failure = "the store could be read for \(done) of \(total) rooms: \(failure)"
            }
            return outcome
        }
    }

    private func check(
        _ room: Int, _ sends: [IntegrityLedger.Send], after base: Sequence64, until deadline: ContinuousClock.Instant
    ) async throws -> Outcome {
        let roomPlan = plan.rooms[room]
        guard let member = roomPlan.members.first else { return Outcome() }
        let history = RoomHistory(http: http, plan: plan)
        var stored: [Int: (seq: Sequence64, id: MessageID)] = [:]
        var outcome = Outcome()
        // Earlier runs' messages need not be read.
        var after = base
        var hasMore = true
        while hasMore {
            guard ContinuousClock.now < deadline else { throw DeadlineExceeded(timeout: patience) }
            let page = try await history.page(room, as: member, after: after)
            hasMore = page.hasMore
            for message in page.messages {
                after = message.seq
                let key = Array(message.clientMsgId.utf8)
                guard let n = key.withUnsafeBytes({ MessageKey.number($0, run: plan.run) }) else { continue }
                if let earlier = stored.updateValue((message.seq, message.id), forKey: n) {
                    outcome.duplicated += 1
                    outcome.details.append("message \(n) is stored as seq \(earlier.seq) and \(message.seq)")
                } else if plan.schedule.isMeasured(n) {
                    outcome.persisted += 1
                }
            }
        }
        for send in sends {
            guard let seq = send.seq else { continue }
            guard let found = stored[send.n], found.seq == seq, found.id == send.id else {
                outcome.missing += 1
                outcome.details.append(
                    "message \(send.n), acked as seq \(seq) of room \(roomPlan.id), is not stored so")
                continue
            }
        }
        return outcome
    }
}
