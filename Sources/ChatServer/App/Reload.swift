import Foundation
import Logging

/// What SIGHUP reads again: the keys of access tokens, and the TLS certificate with its key. Connections stay.
struct Reload: Sendable {
    let configuration: ServerConfiguration
    let keys: KeyRing
    let listener: Listener
    let logger: Logger

    /// What cannot be read stays as it was, and is logged.
    func callAsFunction() async {
        if let path = configuration.jwtKeysPath {
            await part("jwt-keys") {
                let keys = try SigningKeys(path: path)
                await self.keys.replace(keys)
                return keys.warnings
            }
        }
        if let tls = configuration.tls {
            await part("tls") {
                let now = Clock.system.now.microseconds / 1_000_000
                let renewed = try ServerTLS(
                    certificateFile: tls.certificateFile, keyFile: tls.keyFile, now: now)
                listener.use(renewed)
                return renewed.warnings
            }
        }
    }

    private func part(_ name: String, _ read: () async throws -> [String]) async {
        do {
            for warning in try await read() { logger.warning("\(warning)") }
            logger.info("read again", metadata: ["what": "\(name)"])
        } catch {
            logger.error(
                "cannot be read again; what was read before stays", metadata: ["what": "\(name)", "error": "\(error)"])
        }
    }
}
