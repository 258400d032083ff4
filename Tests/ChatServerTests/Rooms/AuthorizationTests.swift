import ChatProtocol
import Testing

@testable import ChatServer

@Suite struct AuthorizationTests {
    /// The whole table, written down again. A stranger's three columns are the three kinds of room; to a member and to
    /// the owner the kind makes no difference.
    private static let table = """
        action            | everybody   withCode    byInvitation | member      owner
        see               | yes         hidden      hidden       | yes         yes
        join              | yes         code        hidden       | yes         yes
        readHistory       | members     hidden      hidden       | yes         yes
        listMembers       | members     hidden      hidden       | yes         yes
        send              | members     hidden      hidden       | yes         yes
        typing            | members     hidden      hidden       | yes         yes
        markRead          | members     hidden      hidden       | yes         yes
        leave             | members     hidden      hidden       | yes         stays
        rename            | members     hidden      hidden       | no          yes
        changeCode        | members     hidden      hidden       | no          yes
        delete            | members     hidden      hidden       | no          yes
        removeMember      | members     hidden      hidden       | no          yes
        invite            | members     hidden      hidden       | no          yes
        listInvitations   | members     hidden      hidden       | no          yes
        revokeInvitation  | members     hidden      hidden       | no          yes
        """

    /// What each word of the table comes to: what the user is told, or nil.
    private static let words: [String: ErrorCode?] = [
        "yes": nil, "hidden": .roomNotFound, "code": .wrongAccessCode, "members": .forbidden, "no": .forbidden,
        "stays": .ownerCannotLeave,
    ]

    private static func expected() throws -> [String: [ErrorCode?]] {
        var rows: [String: [ErrorCode?]] = [:]
        for line in table.split(separator: "\n").dropFirst() {
            let cells = line.split { $0 == " " || $0 == "|" }.map(String.init)
            rows[cells[0]] = try cells.dropFirst().map { try #require(words[$0]) }
        }
        return rows
    }

    @Test func everyActionHasItsRow() throws {
        #expect(Set(try Self.expected().keys) == Set(RoomAction.allCases.map { "\($0)" }))
    }

    @Test(arguments: RoomAction.allCases)
    func everyCellOfTheTable(action: RoomAction) throws {
        let row = try #require(try Self.expected()["\(action)"])
        for (place, kind) in RoomKind.allCases.enumerated() {
            for (standing, expected) in [(Standing.stranger, row[place]), (.member, row[3]), (.owner, row[4])] {
                let ruling = Authorization.ruling(action, standing, in: kind)
                #expect(ruling.refusal?.code == expected, "\(standing), \(kind)")
                #expect((ruling == .allowed) == (expected == nil), "\(standing), \(kind)")
            }
        }
    }

    private func room(isPrivate: Bool, code: String? = nil) -> Room {
        Room(
            id: 7, name: "r", isPrivate: isPrivate, createdAt: Timestamp(microseconds: 0), lastSeq: 0,
            accessCodeHash: code)
    }

    @Test func aRoomThatIsNotThereLooksLikeAHiddenOne() throws {
        var answers: Set<String> = []
        for action in RoomAction.allCases where action != .join {
            for code in [nil, "hash"] {
                for view in [nil, RoomView(room: room(isPrivate: true, code: code), role: nil)] {
                    do {
                        _ = try Authorization.require(action, in: view)
                        Issue.record("\(action) is allowed")
                    } catch let problem as Problem {
                        answers.insert(String(buffer: problem.answer.body))
                    }
                }
            }
        }
        #expect(answers.count == 1)
        let view = RoomView(room: room(isPrivate: true), role: .member, lastReadSeq: 0)
        #expect(try Authorization.require(.send, in: view) == view)
    }

    @Test func standingComesFromTheRole() {
        #expect(Standing(nil) == .stranger)
        #expect(Standing(.member) == .member)
        #expect(Standing(.owner) == .owner)
    }

    @Test func theKindComesFromTheRoom() {
        #expect(RoomKind(room(isPrivate: false)) == .everybody)
        #expect(RoomKind(room(isPrivate: true, code: "hash")) == .withCode)
        #expect(RoomKind(room(isPrivate: true)) == .byInvitation)
    }
}
