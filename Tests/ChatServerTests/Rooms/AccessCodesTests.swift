import ChatProtocol
import Logging
import Synchronization
import Testing

@testable import ChatServer

@Suite struct AccessCodesTests {
    /// Keeps what is logged.
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])

        var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

        struct Handler: LogHandler {
            let lines: Lines
            var logLevel = Logger.Level.info
            var metadata = Logger.Metadata()

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                let fields = event.metadata ?? [:]
                let text = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
                lines.lines.withLock { $0.append("\(event.message) \(text)") }
            }
        }
    }

    private let lines = Lines()
    private let limiter = RateLimiter(RateLimits())

    /// As cheap as scrypt gets: what is tested is not how slow it is.
    private func codes(_ limiter: RateLimiter? = nil, maxWaiting: Int = 64) -> AccessCodes {
        let cost = Passwords.Cost(logRounds: 1, blockSize: 1, parallelism: 1)
        return AccessCodes(
            passwords: Passwords(cost: cost, maxWaiting: maxWaiting), limiter: limiter ?? self.limiter,
            logger: lines.logger)
    }

    private func room(_ id: RoomID, _ hash: String?) -> Room {
        Room(
            id: id, name: "r", isPrivate: true, createdAt: Timestamp(microseconds: 0), lastSeq: 0, accessCodeHash: hash)
    }

    private func user(_ id: UserID) -> User { User(id: id, username: "user-\(id)") }

    /// - Returns: what a check comes to; nil is right.
    private func answer(
        _ codes: AccessCodes, _ code: String?, _ room: Room, user id: UserID = 1, from address: String = "10.0.0.1"
    ) async throws -> ErrorCode? {
        do {
            try await codes.check(code, room, by: user(id), from: try #require(ClientAddress(address)))
            return nil
        } catch let problem as Problem {
            if problem.code == .rateLimited { #expect((1...30).contains(problem.retryAfterSeconds ?? 0)) }
            return problem.code
        }
    }

    @Test func aCodeIsHashedAsAPasswordIs() async throws {
        let codes = codes()
        let hash = try await codes.hash("s\u{E9}same")
        #expect(hash.hasPrefix("$scrypt$"))
        #expect(try await codes.hash("s\u{E9}same") != hash, "each has its own salt")
        let room = room(7, hash)
        #expect(try await answer(codes, "s\u{E9}same", room) == nil)
        #expect(try await answer(codes, "s\u{E9}same", room) == nil, "known by now")
        for wrong in ["sesame", "se\u{301}same", "s\u{E9}same "] {
            #expect(try await answer(codes, wrong, room) == .wrongAccessCode)
        }
        #expect(try await answer(codes, nil, room) == .wrongAccessCode)
        await codes.close()
    }

    @Test func theServersOwnCostIsAPasswords() async throws {
        let codes = AccessCodes(passwords: Passwords(), limiter: limiter, logger: lines.logger)
        #expect(try await codes.hash("abcd").hasPrefix("$scrypt$ln=14,r=8,p=5$"))
        await codes.close()
    }

    @Test func hashesOfTheOlderKindGoOnWorking() async throws {
        let codes = codes()
        let room = room(7, Secrets.accessCodeHash("sesame"))
        #expect(try await answer(codes, "sesame", room) == nil)
        #expect(try await answer(codes, "wrong", room) == .wrongAccessCode)
        await codes.close()
    }

    @Test func aNewCodeEndsTheOldOneAtOnce() async throws {
        let codes = codes()
        let (old, new) = (room(7, try await codes.hash("sesame")), room(7, try await codes.hash("poppy")))
        #expect(try await answer(codes, "sesame", old) == nil)
        #expect(try await answer(codes, "sesame", new) == .wrongAccessCode)
        #expect(try await answer(codes, "poppy", new) == nil)
        await codes.close()
    }

    // MARK: - Limits

    @Test func guessesOfAUserAtARoomAreLimited() async throws {
        let codes = codes()
        let hash = Secrets.accessCodeHash("sesame")
        for _ in 0..<5 { #expect(try await answer(codes, "guess", room(7, hash)) == .wrongAccessCode) }
        #expect(try await answer(codes, "guess", room(7, hash)) == .rateLimited)
        #expect(try await answer(codes, "sesame", room(7, hash)) == .rateLimited, "also what would be right")
        #expect(try await answer(codes, "sesame", room(8, hash)) == nil, "another room")
        #expect(try await answer(codes, "sesame", room(7, hash), user: 2) == nil, "another user")
        await codes.close()
    }

    /// Else whoever guesses on would tell a right code by its not being refused.
    @Test func whoHasGuessedTooOftenIsRefusedACodeThatOthersHaveSaid() async throws {
        let codes = codes()
        let room = room(7, try await codes.hash("sesame"))
        #expect(try await answer(codes, "sesame", room, user: 2) == nil)
        for _ in 0..<5 { #expect(try await answer(codes, "guess", room) == .wrongAccessCode) }
        #expect(try await answer(codes, "sesame", room) == .rateLimited)
        #expect(try await answer(codes, "sesame", room, user: 2) == nil)
        await codes.close()
    }

    @Test func guessesAtARoomAreLimitedWhoeverMakesThem() async throws {
        let codes = codes()
        let room = room(7, Secrets.accessCodeHash("sesame"))
        for index in 0..<50 {
            let answer = try await answer(codes, "guess", room, user: Int64(index), from: "10.0.0.\(index)")
            #expect(answer == .wrongAccessCode)
        }
        #expect(try await answer(codes, "guess", room, user: 100, from: "10.0.1.1") == .rateLimited)
        #expect(try await answer(codes, "guess", self.room(8, room.accessCodeHash), user: 100) == .wrongAccessCode)
        await codes.close()
    }

    @Test func guessesFromAnAddressAreLimitedWhateverTheyAreAt() async throws {
        let codes = codes()
        let hash = Secrets.accessCodeHash("sesame")
        for index in 0..<60 {
            #expect(try await answer(codes, "guess", room(Int64(index), hash), user: 1) == .wrongAccessCode)
        }
        #expect(try await answer(codes, "guess", room(100, hash), user: 2) == .rateLimited)
        #expect(try await answer(codes, "guess", room(100, hash), user: 2, from: "10.0.0.2") == .wrongAccessCode)
        await codes.close()
    }

    /// Neither who knows the code, nor who has none to offer, uses anything up.
    @Test func onlyWrongOnesCount() async throws {
        let codes = codes()
        let room = room(7, try await codes.hash("sesame"))
        for index in 0..<200 {
            #expect(try await answer(codes, "sesame", room, user: Int64(index % 3)) == nil)
            #expect(try await answer(codes, nil, room) == .wrongAccessCode)
        }
        for _ in 0..<5 { #expect(try await answer(codes, "guess", room) == .wrongAccessCode) }
        #expect(try await answer(codes, "guess", room) == .rateLimited)
        await codes.close()
    }

    /// Guesses that are made at once are not more than guesses one by one.
    @Test func manyAtOnceCountAll() async throws {
        let codes = codes()
        let room = room(7, try await codes.hash("sesame"))
        let answers = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
            for index in 0..<40 { group.addTask { try await answer(codes, "guess-\(index)", room) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0 == .wrongAccessCode }.count == 5)
        #expect(answers.filter { $0 == .rateLimited }.count == 35)
        await codes.close()
    }

    @Test func tooManyWaitingIsNobodysGuess() async throws {
        let codes = codes(maxWaiting: 0)
        let room = room(7, "$scrypt$ln=1,r=1,p=1$AAAA$AAAA")
        for _ in 0..<20 { #expect(try await answer(codes, "guess", room) == .overloaded) }
        await codes.close()
    }

    @Test func withoutLimitsNothingIsLimited() async throws {
        let codes = codes(RateLimiter(nil))
        let room = room(7, Secrets.accessCodeHash("sesame"))
        for _ in 0..<500 { #expect(try await answer(codes, "guess", room) == .wrongAccessCode) }
        await codes.close()
    }

    @Test func wrongOnesAreLoggedWithoutTheCode() async throws {
        let codes = codes()
        let room = room(7, Secrets.accessCodeHash("sesame"))
        for _ in 0..<6 { _ = try await answer(codes, "very wrong", room, user: 3) }
        let logged = lines.lines.withLock { $0 }
        #expect(logged.count == 6)
        #expect(logged.first == "wrong access code address=10.0.0.1 room_id=7 user_id=3")
        #expect(logged.last == "too many wrong access codes address=10.0.0.1 room_id=7 user_id=3")
        await codes.close()
    }

    /// A hundred people are told a code in the same minute: nobody is taken for a guesser, and it is hashed once or so.
    @Test func manyWhoSayTheRightCodeAtOnce() async throws {
        let codes = AccessCodes(passwords: Passwords(), limiter: limiter, logger: lines.logger)
        let room = room(1, try await codes.hash("right code"))
        let began = ContinuousClock.now
        let answers = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
            for id in 1...100 {
                group.addTask { try await answer(codes, "right code", room, user: Int64(id), from: "10.0.0.1") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0 == nil }, "\(answers)")
        #expect(ContinuousClock.now - began < .seconds(8))
        await codes.close()
    }
}
