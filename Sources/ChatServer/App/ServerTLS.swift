import Foundation
import NIOSSL

/// The server's certificate and key, read and checked: TLS 1.2 and newer, with `http/1.1` by ALPN.
struct ServerTLS: Sendable {
    let certificateFile: String
    let keyFile: String
    let context: NIOSSLContext
    /// What is not wrong, and ought to be mended all the same.
    let warnings: [String]

    /// - Parameters:
    ///   - certificateFile: PEM: the server's own certificate first, then those between it and its authority.
    ///   - keyFile: PEM, without a password.
    ///   - now: seconds since the Unix epoch.
    /// - Throws: ``ConfigurationProblem``
    init(certificateFile: String, keyFile: String, now: Int64) throws {
        try Self.requireReadable(certificateFile, "--tls-cert")
        try Self.requireReadable(keyFile, "--tls-key")
        guard let chain = try? NIOSSLCertificate.fromPEMFile(certificateFile), let leaf = chain.first else {
            throw ConfigurationProblem(description: "--tls-cert '\(certificateFile)' holds no certificate in PEM")
        }
        // Without the callback, OpenSSL's way is to ask on the terminal.
        let password: NIOSSLPassphraseCallback<[UInt8]> = { $0([]) }
        guard let key = try? NIOSSLPrivateKey(file: keyFile, format: .pem, passphraseCallback: password) else {
            throw ConfigurationProblem(
                description: "--tls-key '\(keyFile)' holds no private key in PEM, or one with a password"
            )
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // How long a peer has to say goodbye in its turn.
        configuration.shutdownTimeout = .seconds(1)
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ConfigurationProblem(
                description:
                    "--tls-key '\(keyFile)' does not belong to the certificate in '\(certificateFile)': \(error)"
            )
        }
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        warnings = Self.warnings(leaf, certificateFile, now) + [FileAccess.warning(of: keyFile)].compactMap { $0 }
    }

    private static func requireReadable(_ file: String, _ option: String) throws {
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw ConfigurationProblem(description: "\(option) '\(file)' cannot be read")
        }
    }

    private static func warnings(_ leaf: NIOSSLCertificate, _ file: String, _ now: Int64) -> [String] {
        let (begin, end) = (Int64(leaf.notValidBefore), Int64(leaf.notValidAfter))
        let date = { (seconds: Int64) in
            Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
        }
        if end <= now { return ["the certificate in \(file) has expired on \(date(end)): clients will refuse it"] }
        if begin > now { return ["the certificate in \(file) is not valid before \(date(begin))"] }
        return end - now < 7 * 86_400 ? ["the certificate in \(file) ends on \(date(end))"] : []
    }
}
