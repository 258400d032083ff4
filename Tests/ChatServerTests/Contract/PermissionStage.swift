import ChatProtocol
import Testing

@testable import ChatServer

/// Who asks, as the columns of the tables of permissions have it.
enum Caller: String, CaseIterable, Sendable {
    /// Without a token, or with one that somebody else has signed.
    case nobody, forger
    case stranger, member, owner
    /// Was a member, and was removed by the owner.
    case removed
    /// Has an invitation, and has not accepted it.
    case invited
    /// A member whose session was ended.
    case revoked
}

/// A room of one kind with one of each caller, for one question.
struct PermissionRoom: Sendable {
    var id: RoomID
    var kind: RoomKind
    var invitation: String
}

/// One server, and the people of all its rooms.
struct PermissionStage: Sendable {
    static let code = "open sesame"

    let server: TestServer
    let http: TestHTTP
    private let users: [Caller: TestUser]
    private let tokens: [Caller: String]
    /// One more member of each room.
    let other: TestUser

    static func run(on kind: StoreKind, _ body: (PermissionStage) async throws -> Void) async throws {
        try await TestServer.run(on: kind) { server in try await body(try await PermissionStage(server)) }
    }

    private init(_ server: TestServer) async throws {
        self.server = server
        http = try await TestHTTP.connect(port: server.port)
        var users: [Caller: TestUser] = [:]
        for caller in Caller.allCases { users[caller] = try await server.user(caller.rawValue) }
        self.users = users
        other = try await server.user("other")
        var tokens = users.mapValues(\.token)
        tokens[.nobody] = nil
        // A member's name under another key.
        let forgery = await AccessTokens(secret: String(repeating: "another key ", count: 4))
        let member = try #require(users[.member])
        let now = Clock.system.now.microseconds / 1_000_000
        tokens[.forger] = try await forgery.sign(member.user, session: member.session, now: now)
        self.tokens = tokens
        let digest = Secrets.digest(try #require(users[.revoked]).refreshToken)
        _ = try await server.store.revokeSession(refreshToken: digest, now: Clock.system.now)
    }

    func user(_ caller: Caller) throws -> TestUser { try #require(users[caller]) }

    func token(_ caller: Caller) -> String? { tokens[caller] }

    func room(_ kind: RoomKind) async throws -> PermissionRoom {
        let owner = try user(.owner)
        let id = try await server.room(
            of: owner, [try user(.member), try user(.removed), try user(.revoked), other],
            isPrivate: kind != .everybody, code: kind == .withCode ? Self.code : nil)
        #expect(try await server.store.removeMember(roomID: id, userID: try user(.removed).id))
        let invitation = Invitation(
            code: "invitation-\(id)", roomID: id, creatorID: owner.id, maxUses: 1, createdAt: Clock.system.now)
        try await server.store.createInvitation(invitation)
        return PermissionRoom(id: id, kind: kind, invitation: invitation.code)
    }
}

/// A table of permissions: a row is a question and a kind of room, or `*` for all kinds; then comes what each caller is
/// answered, in the order of ``Caller``.
struct PermissionTable: Sendable {
    struct Row: Sendable {
        var question: String
        var kinds: [RoomKind]
        var answers: [Caller: String]
    }

    let rows: [Row]

    init(_ text: String) throws {
        var rows: [Row] = []
        let kinds: [String: [RoomKind]] = [
            "public": [.everybody], "code": [.withCode], "invite": [.byInvitation],
            "private": [.withCode, .byInvitation], "*": RoomKind.allCases,
        ]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "|")
            try #require(parts.count == 3, "\(line)")
            let question = parts[0].trimmingCharacters(in: .whitespaces)
            let answers = parts[2].split(separator: " ").map(String.init)
            try #require(answers.count == Caller.allCases.count, "\(line)")
            rows.append(
                Row(
                    question: question.isEmpty ? rows.last?.question ?? "" : question,
                    kinds: try #require(kinds[parts[1].trimmingCharacters(in: .whitespaces)], "\(line)"),
                    answers: Dictionary(uniqueKeysWithValues: zip(Caller.allCases, answers))
                )
            )
        }
        self.rows = rows
    }

    /// Every question in every kind of room is asked.
    func expectWhole(at location: SourceLocation = #_sourceLocation) {
        for (question, rows) in Dictionary(grouping: rows, by: \.question) {
            let kinds = rows.flatMap(\.kinds)
            #expect(kinds.count == 3 && Set(kinds).count == 3, "\(question)", sourceLocation: location)
        }
    }
}
