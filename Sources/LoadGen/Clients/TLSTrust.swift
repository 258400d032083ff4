import Foundation
import NIOSSL

/// Whose certificates clients take, over REST and over WebSockets alike.
enum TLSTrust: Sendable, Equatable {
    /// Those of the system's authorities.
    case system
    /// Those of the authorities in a PEM file.
    case authorities(file: String)
    /// Any: encrypted, and nobody knows with whom.
    case anyone

    /// - Throws: ``ReportError`` if the authorities' file cannot be read.
    func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch self {
        case .system: break
        case .authorities(let file):
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            } catch {
                throw ReportError(.unreadable, "--ca-file \(file) holds no certificates in PEM that can be read")
            }
        case .anyone: configuration.certificateVerification = .none
        }
        return configuration
    }

    /// What a failed handshake means to whoever gave the target.
    /// - Returns: nil if the error is none of TLS.
    static func reason(_ error: any Error) -> String? {
        let text = "\(error)"
        guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else { return nil }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return "it does not speak TLS: give http:// or ws://"
        }
        if text.lowercased().contains("hostname") {
            return "its certificate is for another name: give the name that the certificate has, or --insecure"
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") || error is NIOSSLExtraError {
            return "its certificate is not trusted: give --ca-file FILE with its authority's certificate, or --insecure"
                + " to take any certificate"
        }
        return "the TLS handshake failed: \(text)"
    }
}
