import CryptoExtras
import Foundation
import NIOPosix
import Synchronization

/// Hashes passwords with scrypt (RFC 7914) at OWASP's parameters, on threads of their own.
///
/// A hash costs a good part of a second of CPU by intent; the pool and its queue are bounded, so a flood of logins
/// waits or is refused and never takes the chat's threads.
final class Passwords: Sendable {
    /// N = 2^14, r = 8, p = 5: of OWASP's equivalent choices the one with the least memory (16 MiB).
    struct Cost: Equatable, Sendable {
        var logRounds = 14
        var blockSize = 8
        var parallelism = 5

        /// What a guess costs, up to a factor.
        var work: Int { blockSize * parallelism << logRounds }
    }

    enum Failure: Error {
        /// More logins and registrations are waiting than the queue holds.
        case overloaded
    }

    private let cost: Cost
    private let pool: NIOThreadPool
    private let waiting = Atomic<Int>(0)
    private let maxWaiting: Int
    /// Checked where there is no such user, so that the answer takes as long.
    private let decoy: String

    init(cost: Cost = Cost(), threads: Int = 1, maxWaiting: Int = 64) {
        self.cost = cost
        self.maxWaiting = maxWaiting
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        decoy = Self.encode(cost, salt: Array(repeating: 0, count: 16), key: Array(repeating: 0, count: 32))
    }

    /// `$scrypt$ln=14,r=8,p=5$salt$key`, salt and key in base64.
    func hash(_ password: String) async throws -> String {
        let cost = cost
        return try await run {
            let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
            return Self.encode(cost, salt: salt, key: try Self.derive(password, salt: salt, cost))
        }
    }

    /// - Parameter hash: of the account, or nil if there is none; the answer is false then, after the same work.
    func verify(_ password: String, _ hash: String?) async throws -> Bool {
        let encoded = hash ?? decoy
        let matches = try await run {
            guard let (cost, salt, key) = Self.decode(encoded) else { return false }
            return Secrets.constantTimeEqual(try Self.derive(password, salt: salt, cost), key)
        }
        return matches && hash != nil
    }

    /// True if a hash took less work than one that is made now.
    func isOutdated(_ hash: String) -> Bool { Self.decode(hash).map { $0.0.work < cost.work } ?? false }

    func close() async {
        try? await pool.shutdownGracefully()
    }

    private func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard waiting.add(1, ordering: .relaxed).newValue <= maxWaiting else { throw Failure.overloaded }
        return try await pool.runIfActive(work)
    }

    private static func derive(_ password: String, salt: [UInt8], _ cost: Cost) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.utf8),
            salt: salt,
            outputByteCount: 32,
            rounds: 1 << cost.logRounds,
            blockSize: cost.blockSize,
            parallelism: cost.parallelism,
            maxMemory: 4096 << cost.logRounds
        )
        return key.withUnsafeBytes { Array($0) }
    }

    private static func encode(_ cost: Cost, salt: [UInt8], key: [UInt8]) -> String {
        let text = { (bytes: [UInt8]) in Data(bytes).base64EncodedString() }
        return "$scrypt$ln=\(cost.logRounds),r=\(cost.blockSize),p=\(cost.parallelism)$\(text(salt))$\(text(key))"
    }

    private static func decode(_ hash: String) -> (Cost, salt: [UInt8], key: [UInt8])? {
        let parts = hash.split(separator: "$")
        guard parts.count == 4, parts[0] == "scrypt", let salt = Data(base64Encoded: String(parts[2])),
            let key = Data(base64Encoded: String(parts[3]))
        else { return nil }
        var numbers: [Substring: Int] = [:]
        for item in parts[1].split(separator: ",") {
            let pair = item.split(separator: "=")
            if pair.count == 2 { numbers[pair[0]] = Int(pair[1]) }
        }
        guard let n = numbers["ln"], (1...20).contains(n), let r = numbers["r"], (1...32).contains(r),
            let p = numbers["p"], (1...16).contains(p)
        else { return nil }
        return (Cost(logRounds: n, blockSize: r, parallelism: p), Array(salt), Array(key))
    }
}
