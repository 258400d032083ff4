import ChatProtocol
import Testing

@testable import ChatServer

@Suite struct SessionMachineTests {
    private static let ada = Identity(user: User(id: 1, username: "ada"), session: 10, expiresAt: 1000)
    private static let bob = Identity(user: User(id: 2, username: "bob"), session: 20, expiresAt: 1000)
    private static let join = ClientEvent.JoinRoom(roomID: 7, afterSeq: 3)
    private static let send = ClientEvent.MessageSend(roomID: 7, content: "hi", clientMessageID: "m1")

    private static func active(_ identity: Identity = ada) -> SessionMachine {
        var machine = SessionMachine()
        _ = machine.received(.authenticate(token: "t"))
        _ = machine.verified(.success(identity))
        return machine
    }

    private static func joined() -> SessionMachine {
        var machine = active()
        _ = machine.received(.joinRoom(join))
        machine.joinSettled(7, joined: true)
        return machine
    }

    @Test func beforeATokenEverythingElseIsRefused() {
        var machine = SessionMachine()
        let events: [(event: ClientEvent, room: RoomID?, id: String?)] = [
            (.joinRoom(Self.join), 7, nil), (.leaveRoom(roomID: 7), 7, nil), (.messageSend(Self.send), 7, "m1"),
            (.typing(roomID: 7), 7, nil), (.ping(t: "1"), nil, nil),
        ]
        for (event, room, id) in events {
            let error = ProtocolError(.unauthorized, "authenticate first", roomID: room, clientMessageID: id)
            #expect(machine.received(event) == .refuse(error))
        }
        #expect(machine.identity == nil)
        #expect(!machine.isBusy)
        #expect(machine.authenticationDeadlinePassed() == .close(.authenticationTimeout))
    }

    @Test func aTokenIsVerifiedAndAnswered() {
        var machine = SessionMachine()
        #expect(machine.received(.authenticate(token: "t")) == .verify(token: "t"))
        #expect(machine.isBusy)
        #expect(machine.authenticationDeadlinePassed() == .none)
        #expect(machine.verified(.success(Self.ada)) == .sendReady(Self.ada))
        #expect(!machine.isBusy)
        #expect(machine.identity == Self.ada)
        #expect(machine.owner == Self.ada.user)
        #expect(machine.authenticationDeadlinePassed() == .none)
    }

    @Test(arguments: [
        (TokenError.invalid, CloseReason.tokenInvalid), (.expired, .tokenExpired), (.revoked, .tokenRevoked),
        (.unavailable, .overCapacity),
    ])
    func aBadTokenCloses(error: TokenError, reason: CloseReason) {
        var machine = SessionMachine()
        _ = machine.received(.authenticate(token: "t"))
        #expect(machine.verified(.failure(error)) == .close(reason))
        var renewing = Self.active()
        _ = renewing.received(.authenticate(token: "t"))
        #expect(renewing.verified(.failure(error)) == .close(reason))
    }

    @Test func renewalKeepsTheRoomsAndTheUser() {
        var machine = Self.joined()
        #expect(machine.received(.authenticate(token: "new")) == .verify(token: "new"))
        #expect(machine.identity == Self.ada)
        var fresh = Self.ada
        fresh.expiresAt = 2000
        #expect(machine.verified(.success(fresh)) == .sendReady(fresh))
        #expect(machine.rooms == [7])
        #expect(machine.expiryDue(now: 1500) == .none)
        _ = machine.received(.authenticate(token: "bob's"))
        #expect(machine.verified(.success(Self.bob)) == .close(.anotherUser))
    }

    @Test func joiningIsBusyUntilItSettles() {
        var machine = Self.active()
        #expect(machine.received(.joinRoom(Self.join)) == .join(Self.join))
        #expect(machine.isBusy)
        #expect(machine.identity == Self.ada)
        machine.joinSettled(8, joined: true)
        #expect(machine.isBusy, "another room's join is not ours")
        machine.joinSettled(7, joined: false)
        #expect(!machine.isBusy)
        #expect(machine.rooms.isEmpty)
        _ = machine.received(.joinRoom(Self.join))
        machine.joinSettled(7, joined: true)
        #expect(machine.rooms == [7])
    }

    @Test func whatNeedsAJoin() {
        var machine = Self.active()
        let refusal = ProtocolError(.notJoined, "join the room first", roomID: 7)
        var withID = refusal
        withID.clientMessageID = "m1"
        #expect(machine.received(.messageSend(Self.send)) == .refuse(withID))
        #expect(machine.received(.typing(roomID: 7)) == .refuse(refusal))
        #expect(machine.received(.leaveRoom(roomID: 7)) == .refuse(refusal))
        machine = Self.joined()
        #expect(machine.received(.messageSend(Self.send)) == .submit(Self.send))
        #expect(machine.received(.typing(roomID: 7)) == .typing(7))
        #expect(machine.received(.leaveRoom(roomID: 7)) == .leave(7))
        #expect(machine.received(.messageSend(Self.send)) == .refuse(withID))
    }

    @Test func pingNeedsOnlyAToken() {
        var machine = Self.active()
        #expect(machine.received(.ping(t: "1.0")) == .pong("1.0"))
        #expect(machine.received(.ping(t: nil)) == .pong(nil))
    }

    @Test func expiry() {
        var machine = Self.active()
        #expect(machine.expiryDue(now: 999) == .none)
        #expect(machine.expiryDue(now: 1000) == .close(.tokenExpired))
        _ = machine.received(.joinRoom(Self.join))
        #expect(machine.expiryDue(now: 1000) == .close(.tokenExpired))
        machine = SessionMachine()
        #expect(machine.expiryDue(now: 5000) == .none)
    }

    @Test func afterTheEndNothingHappens() {
        var machine = Self.joined()
        #expect(machine.closed() == [7])
        #expect(machine.closed().isEmpty)
        #expect(machine.isClosed)
        #expect(machine.identity == nil)
        #expect(machine.owner == Self.ada.user)
        #expect(machine.received(.ping(t: nil)) == .none)
        #expect(machine.received(.authenticate(token: "t")) == .none)
        #expect(machine.verified(.success(Self.ada)) == .none)
        #expect(machine.authenticationDeadlinePassed() == .none)
        #expect(machine.expiryDue(now: 5000) == .none)
        machine.joinSettled(8, joined: true)
        #expect(machine.rooms.isEmpty)
    }

    @Test func theVerificationOfAClosedConnectionIsForgotten() {
        var machine = SessionMachine()
        _ = machine.received(.authenticate(token: "t"))
        _ = machine.closed()
        #expect(machine.verified(.success(Self.ada)) == .none)
        #expect(machine.owner == nil)
    }
}
