import ChatProtocol
import Testing

@testable import ChatServer

extension StoreConformance {
    func users() async throws {
        let ada = try await user("Ada")
        let bob = try await user("bob")
        #expect(ada.id > 0)
        #expect(bob.id > ada.id)
        #expect(ada.username == "Ada")
        for name in ["Ada", "ada", "ADA"] {
            await #expect(throws: StoreError.usernameTaken) { _ = try await user(name) }
            let record = try #require(try await store.user(named: name))
            #expect(record.user == ada)
            #expect(record.passwordHash == "hash of Ada")
        }
        #expect(try await store.user(named: "eve") == nil)
        #expect(try await store.user(id: ada.id) == ada)
        #expect(try await store.user(id: 999_999) == nil)
        let names = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<20 {
                let name = index % 2 == 0 ? "Race" : "rACE"
                group.addTask { (try? await user(name)) != nil }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(names == 1, "of many at once one gets the name")
    }

    func passwordHashes() async throws {
        let ada = try await user("ada")
        let bob = try await user("bob")
        try await store.replacePasswordHash(of: ada.id, "hash of ada", with: "better")
        #expect(try await store.user(named: "ada")?.passwordHash == "better")
        try await store.replacePasswordHash(of: ada.id, "hash of ada", with: "late")
        #expect(try await store.user(named: "ada")?.passwordHash == "better", "it was another by then")
        #expect(try await store.user(named: "bob")?.passwordHash == "hash of bob")
        try await store.replacePasswordHash(of: bob.id + 1000, "hash of bob", with: "nobody's")
        #expect(try await store.user(named: "bob")?.passwordHash == "hash of bob")
    }

    private func session(_ user: User, _ token: String, expires: Double = 1000) async throws -> SessionID {
        try await store.createSession(
            userID: user.id,
            refreshToken: Self.digest(token),
            now: at(0),
            expires: at(expires)
        )
    }

    private func rotate(_ token: String, _ successor: String, at seconds: Double) async throws -> Rotation {
        try await store.rotate(
            refreshToken: Self.digest(token),
            successor: Self.digest(successor),
            now: at(seconds),
            expires: at(seconds + 1000)
        )
    }

    func sessions() async throws {
        let ada = try await user("ada")
        let first = try await session(ada, "a1")
        let second = try await session(ada, "b1")
        #expect(first != second)
        #expect(try await store.isSessionActive(first))
        #expect(try await !store.isSessionActive(999_999))
        #expect(try await rotate("a1", "a2", at: 100) == .rotated(ada, first))
        #expect(try await rotate("a2", "a3", at: 200) == .rotated(ada, first))
        #expect(try await rotate("b1", "b2", at: 200) == .rotated(ada, second))
        #expect(try await rotate("nonsense", "x", at: 200) == .unknown)
        #expect(try await store.isSessionActive(first))
    }

    func lostAnswer() async throws {
        let ada = try await user("ada")
        let session = try await session(ada, "a1")
        #expect(try await rotate("a1", "a2", at: 100) == .rotated(ada, session))
        #expect(try await rotate("a1", "a3", at: 105) == .rotated(ada, session))
        // The grace counts from the first time, and holds to its end.
        #expect(try await rotate("a1", "a4", at: 110) == .rotated(ada, session))
        #expect(try await rotate("a4", "a5", at: 500) == .rotated(ada, session))
        #expect(try await store.isSessionActive(session))
        #expect(try await rotate("a1", "a6", at: 501) == .reused(session))

        // The answer that was lost must not work beside the one that was not.
        let superseded = try await self.session(ada, "s1")
        #expect(try await rotate("s1", "s2", at: 100) == .rotated(ada, superseded))
        #expect(try await rotate("s1", "s3", at: 101) == .rotated(ada, superseded))
        #expect(try await rotate("s2", "s4", at: 102) == .reused(superseded))
        #expect(try await !store.isSessionActive(superseded))
    }

    func reuse() async throws {
        let ada = try await user("ada")
        let late = try await session(ada, "late1")
        #expect(try await rotate("late1", "late2", at: 100) == .rotated(ada, late))
        #expect(try await rotate("late1", "late3", at: 110.1) == .reused(late), "10 s are over")
        #expect(try await !store.isSessionActive(late))
        #expect(try await rotate("late2", "late4", at: 111) == .revoked)

        let used = try await session(ada, "used1")
        #expect(try await rotate("used1", "used2", at: 100) == .rotated(ada, used))
        #expect(try await rotate("used2", "used3", at: 101) == .rotated(ada, used))
        #expect(try await rotate("used1", "used4", at: 102) == .reused(used), "the successor is used")
        for token in ["used1", "used2", "used3"] { #expect(try await rotate(token, "x", at: 103) == .revoked) }
    }

    func chainOfReuse() async throws {
        let ada = try await user("ada")
        let other = try await session(ada, "other")
        let session = try await session(ada, "t0")
        for index in 0..<5 {
            #expect(try await rotate("t\(index)", "t\(index + 1)", at: Double(index) * 60) == .rotated(ada, session))
        }
        #expect(try await rotate("t2", "x", at: 301) == .reused(session))
        #expect(try await rotate("t5", "y", at: 302) == .revoked)
        #expect(try await store.isSessionActive(other), "the other family lives on")
        #expect(try await rotate("other", "other2", at: 303) == .rotated(ada, other))
    }

    func expiry() async throws {
        let ada = try await user("ada")
        let session = try await session(ada, "a1", expires: 100)
        #expect(try await rotate("a1", "x", at: 100) == .expired)
        #expect(try await store.isSessionActive(session))
        #expect(try await rotate("a1", "a2", at: 99.9) == .rotated(ada, session))
        #expect(try await rotate("a2", "a3", at: 1099.8) == .rotated(ada, session))
    }

    func revocation() async throws {
        let ada = try await user("ada")
        let session = try await session(ada, "a1")
        #expect(try await rotate("a1", "a2", at: 100) == .rotated(ada, session))
        #expect(try await store.revokeSession(refreshToken: Self.digest("nonsense"), now: at(200)) == nil)
        #expect(try await store.revokeSession(refreshToken: Self.digest("a2"), now: at(200)) == session)
        #expect(try await !store.isSessionActive(session))
        #expect(try await rotate("a2", "a3", at: 201) == .revoked)
        #expect(try await store.revokeSession(refreshToken: Self.digest("a1"), now: at(300)) == session)
    }
}
