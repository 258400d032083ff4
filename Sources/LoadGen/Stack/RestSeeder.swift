import AsyncHTTPClient
import ChatProtocol
import Foundation
import Synchronization

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

    func seed(_ scenario: Scenario, progress: @escaping @Sendable (String) -> Void) async throws -> (
        [Account], [RoomPlan]
    ) {
        let total = scenario.clients
        let accounts = try await self.accounts(total, progress)
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

    /// So many, first those that the file keeps. What was made is kept whatever comes after.
    private func accounts(_ total: Int, _ progress: @Sendable (String) -> Void) async throws -> [Account] {
        let kept = try load()
        // What cannot be written is told before a server has accounts that nobody knows.
        try write(kept)
        let made = Mutex<[Int: Kept]>([:])
        func save() throws {
            let made = made.withLock { $0 }
            let all = (0..<max(total, kept.count)).compactMap {
                made[$0] ?? (kept.indices.contains($0) ? kept[$0] : nil)
            }
            try write(all)
        }
        do {
            let accounts = try await bounded(total, label: "accounts", progress) { index in
                let (kept, session) = try await session(kept.indices.contains(index) ? kept[index] : nil)
                made.withLock { $0[index] = kept }
                return Account(
                    userID: session.user.id,
                    username: session.user.username,
                    token: session.accessToken,
                    renewal: session.renewal
                )
            }
            try save()
            return accounts
        } catch let failure as RestClient.Failure where failure.status == 429 {
            try? save()
            let count = made.withLock { $0.count }
            let next =
                accountsFile.map { "again with --accounts \($0.path), which goes on from there" }
                ?? "with --accounts FILE, again and again, since each goes on from where the last one came to"
            throw StackError(
                description:
                    "\(rest.baseURL) lets nobody register or log in any more for now, after \(count) of \(total) accounts: "
                    + "start the server with --limits off for load, or run \(next)")
        } catch {
            try? save()
            throw error
        }
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
        let session: Session
        do {
            session = try await rest.send("POST", path, body: body, as: Session.self)
        } catch let failure as RestClient.Failure where failure.status == 401 && kept != nil {
            throw StackError(
                description: "\(rest.baseURL) does not know the account '\(account.username)' of "
                    + "\(accountsFile?.path ?? "the file"): was it made on another server? Delete the file, or name another"
            )
        }
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

    private func write(_ accounts: [Kept]) throws {
        guard let accountsFile else { return }
        var data = Data()
        for account in accounts {
            data += try JSONEncoder().encode(account)
            data.append(0x0A)
        }
        do {
            try data.write(to: accountsFile, options: .atomic)
            // Passwords stand in it.
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: accountsFile.path)
        } catch {
            throw ReportError(.unwritable, "cannot write \(accountsFile.path)", cause: error)
        }
    }
}
