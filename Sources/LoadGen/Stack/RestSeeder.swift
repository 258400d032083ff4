import AsyncHTTPClient
import ChatProtocol
import Foundation

/// Accounts and rooms for a server that runs already, made over REST as a client would.
struct RestSeeder: Sendable {
    /// What `--accounts FILE` keeps of an account, a JSON object a line.
    struct Kept: Codable, Sendable {
        var username: String
        var password: String
        var refreshToken: String?
    }

    struct Session: Decodable, Sendable {
        struct User: Decodable, Sendable {
            var id: UserID
            var username: String
        }
        var user: User
        var accessToken: String
        var refreshToken: String
        /// Seconds.
        var expiresIn: Int

        var renewal: Account.Renewal { Account.Renewal(refreshToken: refreshToken, expiresIn: expiresIn) }
    }

    private struct Room: Decodable, Sendable {
        var id: RoomID
    }

    /// Requests under way at once.
    private static let parallelism = 16

    let rest: RestClient
    let accountsFile: URL?

    func seed(_ scenario: Scenario, progress: @Sendable (String) -> Void) async throws -> ([Account], [RoomPlan]) {
        let kept = try load()
        let total = scenario.clients
        let sessions = try await bounded(total, label: "accounts", progress) { index in
            let (kept, session) = try await session(kept.indices.contains(index) ? kept[index] : nil)
            let account = Account(
                userID: session.user.id,
                username: session.user.username,
                token: session.accessToken,
                renewal: session.renewal
            )
            return (kept, account)
        }
        try save(sessions.map(\.0), after: kept.dropFirst(total))
        let accounts = sessions.map(\.1)
        let sizes = scenario.rooms.memberCounts()
        let first = sizes.indices.map { sizes[..<$0].reduce(0, +) }
        let isPrivate = scenario.rooms.isPrivate
        let rooms = try await bounded(sizes.count, label: "rooms", progress) { index in
            let members = (0..<sizes[index]).map { (first[index] + $0) % accounts.count }
            let code = isPrivate ? "code-\(UInt64.random(in: 0 ... .max))" : nil
            var body: [String: any Encodable & Sendable] = [
                "name": "\(scenario.name) \(index + 1)", "is_private": isPrivate,
            ]
            if let code { body["access_code"] = code }
            let owner = accounts[members.first ?? 0].token
            let room = try await rest.send("POST", "/rooms", token: owner, body: body, as: Room.self)
            return RoomPlan(id: room.id, accessCode: code, members: members)
        }
        return (accounts, rooms)
    }

    private func session(_ kept: Kept?) async throws -> (Kept, Session) {
        if let kept, let token = kept.refreshToken {
            if let session = try? await Self.refresh(token, rest) {
                return (
                    Kept(username: kept.username, password: kept.password, refreshToken: session.refreshToken), session
                )
            }
        }
        let account =
            kept
            ?? Kept(
                username: "load-\(UInt32.random(in: 0 ... .max))-\(UInt32.random(in: 0 ... .max))",
                password: "pw-\(UInt64.random(in: 0 ... .max))")
        let body = ["username": account.username, "password": account.password]
        let path = kept == nil ? "/auth/register" : "/auth/login"
        let session = try await rest.send("POST", path, body: body, as: Session.self)
        return (
            Kept(username: account.username, password: account.password, refreshToken: session.refreshToken), session
        )
    }

    private func bounded<T: Sendable>(
        _ count: Int,
        label: String,
        _ progress: @Sendable (String) -> Void,
        _ make: @escaping @Sendable (Int) async throws -> T
    ) async throws -> [T] {
        try await withThrowingTaskGroup(of: (Int, T).self) { group in
            var results: [T?] = Array(repeating: nil, count: count)
            var next = 0
            var done = 0
            func add() {
                guard next < count else { return }
                let index = next
                next += 1
                group.addTask { (index, try await make(index)) }
            }
            for _ in 0..<Self.parallelism { add() }
            while let (index, value) = try await group.next() {
                results[index] = value
                done += 1
                if done % 20 == 0 || done == count { progress("\(label) over REST: \(done)/\(count)") }
                add()
            }
            return results.compactMap { $0 }
        }
    }

    private func load() throws -> [Kept] {
        guard let accountsFile, FileManager.default.fileExists(atPath: accountsFile.path) else { return [] }
        let data: Data
        do {
            data = try Data(contentsOf: accountsFile)
        } catch {
            throw ReportError(.unreadable, "cannot read \(accountsFile.path)", cause: error)
        }
        return try Self.parse(data, file: accountsFile.path)
    }

    /// - Throws: ``ReportError`` with the line that is no account.
    static func parse(_ data: Data, file: String) throws(ReportError) -> [Kept] {
        var accounts: [Kept] = []
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
            do {
                accounts.append(try JSONDecoder().decode(Kept.self, from: Data(line)))
            } catch {
                throw ReportError(
                    .unreadable,
                    "\(file):\(index + 1): no account; each line is {\"username\": …, \"password\": …}, as --accounts"
                        + " writes it (delete the file, and new accounts are made)",
                    cause: error
                )
            }
        }
        return accounts
    }

    /// A new pair of tokens for a spent one.
    static func refresh(_ refreshToken: String, _ rest: RestClient) async throws -> Session {
        try await rest.send("POST", "/auth/refresh", body: ["refresh_token": refreshToken], as: Session.self)
    }

    private func save(_ accounts: [Kept], after rest: some Sequence<Kept>) throws {
        guard let accountsFile else { return }
        var data = Data()
        for account in accounts + Array(rest) {
            data += try JSONEncoder().encode(account)
            data.append(0x0A)
        }
        try data.write(to: accountsFile, options: .atomic)
        // Passwords stand in it.
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: accountsFile.path)
    }
}
