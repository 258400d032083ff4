import ChatProtocol
import Testing

@testable import ChatServer

@Suite struct AuthorizationTests {
    /// The whole table, written down again: nil is allowed.
    private static func expected(_ action: RoomAction, _ standing: Standing, isPrivate: Bool) -> ErrorCode? {
        switch standing {
        case .stranger: isPrivate ? .roomNotFound : action == .see ? nil : .forbidden
        case .member: [.invite, .removeMember].contains(action) ? .forbidden : nil
        case .owner: action == .leave ? .ownerCannotLeave : nil
        }
    }

    @Test(arguments: RoomAction.allCases, Standing.allCases)
    func everyRowOfTheTable(action: RoomAction, standing: Standing) {
        for isPrivate in [false, true] {
            let refusal = Authorization.refusal(action, standing, isPrivate: isPrivate)
            #expect(refusal?.code == Self.expected(action, standing, isPrivate: isPrivate), "private: \(isPrivate)")
        }
    }

    @Test func aRoomThatIsNotThereLooksLikeAHiddenOne() throws {
        let room = Room(id: 7, name: "r", isPrivate: true, createdAt: Timestamp(microseconds: 0), lastSeq: 0)
        var answers: [String] = []
        for view in [nil, RoomView(room: room, role: nil)] {
            do {
                _ = try Authorization.require(.see, in: view)
            } catch let problem as Problem {
                answers.append(String(buffer: problem.answer.body))
            }
        }
        #expect(answers.count == 2)
        #expect(answers.first == answers.last)
        let view = RoomView(room: room, role: .member)
        #expect(try Authorization.require(.send, in: view) == view)
    }

    @Test func standingComesFromTheRole() {
        #expect(Standing(nil) == .stranger)
        #expect(Standing(.member) == .member)
        #expect(Standing(.owner) == .owner)
    }
}
