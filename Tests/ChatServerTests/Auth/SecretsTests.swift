import Testing

@testable import ChatServer

@Suite struct SecretsTests {
    @Test func randomOnesAreURLSafeAndDifferent() {
        let secrets = Set((0..<1000).map { _ in Secrets.random() })
        #expect(secrets.count == 1000)
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        #expect(secrets.allSatisfy { $0.count == 43 && $0.allSatisfy(allowed.contains) })
        #expect(Secrets.random(bytes: 16).count == 22)
    }

    @Test func theDigestIsSHA256() {
        let digest = Secrets.digest("abc")
        #expect(Secrets.hex(digest.bytes) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func accessCodes() {
        let hash = Secrets.accessCodeHash("s\u{E9}same")
        #expect(hash != Secrets.accessCodeHash("s\u{E9}same"), "each has its own salt")
        #expect(!hash.contains("same"))
        #expect(Secrets.accessCode("s\u{E9}same", matches: hash))
        for wrong in ["", "sesame", "se\u{301}same", "s\u{E9}same "] {
            #expect(!Secrets.accessCode(wrong, matches: hash), "\(wrong)")
        }
        for broken in ["", "$", "nothing", "a$b$c"] { #expect(!Secrets.accessCode("", matches: broken)) }
    }

    @Test func constantTimeEqual() {
        #expect(Secrets.constantTimeEqual([], []))
        #expect(Secrets.constantTimeEqual([1, 2], [1, 2]))
        #expect(!Secrets.constantTimeEqual([1, 2], [1, 3]))
        #expect(!Secrets.constantTimeEqual([1], [1, 2]))
    }
}

@Suite struct PasswordsTests {
    /// As cheap as scrypt gets: what is tested is not how slow it is.
    private let cheap = Passwords.Cost(logRounds: 1, blockSize: 1, parallelism: 1)

    @Test func aHashVerifiesItsPasswordAlone() async throws {
        let passwords = Passwords(cost: cheap)
        let hash = try await passwords.hash("correct horse")
        #expect(hash.hasPrefix("$scrypt$ln=1,r=1,p=1$"))
        #expect(try await passwords.hash("correct horse") != hash)
        #expect(try await passwords.verify("correct horse", hash))
        #expect(try await !passwords.verify("correct horse ", hash))
        #expect(try await !passwords.verify("correct horse", nil))
        await passwords.close()
    }

    @Test func aHashCarriesItsOwnCost() async throws {
        let old = Passwords(cost: cheap)
        let hash = try await old.hash("correct horse")
        let new = Passwords(cost: Passwords.Cost(logRounds: 2, blockSize: 2, parallelism: 2))
        #expect(try await new.verify("correct horse", hash))
        for passwords in [old, new] { await passwords.close() }
    }

    @Test func hashesOfLessWorkAreOutdated() async throws {
        let hash = { (n: Int, r: Int, p: Int) in "$scrypt$ln=\(n),r=\(r),p=\(p)$AAAA$AAAA" }
        let passwords = Passwords()
        for outdated in [hash(13, 8, 5), hash(14, 8, 1), hash(14, 4, 5), hash(1, 1, 1)] {
            #expect(passwords.isOutdated(outdated), "\(outdated)")
        }
        for good in [hash(14, 8, 5), hash(17, 8, 1), hash(15, 8, 5), "none", ""] {
            #expect(!passwords.isOutdated(good), "\(good)")
        }
        await passwords.close()
    }

    @Test(arguments: [
        "", "plain", "$scrypt$ln=60,r=8,p=1$AAAA$AAAA", "$scrypt$ln=1$AAAA$AAAA", "$bcrypt$ln=1,r=1,p=1$A$A",
    ])
    func whatIsNoHashVerifiesNothing(hash: String) async throws {
        let passwords = Passwords(cost: cheap)
        #expect(try await !passwords.verify("", hash))
        await passwords.close()
    }

    @Test func theQueueIsBounded() async throws {
        let passwords = Passwords(cost: cheap, threads: 1, maxWaiting: 0)
        await #expect(throws: Passwords.Failure.self) { _ = try await passwords.hash("correct horse") }
        await passwords.close()
    }

    @Test func theDefaultIsOWASPs() {
        let cost = Passwords.Cost()
        #expect(cost == Passwords.Cost(logRounds: 14, blockSize: 8, parallelism: 5))
    }
}
