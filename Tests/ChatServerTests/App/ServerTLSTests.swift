import Foundation
import Testing

@testable import ChatServer
@testable import TestSupport

@Suite struct ServerTLSTests {
    private func withCertificates(_ body: (ThrowawayCertificate, ThrowawayCertificate) throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let one = try await ThrowawayCertificate(in: folder.appending(path: "one"))
        let other = try await ThrowawayCertificate(in: folder.appending(path: "other"))
        try body(one, other)
    }

    private static let now = Clock.system.now.microseconds / 1_000_000

    private func expectProblem(_ certificate: String, _ key: String, _ words: String) {
        #expect {
            _ = try ServerTLS(certificateFile: certificate, keyFile: key, now: Self.now)
        } throws: { error in
            error is ConfigurationProblem && "\(error)".contains(words)
        }
    }

    @Test func whatIsWrongIsTold() async throws {
        try await withCertificates { one, other in
            let (certificate, key) = (one.certificate.path, one.key.path)
            expectProblem("/nowhere.pem", key, "--tls-cert '/nowhere.pem' cannot be read")
            expectProblem(certificate, "/nowhere.pem", "--tls-key '/nowhere.pem' cannot be read")
            expectProblem(key, key, "holds no certificate in PEM")
            expectProblem(certificate, certificate, "holds no private key in PEM")
            expectProblem(certificate, other.key.path, "does not belong to the certificate")
            let nonsense = one.key.deletingLastPathComponent().appending(path: "nonsense")
            try Data("nonsense".utf8).write(to: nonsense)
            expectProblem(nonsense.path, key, "holds no certificate in PEM")
            expectProblem(certificate, nonsense.path, "holds no private key in PEM")
        }
    }

    @Test func itsTimeIsLookedAt() async throws {
        try await withCertificates { one, _ in
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: one.key.path)
            let warnings = { (now: Int64) in
                try ServerTLS(certificateFile: one.certificate.path, keyFile: one.key.path, now: now).warnings
            }
            let day: Int64 = 86_400
            for (now, words) in [(Self.now + 3 * day, "has expired"), (Self.now - 3 * day, "not valid before")] {
                let found = try warnings(now)
                #expect(found.count == 1 && found[0].contains(words), "\(found)")
            }
            // It lives for one day, which is soon over.
            #expect(try warnings(Self.now).map { $0.contains("ends on") } == [true])
        }
    }

    @Test func aKeyThatOthersCanReadIsWarnedOf() async throws {
        try await withCertificates { one, _ in
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: one.key.path)
            let tls = try ServerTLS(certificateFile: one.certificate.path, keyFile: one.key.path, now: Self.now)
            #expect(tls.warnings.contains { $0.contains("chmod 600") })
        }
    }
}
