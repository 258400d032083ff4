import Foundation
import Synchronization
import Testing

@testable import LoadGen

extension ProgramTests {
    /// A stack's parts, each by itself: started, asked, stopped, gone.
    @Suite struct PartsTests {
        @Test(.timeLimit(.minutes(1)))
        func postgresAndRedisStartAndEnd() async throws {
            try await LauncherStage.withLauncher { launcher, programs, logs in
                let all = try await RedisPart.start(.servers(1), launcher, programs: programs, logs: logs).parts
                let redis = try #require(all.first)
                let postgres = try await PostgresPart.start(launcher, programs: programs, logs: logs)
                for part in [redis, postgres.part] {
                    #expect(await part.isReady(), "\(part.log)")
                    #expect(try #require(part.usage).residentBytes > 1 << 20)
                }
                #expect(postgres.url.hasPrefix("postgres://chat:"))
                #expect(postgres.url.hasSuffix("@127.0.0.1:\(postgres.part.port)/postgres"))
                #expect(!commandLine(of: postgres.part).contains("chat:"), "no password where everybody reads")
                let tree = StackProcesses.of(postgres.part)
                #expect(tree.count > 3)
                await ServiceStack.stop([redis, postgres.part])
                #expect(!redis.isRunning && !postgres.part.isRunning)
                #expect(await StackProcesses.areGone(tree))
                #expect(await !postgres.part.isReady())
            }
        }

        /// The first port that each is given belongs to somebody else.
        @Test(.timeLimit(.minutes(1)), arguments: ["redis", "postgres", "haproxy", "nginx"])
        func aTakenPortIsFollowedByAnother(name: String) async throws {
            let taken = try TakenPort()
            defer { taken.close() }
            let offers = Offers([taken.port])
            try await LauncherStage.withLauncher(ports: offers.next) { launcher, programs, logs in
                let part: StackPart?
                switch name {
                case "redis":
                    part = try await RedisPart.start(.servers(1), launcher, programs: programs, logs: logs).parts.first
                case "postgres": part = try await PostgresPart.start(launcher, programs: programs, logs: logs).part
                default:
                    let server = try await LauncherStage.server("a", launcher, logs: logs)
                    let kind: BalancerKind = name == "haproxy" ? .haproxy : .nginx
                    part = try await BalancerPart.start(
                        BalancerSpec(kind: kind), launcher, programs: programs, servers: [server], logs: logs)
                }
                #expect(part?.port != taken.port)
                #expect(await part?.isReady() == true)
                #expect(offers.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func aPartThatDiesShowsItsLog() async throws {
            try await LauncherStage.withLauncher { launcher, _, logs in
                let command = shell("echo first; echo it is broken >&2; exit 3", logs)
                let failure = await #expect(throws: PartFailure.self) { try await launcher.start(command, port: 1) }
                #expect(failure?.description == "fake ended; its log says:\nfirst\nit is broken")
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func aPartThatSaysNothingIsGivenUp() async throws {
            try await LauncherStage.withLauncher { launcher, _, logs in
                let port = try FreePort.pick()
                let failure = await #expect(throws: PartFailure.self) {
                    try await launcher.start(shell("sleep 50", logs), port: port, timeout: .milliseconds(300))
                }
                #expect(failure?.description.contains("was not ready within 0.3 seconds") == true)
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func aStepThatFailsOrHangsIsTold() async throws {
            try await LauncherStage.withLauncher { launcher, _, logs in
                let failed = await #expect(throws: PartFailure.self) {
                    try await launcher.run(shell("echo no >&2; exit 7", logs), timeout: .seconds(5))
                }
                #expect(failed?.description == "fake failed with status 7; its log says:\nno")
                let hung = await #expect(throws: PartFailure.self) {
                    try await launcher.run(shell("exec sleep 50", logs), timeout: .milliseconds(200))
                }
                #expect(hung?.description.contains("did not end within") == true)
            }
        }

        /// Between the record and the part: once the stack is being cleared, nothing starts any more.
        @Test(.timeLimit(.minutes(1)))
        func nothingStartsInAStackThatIsBeingCleared() async throws {
            try await LauncherStage.withLauncher { launcher, _, logs in
                unlink(launcher.folder.alive.path)
                let marker = logs.appendingPathComponent("marker")
                await #expect(throws: PartFailure.self) {
                    try await launcher.run(shell("touch \(marker.path)", logs), timeout: .seconds(5))
                }
                #expect(!FileManager.default.fileExists(atPath: marker.path))
            }
        }

        // MARK: - Pieces

        private func shell(_ script: String, _ logs: URL) -> PartCommand {
            PartCommand(
                name: "fake",
                kind: .broker,
                executable: URL(fileURLWithPath: "/bin/sh"),
                arguments: ["-c", script],
                log: logs.appendingPathComponent("fake.log"),
                probe: .redis
            )
        }

        private func commandLine(of part: StackPart) -> String {
            let data = FileManager.default.contents(atPath: "/proc/\(part.processID)/cmdline") ?? Data()
            return String(decoding: data, as: UTF8.self)
        }
    }
}

/// Ports that are given out before free ones are.
private final class Offers: Sendable {
    private let state: Mutex<(ports: [Int], count: Int)>

    init(_ ports: [Int]) {
        state = Mutex((ports, 0))
    }

    func next() throws -> Int {
        let offered: Int? = state.withLock { state in
            state.count += 1
            return state.ports.isEmpty ? nil : state.ports.removeFirst()
        }
        return try offered ?? FreePort.pick()
    }

    var count: Int { state.withLock { $0.count } }
}

/// A port of 127.0.0.1 that somebody listens on.
private struct TakenPort {
    let port: Int
    private let descriptor: Int32

    init() throws {
        port = try FreePort.pick()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = LoopbackSocket.address(port: port)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isBound && listen(descriptor, 1) == 0)
    }

    func close() { _ = Glibc.close(descriptor) }
}
