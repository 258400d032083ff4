import AsyncHTTPClient
import ChatProtocol
import Foundation

/// Reads every room's history over REST after the run, and compares it with what was acked.
struct StoreCheck: Sendable {
    struct Outcome: Sendable, Equatable {
        /// Messages of the measured phases that the store has.
        var persisted = 0
        /// Acked, but not in the store under the `seq` and `id` of the ack.
        var missing = 0
        /// Stored twice, under two `seq`.
        var duplicated = 0
        var details: [String] = []
    }

    private struct Page: Decodable, Sendable {
        struct Message: Decodable, Sendable {
            var id: MessageID
            var seq: Sequence64
            var content: String
            var clientMsgId: String
        }
        var messages: [Message]
        var hasMore: Bool
    }

    private static let parallelism = 4
    private static let detailLimit = 20

    let http: HTTPClient
    let plan: RunPlan

    func run(_ sends: [IntegrityLedger.Send], progress: @Sendable (String) -> Void) async throws -> Outcome {
        let byRoom = Dictionary(grouping: sends, by: \.room)
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            var outcome = Outcome()
            var waiting = byRoom.keys.sorted()[...]
            let total = waiting.count
            var done = 0
            func add() {
                guard let room = waiting.popFirst() else { return }
                group.addTask { try await check(room, byRoom[room] ?? []) }
            }
            for _ in 0..<Self.parallelism { add() }
            while let part = try await group.next() {
                outcome.persisted += part.persisted
                outcome.missing += part.missing
                outcome.duplicated += part.duplicated
                outcome.details = Array((outcome.details + part.details).prefix(Self.detailLimit))
                done += 1
                progress("reading the store: \(done)/\(total) rooms")
                add()
            }
            return outcome
        }
    }

    private func check(_ room: Int, _ sends: [IntegrityLedger.Send]) async throws -> Outcome {
        let roomPlan = plan.rooms[room]
        guard let member = roomPlan.members.first else { return Outcome() }
        let rest = RestClient(http: http, baseURL: plan.endpoints[0].baseURL)
        var stored: [Int: (seq: Sequence64, id: MessageID)] = [:]
        var outcome = Outcome()
        var after: Sequence64 = 0
        while true {
            let page = try await rest.send(
                "GET",
                "/rooms/\(roomPlan.id)/messages?after_seq=\(after)&limit=200",
                token: plan.accounts[member].token,
                as: Page.self
            )
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
            if !page.hasMore || page.messages.isEmpty { break }
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
