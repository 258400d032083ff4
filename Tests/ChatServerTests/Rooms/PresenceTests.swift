import ChatProtocol
import NIOCore
import Synchronization
import Testing

@testable import ChatServer

@Suite struct PresenceTests {
    /// Keeps what presence says, in order.
    private final class Listener: Sendable {
        let changes = Mutex<[Presence.Change]>([])
        let reports = Mutex<[Presence.Report]>([])
    }

    private let listener = Listener()
    private let presence: Presence
    private let ada = User(id: 1, username: "ada")
    private let bob = User(id: 2, username: "bob")
    private let far = InstanceID(bits: 1)
    private let farther = InstanceID(bits: 2)
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    init() {
        presence = Presence(
            grace: .seconds(10),
            tell: { [listener] changes in listener.changes.withLock { $0 += changes } },
            report: { [listener] reports in listener.reports.withLock { $0 += reports } }
        )
    }

    private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    private func change(_ user: User, online: Int, joined: Bool) -> Presence.Change {
        let event = ServerEvent.Presence(roomID: 7, userID: user.id, username: user.username, online: online)
        return Presence.Change(event: event, joined: joined)
    }

    private func report(_ user: User, here: Bool) -> Presence.Report {
        Presence.Report(roomID: 7, userID: user.id, username: user.username, isHere: here)
    }

    /// What was told since the last call.
    private func told() -> [Presence.Change] {
        listener.changes.withLock { changes in
            defer { changes = [] }
            return changes
        }
    }

    /// What was reported since the last call.
    private func reported() -> [Presence.Report] {
        listener.reports.withLock { reports in
            defer { reports = [] }
            return reports
        }
    }

    @Test func onlyTheFirstAndTheLastConnectionAreTold() {
        #expect(presence.join(7, ada) == 1)
        #expect(told() == [change(ada, online: 1, joined: true)])
        #expect(presence.join(7, ada) == 1)
        #expect(told().isEmpty)
        #expect(presence.join(7, bob) == 2)
        #expect(told() == [change(bob, online: 2, joined: true)])
        presence.leave(7, ada.id, silently: false, now: at(0))
        #expect(told().isEmpty)
        #expect(presence.isOnline(ada.id, in: 7))
        presence.leave(7, ada.id, silently: false, now: at(0))
        #expect(told() == [change(ada, online: 1, joined: false)])
        #expect(!presence.isOnline(ada.id, in: 7))
        presence.sweep(now: at(1000))
        #expect(told().isEmpty)
        #expect(reported() == [report(ada, here: true), report(bob, here: true), report(ada, here: false)])
    }

    @Test func roomsAreApart() {
        _ = presence.join(7, ada)
        #expect(presence.join(8, ada) == 1)
        #expect(told().count == 2)
        presence.leave(8, ada.id, silently: false, now: at(0))
        #expect(told().count == 1)
        #expect(presence.isOnline(ada.id, in: 7))
        #expect(!presence.isOnline(ada.id, in: 8))
    }

    @Test func aLostConnectionIsToldAfterTheGrace() {
        _ = presence.join(7, ada)
        _ = told()
        presence.leave(7, ada.id, silently: true, now: at(0))
        presence.sweep(now: at(9))
        #expect(told().isEmpty)
        #expect(reported() == [report(ada, here: true)])
        presence.sweep(now: at(10))
        #expect(told() == [change(ada, online: 0, joined: false)])
        presence.sweep(now: at(20))
        #expect(told().isEmpty)
        #expect(reported() == [report(ada, here: false)])
    }

    @Test func aReconnectIsSilent() {
        _ = presence.join(7, ada)
        presence.leave(7, ada.id, silently: true, now: at(0))
        #expect(presence.join(7, ada) == 1)
        presence.sweep(now: at(10))
        #expect(told().count == 1)
        #expect(reported().count == 1)
        #expect(presence.isOnline(ada.id, in: 7))
    }

