import ChatProtocol
import NIOCore

/// What one client missed in one room while it had no connection, and the server does not replay.
struct HistoryGap {
    let user: VirtualUser
    let place: Int
    var after: Sequence64
    let through: Sequence64
    var attempts = 0
}

/// `recovered: false`: the client reads the room's history over REST, as the contract has it.
extension GeneratorLoop {
    /// Readings under way at once, and gaps that wait for one.
    private static let maxHistoryReads = 4
    private static let maxGaps = 10_000
    private static let maxHistoryAttempts = 5

    func readHistory(of user: VirtualUser, at place: Int, after: Sequence64, through: Sequence64) {
        addGap(HistoryGap(user: user, place: place, after: after, through: through))
    }

    private func addGap(_ gap: HistoryGap) {
        guard gaps.count < Self.maxGaps else { return note(failure: "history not read: too many clients want it") }
        gaps.append(gap)
        readGaps()
    }

    private func readGaps() {
        guard historyReads < Self.maxHistoryReads, !gaps.isEmpty else { return }
        historyReads += 1
        readPage(gaps.removeFirst())
    }

    private func readPage(_ gap: HistoryGap) {
        let (history, room, member) = (history, gap.user.memberships[gap.place].room, gap.user.index)
        let after = gap.after
        let promise = eventLoop.makePromise(of: RoomHistory.Page.self)
        promise.completeWithTask { try await history.page(room, as: member, after: after) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let page): self.took(page, for: gap)
            case .failure(let error): self.failed(gap, "\(error)")
            }
        }
    }

    private func took(_ page: RoomHistory.Page, for gap: HistoryGap) {
        var gap = gap
        deliver(page.messages.filter { $0.seq <= gap.through }, to: gap.user, at: gap.place, now: clock.now)
        gap.after = page.messages.last?.seq ?? gap.through
        if gap.after < gap.through, page.hasMore { return readPage(gap) }
        historyReads -= 1
        readGaps()
    }

    private func failed(_ gap: HistoryGap, _ reason: String) {
        var gap = gap
        gap.attempts += 1
        historyReads -= 1
        readGaps()
        guard gap.attempts < Self.maxHistoryAttempts, !isStopped else {
            return note(failure: "history not read: \(reason)")
        }
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(200 * gap.attempts))) { self.addGap(gap) }
    }
}
