import Testing

@testable import PostgresClient
@testable import TestSupport

extension ServerTests {
    @Suite struct TLSTests {
        private func isEncrypted(_ url: String) async throws -> Bool {
            let connection = try await PostgresConnection.open(configuration(url), logger: quiet)
            _ = try await connection.one()
            return await connection.isEncrypted
        }

        @Test func requireIsContentWithASelfSignedCertificate() async throws {
            #expect(try await isEncrypted(TestServers.tls.url(query: "sslmode=require")))
        }

        @Test func requireFailsWithoutTLS() async throws {
            let error = try await failure { _ = try await isEncrypted(TestServers.plain.url(query: "sslmode=require")) }
            #expect(error.isUnavailable)
            #expect(error.description.contains("does not support SSL"))
        }

        @Test func verifyFullWantsTheRootAndTheName() async throws {
            let server = try TestServers.tls
            let query = "sslmode=verify-full&sslrootcert=\(server.certificatePath)"
            #expect(try await isEncrypted(server.url(query: query)))
            let url = server.url(query: query)
            #expect(try await isEncrypted(url.replacing("@127.0.0.1:", with: "@localhost:")))
            // Another name for the same address: not in the certificate.
            let other = url.replacing("@127.0.0.1:", with: "@127.0.0.2:") + "&hostaddr=127.0.0.1"
            let error = try await failure { _ = try await isEncrypted(other) }
            #expect(error.isUnavailable)
            #expect(error.description.contains("127.0.0.2"))
        }

        @Test func verifyFullRefusesAnUnknownRoot() async throws {
            let server = try TestServers.tls
            let stranger = try ThrowawayPostgres(hasTLS: true)
            let query = "sslmode=verify-full&sslrootcert=\(stranger.certificatePath)"
            let error = try await failure { _ = try await isEncrypted(server.url(query: query)) }
            #expect(error.isUnavailable)
            #expect(error.description.contains("certificate verify failed"))
        }

        @Test func batchesLargerThanATLSRecord() async throws {
            let connection = try await PostgresConnection.open(
                configuration(TestServers.tls.url(query: "sslmode=require")),
                logger: quiet
            )
            let texts = (0..<512).map { _ in String(repeating: "🦊", count: 4_000) }
            let echo = PostgresStatement("SELECT t FROM unnest($1) AS t")
            let count = try await connection.with { connection in
                try connection.query(echo, [.textArray(texts)]).count { try $0.text(0) == texts[0] }
            }
            #expect(count == 512)
        }
    }
}