    @Test func everyLossHasItsOwnGrace() {
        _ = presence.join(7, ada)
        presence.leave(7, ada.id, silently: true, now: at(0))
        _ = presence.join(7, ada)
        presence.leave(7, ada.id, silently: true, now: at(9))
        presence.sweep(now: at(10))
        _ = presence.join(7, ada)
        #expect(told().count == 1, "the first grace is no longer hers")
        presence.leave(7, ada.id, silently: true, now: at(12))
        presence.sweep(now: at(21))
        #expect(told().isEmpty)
        presence.sweep(now: at(22))
        #expect(told() == [change(ada, online: 0, joined: false)])
    }

    @Test func theSweepTellsInOrderAndCounts() {
        for user in [ada, bob] { _ = presence.join(7, user) }
        _ = told()
        presence.leave(7, bob.id, silently: true, now: at(0))
        presence.leave(7, ada.id, silently: true, now: at(1))
        presence.sweep(now: at(60))
        #expect(told() == [change(bob, online: 1, joined: false), change(ada, online: 0, joined: false)])
    }

    @Test func leavingWithoutHavingJoinedIsNothing() {
        presence.leave(7, ada.id, silently: false, now: at(0))
        #expect(told().isEmpty)
        _ = presence.join(7, ada)
        presence.leave(7, ada.id, silently: true, now: at(0))
        presence.leave(7, ada.id, silently: false, now: at(1))
        presence.sweep(now: at(10))
        #expect(told().count == 2)
    }

    // MARK: - Several instances

    @Test func aUserOnTwoInstancesIsOnlineOnce() {
        presence.received([report(ada, here: true)], from: far)
        #expect(told() == [change(ada, online: 1, joined: true)])
        #expect(presence.join(7, ada) == 1)
        presence.received([report(ada, here: true)], from: farther)
        presence.received([report(ada, here: false)], from: far)
        presence.leave(7, ada.id, silently: false, now: at(0))
        #expect(told().isEmpty)
        #expect(presence.isOnline(ada.id, in: 7))
        presence.received([report(ada, here: false)], from: farther)
        #expect(told() == [change(ada, online: 0, joined: false)])
        #expect(reported() == [report(ada, here: true), report(ada, here: false)], "only what happens here")
    }

    @Test func aMoveToAnotherInstanceIsSilent() {
        _ = presence.join(7, ada)
        presence.leave(7, ada.id, silently: true, now: at(0))
        presence.received([report(ada, here: true)], from: far)
        presence.sweep(now: at(10))
        #expect(told() == [change(ada, online: 1, joined: true)])
        #expect(presence.isOnline(ada.id, in: 7))
    }

    @Test func anInstanceThatIsGoneTakesItsUsersAlong() {
        _ = presence.join(7, ada)
        presence.received([report(ada, here: true), report(bob, here: true)], from: far)
        _ = told()
        presence.forget(far)
        #expect(told() == [change(bob, online: 1, joined: false)])
        presence.forget(far)
        #expect(told().isEmpty)
    }

    @Test func aSnapshotReplacesWhatWasKnown() {
        presence.received([report(ada, here: true)], from: far)
        _ = told()
        presence.replace(with: [report(bob, here: true)], from: far)
        #expect(told() == [change(ada, online: 0, joined: false), change(bob, online: 1, joined: true)])
        presence.replace(with: [report(bob, here: true)], from: far)
        #expect(told().isEmpty)
    }

    @Test func aSnapshotNamesWhoIsHere() {
        _ = presence.join(7, ada)
        presence.received([report(bob, here: true)], from: far)
        #expect(presence.snapshot() == [report(ada, here: true)])
        presence.leave(7, ada.id, silently: true, now: at(0))
        #expect(presence.snapshot() == [report(ada, here: true)], "still in the grace")
        presence.sweep(now: at(10))
        #expect(presence.snapshot().isEmpty)
    }
}
