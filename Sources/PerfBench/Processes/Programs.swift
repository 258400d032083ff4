import ArgumentParser
import Foundation

/// The programs that are measured. They are black boxes: processes, by what they print and what they cost.
struct Programs: ParsableArguments {
    @Option(help: "The ChatServer to measure (the one beside this program).")
    var server: String?

    @Option(help: "The LoadGen to measure (the one beside this program).")
    var generator: String?

    var chatServer: URL { get throws { try find(server, "ChatServer") } }
    var loadGen: URL { get throws { try find(generator, "LoadGen") } }
    /// This program itself, whose floors run as processes of their own.
    static var own: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

    private func find(_ given: String?, _ name: String) throws -> URL {
        let url =
            given.map { URL(fileURLWithPath: $0) }
            ?? Self.own.deletingLastPathComponent()
            .appendingPathComponent(name)
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            throw Failure("there is no \(url.path): swift build -c release --product \(name)")
        }
        return url
    }
}
