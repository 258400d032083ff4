import Foundation
import NIOCore
import Testing

@testable import RedisClient
@testable import TestSupport

extension IntegrationTests {
    struct RedisTLSTests {
        @Test func `TLS verifies against the authority, unless told not to`() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let certificate = try await ThrowawayCertificate(in: folder.appendingPathComponent("right"))
            let other = try await ThrowawayCertificate(in: folder.appendingPathComponent("wrong"))
            try await ThrowawayRedis.with(.init(password: "pw", certificate: certificate)) { redis in
                let ping: @Sendable (String) async throws -> RedisReply = { address in
                    try await withConnection(address) { try await $0.send(RedisCommand("PING")) }
                }
                let right = "?ca=\(certificate.authority.path)"
                for host in ["127.0.0.1", "localhost"] {
                    let address = "rediss://:pw@\(host):\(redis.port)\(right)"
                    #expect(try await ping(address) == .simpleString("PONG"))
                }
                let address = "rediss://:pw@127.0.0.1:\(redis.port)"
                #expect(try await ping(address + "?insecure=true") == .simpleString("PONG"))
                for wrong in ["", "?ca=\(other.authority.path)"] {
                    await #expect { try await ping(address + wrong) } throws: { error in
                        guard case RedisError.unavailable(let why) = error else { return false }
                        return why.lowercased().contains("certificate")
                    }
                }
                await #expect { try await ping(address + "?ca=/does/not/exist") } throws: { error in
                    if case RedisError.unavailable = error { true } else { false }
                }
                await #expect(throws: RedisError.self) { try await ping("redis://:pw@127.0.0.1:\(redis.port)") }

                let group = RedisGroup([try RedisServer(parsing: address + right)])
                try await withSubscriber(group) { subscriber, recorder in
                    try await subscriber.subscribe("a")
                    try await withPublisher(group) { try await $0.publish([RedisMessage("a", "encrypted")]) }
                    try await eventually("the message") { recorder.texts == ["encrypted"] }
                }
            }
        }

        @Test func `TLS against a server without it fails in time`() async throws {
            try await ThrowawayRedis.with { redis in
                await #expect(throws: RedisError.self) {
                    try await withConnection("rediss://127.0.0.1:\(redis.port)?insecure=true") { _ in }
                }
            }
        }
    }
}
