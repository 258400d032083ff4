import ArgumentParser
import Foundation

/// `ChatServer keys`
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make and show the keys that sign access tokens (Ed25519).",
        subcommands: [New.self, Public.self]
    )

    /// `ChatServer keys new FOLDER`
    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key in a folder for --jwt-keys.",
            discussion: """
                The file's name begins with the time, so that of all keys in the folder the newest signs. Only its owner \
                can read it. Servers read it when they start, and at SIGHUP.
                """
        )

        @Argument(help: "The folder; it is made if it is missing.")
        var folder: String

        func run() async throws {
            try Keys.reporting {
                let key = try SigningKeys.Key.new()
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
                let time = Date().ISO8601Format(.init(dateSeparator: .omitted, timeSeparator: .omitted))
                let path = "\(folder)/\(time)-\(key.kid.prefix(8)).jwk"
                let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
                guard descriptor >= 0 else {
                    throw StartupFailure(description: "cannot write \(path): \(String(cString: strerror(errno)))")
                }
                let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
                try file.write(contentsOf: Data((try key.json(isPublic: false) + "\n").utf8))
                print(path)
            }
        }
    }

    /// `ChatServer keys public PATH`
    struct Public: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the public halves as a JWK set.",
            discussion: """
                Servers that have it accept what the keys sign, and cannot sign. To rotate without a gap, give every \
                server the new key's public half first, and the key itself only when all have it.
                """
        )

        @Argument(help: "A key's file, or a folder of them.")
        var path: String

        func run() async throws {
            try Keys.reporting {
                let keys = try SigningKeys(path: path).all.values.sorted { $0.kid < $1.kid }
                print(#"{"keys":[\#(try keys.map { try $0.json(isPublic: true) }.joined(separator: ","))]}"#)
            }
        }
    }

    private static func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            FileHandle.standardError.write(Data("ChatServer: \(error)\n".utf8))
            throw ExitCode(error is ConfigurationProblem ? 64 : 69)
        }
    }
}
