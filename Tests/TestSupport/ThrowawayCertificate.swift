import Foundation

/// An authority of its own, and a certificate by it for `localhost` and 127.0.0.1; made by openssl.
struct ThrowawayCertificate: Sendable {
    let authority: URL
    let certificate: URL
    let key: URL

    /// - Throws: ``ThrowawayRedis/Failure``, also if openssl is missing.
    init(in folder: URL) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        authority = folder.appendingPathComponent("ca.pem")
        certificate = folder.appendingPathComponent("server.pem")
        key = folder.appendingPathComponent("server.key")
        let authorityKey = folder.appendingPathComponent("ca.key").path
        let request = folder.appendingPathComponent("server.csr").path
        let extensions = folder.appendingPathComponent("extensions")
        try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\n".utf8).write(to: extensions)
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await Self.openssl(
            ["req", "-x509"] + newKey
                + ["-days", "1", "-subj", "/CN=throwaway authority", "-keyout", authorityKey, "-out", authority.path]
        )
        try await Self.openssl(
            ["req", "-new"] + newKey + ["-subj", "/CN=localhost", "-keyout", key.path, "-out", request]
        )
        try await Self.openssl([
            "x509", "-req", "-in", request, "-CA", authority.path, "-CAkey", authorityKey, "-CAcreateserial",
            "-days", "1", "-extfile", extensions.path, "-out", certificate.path,
        ])
    }

    private static func openssl(_ arguments: [String]) async throws {
        try await runProgram(try ThrowawayRedis.program("openssl", package: "openssl"), arguments)
    }
}

/// Runs a program to its end, for at most 30 s.
/// - Throws: ``ThrowawayRedis/Failure`` if it does not end well.
/// - Returns: what it wrote.
@discardableResult
func runProgram(_ program: URL, _ arguments: [String]) async throws -> String {
    let output = FileManager.default.temporaryDirectory.appendingPathComponent("output-\(UUID().uuidString)")
    try Data().write(to: output)
    defer { try? FileManager.default.removeItem(at: output) }
    let handle = try FileHandle(forWritingTo: output)
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    for _ in 0..<3000 where process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
    if process.isRunning { process.terminate() }
    let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
    guard !process.isRunning, process.terminationStatus == 0 else {
        throw ThrowawayRedis.Failure(description: "\(program.lastPathComponent) failed: \(text.suffix(1000))")
    }
    return text
}
