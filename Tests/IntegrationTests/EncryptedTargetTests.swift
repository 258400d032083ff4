import Foundation
import Testing

@testable import LoadGen
@testable import TestSupport

extension ProgramTests {
    /// A target behind https and wss, with a certificate that no system knows.
    @Suite struct EncryptedTargetTests {
        private static func withServer(
            _ body: (_ target: String, _ certificate: ThrowawayCertificate, _ folder: URL) async throws -> Void
        ) async throws {
            try await TestStage.withFolder { folder in
                let certificate = try await ThrowawayCertificate(in: folder.appendingPathComponent("tls"))
                let server = try ChildProcess(
                    "ChatServer",
                    executable: BuiltPrograms.chatServer(),
                    arguments: [
                        "--port", "0", "--limits", "off", "--store", "sqlite:\(folder.path)/chat.db",
                        "--stop-with-stdin", "--tls-cert", certificate.certificate.path, "--tls-key",
                        certificate.key.path,
                    ],
                    log: folder.appendingPathComponent("server.log")
                )
                do {
                    let port = try await BuiltPrograms.port(of: server)
                    try await body("127.0.0.1:\(port)", certificate, folder)
                    await server.stop()
                } catch {
                    await server.stop()
                    throw error
                }
            }
        }

        private static func arguments(_ target: String) -> [String] {
            [
                "run", "quick", "--target", target, "-c", "12", "-d", "2s", "-r", "50/s", "--set", "rooms.count=2",
                "--set", "rooms.members=6", "--set", "thresholds=[]",
            ]
        }

        @Test(.timeLimit(.minutes(2)))
        func aRunPassesOnTrust() async throws {
            try await Self.withServer { target, certificate, folder in
                let trusts = [["--insecure"], ["--ca-file", certificate.authority.path]]
                for (scheme, trust) in zip(["https", "wss"], trusts) {
                    let run = try await ProgramRun.loadGen(Self.arguments("\(scheme)://\(target)") + trust, in: folder)
                    #expect(run.status == 0, "\(run.output)\(run.errors)")
                    let summary = try #require(run.summary)
                    #expect(summary.integrity.isIntact)
                    #expect(summary.clients.connected == 12)
                    #expect(summary.messages.delivered > 0)
                    #expect(summary.messages.delivered == summary.messages.expectedDeliveries)
                }
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func withoutTrustItSaysWhatHelps() async throws {
            try await Self.withServer { target, _, folder in
                let other = try await ThrowawayCertificate(in: folder.appendingPathComponent("other"))
                for trust in [[], ["--ca-file", other.authority.path]] {
                    let run = try await ProgramRun.loadGen(Self.arguments("https://\(target)") + trust, in: folder)
                    #expect(run.status == 69, "\(run.output)\(run.errors)")
                    #expect(run.errors.contains("its certificate is not trusted"), "\(run.errors)")
                    #expect(run.errors.contains("--ca-file FILE"), "\(run.errors)")
                    #expect(run.errors.contains("--insecure"), "\(run.errors)")
                }
                let missing = try await ProgramRun.loadGen(
                    Self.arguments("https://\(target)") + ["--ca-file", "/nowhere/at/all"], in: folder)
                #expect(missing.status == 66, "\(missing.errors)")
                #expect(missing.errors.contains("--ca-file /nowhere/at/all"), "\(missing.errors)")
                let both = try await ProgramRun.loadGen(
                    Self.arguments("https://\(target)") + ["--ca-file", other.authority.path, "--insecure"], in: folder)
                #expect(both.status == 64, "\(both.errors)")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func aPlainServerIsToldFromAnEncryptedOne() async throws {
            try await TestStage.withServer { _, port, folder in
                let run = try await ProgramRun.loadGen(
                    Self.arguments("https://127.0.0.1:\(port)") + ["--insecure"], in: folder)
                #expect(run.status == 69, "\(run.output)\(run.errors)")
                #expect(run.errors.contains("does not speak TLS"), "\(run.errors)")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func keysAreMadeAndReadAgain() async throws {
            try await TestStage.withFolder { folder in
                let keys = folder.appendingPathComponent("keys").path
                func keysCommand(_ arguments: [String]) async throws -> (status: Int32, output: String) {
                    let output = folder.appendingPathComponent("out-\(UUID())")
                    let process = try ChildProcess(
                        "ChatServer",
                        executable: BuiltPrograms.chatServer(),
                        arguments: ["keys"] + arguments,
                        log: folder.appendingPathComponent("err"),
                        output: output
                    )
                    let status = try await process.wait(timeout: .seconds(20))
                    return (status, try String(contentsOf: output, encoding: .utf8) + process.log)
                }
                #expect(try await keysCommand(["public", keys]).status == 64)
                let made = try await keysCommand(["new", keys])
                #expect(made.status == 0, "\(made.output)")
                let path = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                let shown = try await keysCommand(["public", keys])
                #expect(shown.status == 0)
                #expect(shown.output.hasPrefix(#"{"keys":[{"alg":"EdDSA","crv":"Ed25519","kid":"#), "\(shown.output)")
                #expect(!shown.output.contains(#""d":"#))

                let server = try ChildProcess(
                    "ChatServer",
                    executable: BuiltPrograms.chatServer(),
                    arguments: [
                        "--port", "0", "--store", "sqlite:\(folder.path)/chat.db", "--stop-with-stdin", "--jwt-keys",
                        keys,
                    ],
                    log: folder.appendingPathComponent("server.log")
                )
                do {
                    _ = try await BuiltPrograms.port(of: server)
                    #expect(!server.log.contains("no JWT secret"))
                    _ = try await keysCommand(["new", keys])
                    server.signal(SIGHUP)
                    let deadline = ContinuousClock.now + .seconds(10)
                    while !server.log.contains("read again"), server.isRunning, ContinuousClock.now < deadline {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    #expect(server.log.contains("read again"), "\(server.log)")
                    #expect(server.isRunning)
                    await server.stop()
                } catch {
                    await server.stop()
                    throw error
                }
            }
        }
    }
}
