import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

@Suite struct PresenceTests {
    private let presence = Presence(grace: .seconds(10))
    private let ada = User(id: 1, username: "ada")
    private let bob = User(id: 2, username: "bob")
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    private func change(_ user: User, online: Int, joined: Bool) -> Presence.Change {
        let event = ServerEvent.Presence(roomID: 7, userID: user.id, username: user.username, online: online)
        return Presence.Change(event: event, joined: joined)
    }

    @Test func onlyTheFirstAndTheLastConnectionAreTold() {
        let first = presence.join(7, ada)
        #expect(first.online == 1)
        #expect(first.change == change(ada, online: 1, joined: true))
        #expect(presence.join(7, ada) == (online: 1, change: nil))
        #expect(presence.join(7, bob) == (online: 2, change: change(bob, online: 2, joined: true)))
        #expect(presence.leave(7, ada.id, silently: false, now: at(0)) == nil)
        #expect(presence.isOnline(ada.id, in: 7))
        #expect(presence.leave(7, ada.id, silently: false, now: at(0)) == change(ada, online: 1, joined: false))
        #expect(!presence.isOnline(ada.id, in: 7))
        #expect(presence.sweep(now: at(1000)).isEmpty)
    }

    @Test func roomsAreApart() {
        _ = presence.join(7, ada)
        #expect(presence.join(8, ada).change != nil)
        #expect(presence.leave(8, ada.id, silently: false, now: at(0)) != nil)
        #expect(presence.isOnline(ada.id, in: 7))
        #expect(!presence.isOnline(ada.id, in: 8))
    }

    @Test func aLostConnectionIsToldAfterTheGrace() {
        _ = presence.join(7, ada)
        #expect(presence.leave(7, ada.id, silently: true, now: at(0)) == nil)
        #expect(presence.sweep(now: at(9)).isEmpty)
        #expect(presence.sweep(now: at(10)) == [change(ada, online: 0, joined: false)])
        #expect(presence.sweep(now: at(20)).isEmpty)
    }

    @Test func aReconnectIsSilent() {
        _ = presence.join(7, ada)
        _ = presence.leave(7, ada.id, silently: true, now: at(0))
        #expect(presence.join(7, ada) == (online: 1, change: nil))
        #expect(presence.sweep(now: at(10)).isEmpty)
        #expect(presence.isOnline(ada.id, in: 7))
    }

    @Test func everyLossHasItsOwnGrace() {
        _ = presence.join(7, ada)
        _ = presence.leave(7, ada.id, silently: true, now: at(0))
        _ = presence.join(7, ada)
        _ = presence.leave(7, ada.id, silently: true, now: at(9))
        #expect(presence.sweep(now: at(10)).isEmpty, "the first grace is no longer hers")
        #expect(presence.join(7, ada).change == nil)
        _ = presence.leave(7, ada.id, silently: true, now: at(12))
        #expect(presence.sweep(now: at(21)).isEmpty)
        #expect(presence.sweep(now: at(22)) == [change(ada, online: 0, joined: false)])
    }

    @Test func theSweepTellsInOrderAndCounts() {
        for user in [ada, bob] { _ = presence.join(7, user) }
        _ = presence.leave(7, bob.id, silently: true, now: at(0))
        _ = presence.leave(7, ada.id, silently: true, now: at(1))
        #expect(
            presence.sweep(now: at(60)) == [
                change(bob, online: 1, joined: false), change(ada, online: 0, joined: false),
            ]
        )
    }

    @Test func leavingWithoutHavingJoinedIsNothing() {
        #expect(presence.leave(7, ada.id, silently: false, now: at(0)) == nil)
        _ = presence.join(7, ada)
        _ = presence.leave(7, ada.id, silently: true, now: at(0))
        #expect(presence.leave(7, ada.id, silently: false, now: at(1)) == nil)
        #expect(presence.sweep(now: at(10)).count == 1)
    }
}
