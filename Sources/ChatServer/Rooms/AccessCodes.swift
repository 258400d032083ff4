import ChatProtocol
import Crypto
import Foundation
import Logging
import Synchronization

/// The access codes of private rooms: hashed as passwords are, and guessed slowly.
///
/// People choose a code as they choose a password, or worse: with four letters or digits there are 15 million of them,
/// and a plain salted SHA-256 of a stolen table gives them away in a second. So the hash is scrypt at the cost of a
/// password (``Passwords``), on a thread of its own: guesses at rooms never keep logins waiting. A keyed hash would be
/// cheaper, but it needs a key beside the database that is never lost and never changed, and no server option asks for
/// one. Hashes of the older kind (``Secrets/accessCodeHash(_:)``) go on working; codes that the server itself makes up
/// at random, as for `seed`, still get them.
final class AccessCodes: Sendable {
    /// A code that was right, so that the next hundred who know it cost one hash and not a hundred.
    private struct Known {
        /// Under a key of this process; neither code nor hash can be told from it.
        var proofs: Set<[UInt8]> = []
        /// Codes that are being hashed, for all who say the same meanwhile.
        var pending: [[UInt8]: Task<Bool, any Error>] = [:]
    }

    /// Beyond it all are forgotten, and cost a hash again.
    private static let knownBound = 10_000

    private let passwords: Passwords
    private let limiter: RateLimiter
    private let logger: Logger
    private let key = SymmetricKey(size: .bits256)
    private let known = Mutex(Known())

    /// - Parameter passwords: of its own, not those of the accounts; ``close()`` closes them.
    init(passwords: Passwords, limiter: RateLimiter, logger: Logger) {
        self.passwords = passwords
        self.limiter = limiter
        self.logger = logger
    }

    /// - Throws: a ``Problem`` with `overloaded` if too many wait for their hash.
    func hash(_ code: String) async throws -> String {
        try await hashing { try await passwords.hash(code) }
    }

    /// Checks what somebody says is the code of a room that has one. Guesses are limited by user and room, by room, and
    /// by address; only wrong ones count in the end.
    /// - Throws: a ``Problem``: `wrong_access_code`, `rate_limited` or `overloaded`.
    func check(_ code: String?, _ room: Room, by user: User, from address: ClientAddress) async throws {
        guard let code, let hash = room.accessCodeHash else { throw Problem.wrongAccessCode }
        let limits: [(kind: RateLimiter.Kind, subject: RateLimiter.Subject)] = [
            (.accessCode, .member(user.id, room.id)), (.accessCodeRoom, .room(room.id)),
            (.accessCodeAddress, .address(address)),
        ]
        // Taken before the answer is known: guesses that are made at once count all, and who has guessed too often is not
        // told that this one would have been right.
        for (place, limit) in limits.enumerated() {
            do {
                try limiter.check(limit.kind, limit.subject)
            } catch {
                for taken in limits[..<place] { limiter.giveBack(taken.kind, taken.subject) }
                log("too many wrong access codes", room, user, address)
                throw error
            }
        }
        let (isKnown, pending) = known(code, hash)
        // What is known to be right, or is being found out for another, is no guess.
        if isKnown || pending != nil { for limit in limits { limiter.giveBack(limit.kind, limit.subject) } }
        if isKnown { return }
        if let pending {
            guard try await pending.value else { throw Problem.wrongAccessCode }
            return
        }
        let isRight: Bool
        do {
            isRight = try await matches(code, hash)
        } catch {
            for limit in limits { limiter.giveBack(limit.kind, limit.subject) }
            throw error
        }
        guard isRight else {
            log("wrong access code", room, user, address)
            throw Problem.wrongAccessCode
        }
        for limit in limits { limiter.giveBack(limit.kind, limit.subject) }
    }

    private func proof(_ code: String, _ hash: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data((hash + code).utf8), using: key))
    }

    /// Whether a code was right before, and the task that finds it out just now.
    private func known(_ code: String, _ hash: String) -> (isKnown: Bool, pending: Task<Bool, any Error>?) {
        let proof = proof(code, hash)
        return known.withLock { ($0.proofs.contains(proof), $0.pending[proof]) }
    }

    private func matches(_ code: String, _ hash: String) async throws -> Bool {
        // What no room can have needs no hash.
        guard Limits.accessCodeLength.contains(code.unicodeScalars.count) else { return false }
        guard hash.hasPrefix("$scrypt$") else { return Secrets.accessCode(code, matches: hash) }
        let proof = proof(code, hash)
        let task = known.withLock { known in
            if let task = known.pending[proof] { return task }
            let task = Task { try await self.hashing { try await self.passwords.verify(code, hash) } }
            known.pending[proof] = task
            return task
        }
        let answer = await task.result
        known.withLock { known in
            known.pending[proof] = nil
            guard case .success(true) = answer else { return }
            if known.proofs.count >= Self.knownBound { known.proofs = [] }
            known.proofs.insert(proof)
        }
        return try answer.get()
    }

    func close() async { await passwords.close() }

    private func log(_ event: Logger.Message, _ room: Room, _ user: User, _ address: ClientAddress) {
        logger.warning(
            event,
            metadata: ["room_id": "\(room.id)", "user_id": "\(user.id)", "address": "\(address)"]
        )
    }

    private func hashing<T>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch Passwords.Failure.overloaded {
            throw Problem(.overloaded, "too many access codes at once", retryAfterSeconds: 2)
        }
    }
}
