import Foundation

/// A program that a setup needs and that is not part of this project.
enum Program: String, Sendable, CaseIterable {
    case initdb, postgres, haproxy, nginx
    case redisServer = "redis-server"
    case redisCLI = "redis-cli"

    /// Debian's package.
    var package: String {
        switch self {
        case .initdb, .postgres: "postgresql"
        case .redisServer: "redis-server"
        case .redisCLI: "redis-tools"
        case .haproxy: "haproxy"
        case .nginx: "nginx-light"
        }
    }

    fileprivate var versionOption: String { self == .haproxy || self == .nginx ? "-v" : "--version" }
}

/// Where the programs are on this machine.
struct Programs: Sendable {
    /// Folders, in the order in which they are searched.
    let folders: [String]

    /// Those of `PATH`; then where Debian keeps what is not in everybody's `PATH`, newest PostgreSQL first.
    static func standard(environment: [String: String] = ProcessInfo.processInfo.environment) -> Programs {
        let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { Int($0) }
        let postgres = versions.sorted(by: >).map { "\(root)/\($0)/bin" }
        return Programs(folders: path + ["/usr/sbin", "/usr/local/sbin"] + postgres)
    }

    func find(_ program: Program) -> URL? {
        folders.lazy.map { "\($0)/\(program.rawValue)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
            .map { URL(fileURLWithPath: $0) }
    }

    /// - Throws: ``StackError`` with the command that mends it.
    func require(_ program: Program) throws -> URL {
        guard let url = find(program) else { throw StackError(description: Self.complaint([program])) }
        return url
    }

    func missing(for setup: Setup) -> [Program] { setup.programs.filter { find($0) == nil } }

    /// Checks everything before anything is started.
    func check(_ setup: Setup) throws {
        let missing = missing(for: setup)
        if !missing.isEmpty { throw StackError(description: Self.complaint(missing)) }
    }

    static func complaint(_ missing: [Program]) -> String {
        let names = missing.map(\.rawValue).joined(separator: ", ")
        return "\(names) \(missing.count == 1 ? "is" : "are") missing; install with: \(remedy(missing))"
    }

    static func remedy(_ missing: [Program]) -> String {
        let packages = missing.map(\.package).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return "apt-get install -y \(packages.joined(separator: " ")) (or: scripts/setup)"
    }

    /// `15.18`; `unknown` if the program does not say.
    static func version(of program: Program, at executable: URL) -> String {
        let process = Process()
        process.executableURL = executable
        process.arguments = [program.versionOption]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return "unknown" }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return parseVersion(String(decoding: data, as: UTF8.self)) ?? "unknown"
    }

    /// The first thing that looks like a version in what the programs print.
    static func parseVersion(_ text: String) -> String? {
        text.firstMatch(of: /\d+\.\d+(\.\d+)?/).map { String($0.0) }
    }

    /// `ChatServer` lies beside this program, unless `CHATBENCH_SERVER` names another.
    static func chatServer() throws -> URL {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let named = ProcessInfo.processInfo.environment["CHATBENCH_SERVER"].map { URL(fileURLWithPath: $0) }
        let executable = named ?? own.deletingLastPathComponent().appendingPathComponent("ChatServer")
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw StackError(
                description: "there is no ChatServer at \(executable.path); build it with: make build"
            )
        }
        return executable
    }
}

extension Setup {
    /// What must be installed to start it.
    var programs: [Program] {
        var programs: [Program] = []
        if store == .postgres { programs += [.initdb, .postgres] }
        if broker.kind == .redis { programs.append(.redisServer) }
        if case .cluster = broker.layout { programs.append(.redisCLI) }
        switch balancer.kind {
        case .none: break
        case .haproxy: programs.append(.haproxy)
        case .nginx: programs.append(.nginx)
        }
        return programs
    }
}
