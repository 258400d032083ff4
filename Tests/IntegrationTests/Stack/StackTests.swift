import Foundation
import Testing

@testable import LoadGen

extension ProgramTests {
    /// Whole stacks, as a user starts them; and what is left of them, which is nothing.
    @Suite struct StackTests {
        private static let quick = ["run", "quick", "-c", "20", "-d", "2s", "--quiet"]

        @Test(
            .timeLimit(.minutes(2)),
            arguments: [
                (BalancerKind.haproxy, BalancerPolicy.roundRobin), (.haproxy, .cookie), (.haproxy, .room),
                (.nginx, .leastConn), (.nginx, .cookie), (.nginx, .room),
            ])
        func aRunGoesThroughABalancer(kind: BalancerKind, policy: BalancerPolicy) async throws {
            try await withFolder { folder, environment in
                let settings = [
                    "--set", "balancer.kind=\(kind.rawValue)", "--set", "balancer.policy=\(policy.rawValue)", "--set",
                    "thresholds=[]",
                ]
                let run = try await ProgramRun.loadGen(Self.quick + settings, in: folder, environment: environment)
                #expect(run.status == 0 || run.status == 96, "\(run.output)\(run.errors)")
                let summary = try #require(run.summary)
                #expect(summary.integrity.isIntact)
                #expect(summary.messages.delivered > 0)
                let name = try #require(summary.environment.balancer.split(separator: " ").first)
                #expect(name == kind.rawValue && summary.environment.balancer.hasSuffix(policy.rawValue))
                #expect(Leftovers.folders(in: folder).isEmpty)
            }
        }

        /// A proxy's view of one client: who has no cookie gets one, who shows one keeps it.
        @Test(.timeLimit(.minutes(1)), arguments: [BalancerKind.haproxy, .nginx])
        func theCookieComesWithTheFirstAnswerOnly(kind: BalancerKind) async throws {
            try await withStack(["--set", "balancer.kind=\(kind.rawValue)", "--set", "balancer.policy=cookie"]) {
                stack in
                let port = try #require(stack.state.parts.last?.port)
                let first = try await response(port: port, cookie: nil)
                let cookie = try #require(first.firstMatch(of: /(?i:set-cookie): (chatbench=[^;\r]+)/)?.1)
                let second = try await response(port: port, cookie: String(cookie))
                #expect(second.hasPrefix("HTTP/1.1 200"))
                #expect(!second.lowercased().contains("set-cookie"), "\(second)")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func nothingIsLeftOfARunThatWasInterrupted() async throws {
            try await withFolder { folder, environment in
                var processes: [ProcessIdentity] = []
                let arguments = ["run", "quick", "-c", "20", "--set", "balancer.kind=haproxy"]
                let run = try await ProgramRun.loadGen(arguments, in: folder, environment: environment) { process in
                    try await waitForLoad(process)
                    processes = StackProcesses.all(in: folder)
                    process.signal(SIGINT)
                }
                #expect(run.status == 105, "\(run.errors)")
                #expect(processes.count == 2)
                #expect(StackProcesses.alive(processes) == [])
                #expect(Leftovers.folders(in: folder).isEmpty)
            }
        }

        /// Its keeper ends everything at once.
        @Test(.timeLimit(.minutes(2)))
        func nothingIsLeftOfARunThatWasKilled() async throws {
            try await withFolder { folder, environment in
                let processes = try await killed(in: folder, environment, withKeeper: false)
                #expect(processes.count >= 4)
                #expect(await StackProcesses.areGone(processes))
                #expect(await StackProcesses.eventually { Leftovers.folders(in: folder).isEmpty })
            }
        }

        /// The keeper is killed too: the next call clears up.
        @Test(.timeLimit(.minutes(2)))
        func theNextCallClearsWhatAKilledRunLeft() async throws {
            try await withFolder { folder, environment in
                let processes = try await killed(in: folder, environment, withKeeper: true)
                #expect(processes.count >= 4)
                #expect(StackProcesses.alive(processes) == processes)
                #expect(Leftovers.folders(in: folder).count == 1)
                let run = try await ProgramRun.loadGen(
                    ["run", "quick", "-c", "20", "-d", "1s"], in: folder, environment: environment)
                #expect(run.errors.contains("removed what an earlier run has left: chatbench-"))
                #expect(StackProcesses.alive(processes) == [])
                #expect(Leftovers.folders(in: folder).isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(2)), arguments: [(false, SIGKILL), (true, SIGKILL), (false, SIGINT)])
        func nothingIsLeftOfAStackThatNeverCameUp(withKeeper: Bool, signal: Int32) async throws {
            try await withFolder { folder, environment in
                // A server that never listens keeps `up` waiting.
                let server = folder.appendingPathComponent("hangs")
                try Data("#!/bin/sh\nif [ \"$1\" = serve ]; then exec sleep 60; fi\n".utf8).write(to: server)
                chmod(server.path, 0o755)
                let slow = environment.merging(["CHATBENCH_SERVER": server.path]) { $1 }
                var processes: [ProcessIdentity] = []
                let arguments = ["stack", "up", "--set", "broker=redis", "--set", "store=postgres"]
                _ = try await ProgramRun.loadGen(arguments, in: folder, environment: slow) { process in
                    let isUnderWay = await StackProcesses.eventually(within: .seconds(20)) {
                        Leftovers.folders(in: folder).first?.records["a"] != nil || !process.isRunning
                    }
                    #expect(isUnderWay && process.isRunning, "\(process.log)")
                    processes = StackProcesses.all(in: folder)
                    if withKeeper, let keeper = StackProcesses.keeper(of: process.processID) { kill(keeper, SIGKILL) }
                    process.signal(signal)
                }
                #expect(processes.count >= 4)
                if withKeeper {
                    #expect(StackProcesses.alive(processes) == processes)
                    let up = try await ProgramRun.loadGen(["stack", "up"], in: folder, environment: environment)
                    #expect(
                        up.status == 0 && up.errors.contains("removed what an earlier run has left"), "\(up.errors)")
                    #expect(StackProcesses.alive(processes) == [])
                    #expect(Leftovers.folders(in: folder).count == 1)
                    _ = try await ProgramRun.loadGen(["stack", "down"], in: folder, environment: environment)
                }
                #expect(await StackProcesses.areGone(processes))
                #expect(await StackProcesses.eventually { Leftovers.folders(in: folder).isEmpty })
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func aStackStaysUntilItIsTakenDown() async throws {
            try await withFolder { folder, environment in
                let stack = { (arguments: [String]) in
                    try await ProgramRun.loadGen(["stack"] + arguments, in: folder, environment: environment)
                }
                let absent = try await stack(["status"])
                #expect(absent.status == 69 && absent.errors.contains("no stack is up"))
                let up = try await stack(["up", "--set", "balancer.kind=haproxy"])
                #expect(up.status == 0, "\(up.errors)")
                let url = try #require(up.output.firstMatch(of: /--target (http:\S+)/)?.1)
                let processes = StackProcesses.all(in: folder)
                #expect(processes.count == 2)

                let again = try await stack(["up", "--set", "balancer.kind=haproxy"])
                #expect(again.status == 0 && again.output.contains("embedded is already up"))
                let other = try await stack(["up"])
                #expect(other.status == 64 && other.errors.contains("already up with other settings"))

                let target = ["run", "quick", "--target", String(url), "-c", "20", "-d", "1s"]
                let run = try await ProgramRun.loadGen(target, in: folder, environment: environment)
                #expect(run.summary?.integrity.isIntact == true, "\(run.errors)")
                let status = try await stack(["status"])
                #expect(status.status == 0)
                #expect(status.output.contains(/haproxy +\d+ +\d+ +ready/))
                let logs = try await stack(["logs", "a"])
                #expect(logs.output.contains(#""message":"listening""#))
                let unknown = try await stack(["logs", "redis"])
                #expect(unknown.status == 64 && unknown.errors.contains("it has: a, haproxy"))

                // Without its server the balancer has nothing to send to.
                let server = try #require(StandingStack.all(in: folder).first?.state.parts.first)
                server.signal(SIGKILL)
                let broken = await StackProcesses.eventually { !server.isRunning }
                #expect(broken)
                let ended = try await stack(["status"])
                #expect(ended.status == 69 && ended.output.contains(/a +\d+ +\d+ +ended/))
                let down = try await stack(["down", "--setup", "embedded"])
                #expect(down.status == 0 && down.output == "stopped embedded\n")
                #expect(StackProcesses.alive(processes) == [])
                #expect(Leftovers.folders(in: folder).isEmpty)
                #expect(try await stack(["down"]).status == 0)
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func twoCallsAtOnceStartOneStack() async throws {
            try await withFolder { folder, environment in
                async let first = ProgramRun.loadGen(["stack", "up"], in: folder, environment: environment)
                async let second = ProgramRun.loadGen(["stack", "up"], in: folder, environment: environment)
                let runs = try await [first, second]
                #expect(runs.map(\.status) == [0, 0], "\(runs.map(\.errors))")
                #expect(runs.count { $0.output.contains("already up") } == 1)
                #expect(StandingStack.all(in: folder).count == 1)
                let held = try await StackLock(in: folder)
                await #expect(throws: StackError.self) { try await StackLock(in: folder, timeout: .milliseconds(50)) }
                withExtendedLifetime(held) {}
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func aMissingProgramIsToldBeforeAnythingStarts() async throws {
            try await withFolder { folder, environment in
                let poor = environment.merging(["PATH": "/nonexistent"]) { $1 }
                let run = try await ProgramRun.loadGen(
                    Self.quick + ["--set", "broker=redis"], in: folder, environment: poor)
                #expect(run.status == 69)
                #expect(Leftovers.folders(in: folder).isEmpty)
                #expect(run.errors.contains("redis-server is missing; install with: apt-get install -y redis-server"))
                let doctor = try await ProgramRun.loadGen(["doctor"], in: folder, environment: poor)
                #expect(doctor.status == 69)
                #expect(doctor.output.contains("✗ setup nonsticky: missing redis-server"))
                #expect(doctor.output.contains("    apt-get install -y redis-server (or: scripts/setup)"))
                #expect(doctor.output.contains("✓ setup embedded: needs nothing"))
            }
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["--set", "instances=3"], 64, "3 instances can't share a sqlite store"),
                (["--setup", "nonstick"], 66, "did you mean 'nonsticky'"),
                (["--set", "clients=3"], 64, "--set changes the setup here"),
            ])
        func whatCannotBeStartedIsTold(arguments: [String], status: Int32, hint: String) async throws {
            try await withFolder { folder, environment in
                let up = try await ProgramRun.loadGen(
                    ["stack", "up"] + arguments, in: folder, environment: environment)
                #expect(up.status == status)
                #expect(up.errors.contains(hint), "\(up.errors)")
            }
        }

        /// Options of the server in the shell are for the user's own server.
        @Test(.timeLimit(.minutes(1)))
        func theShellsOptionsDoNotReachTheServers() async throws {
            try await withFolder { folder, environment in
                let shell = ["CHAT_LOG_LEVEL": "nonsense", "CHAT_PORT": "1", "CHAT_EVENT_LOOPS": "0", "PGHOST": "x"]
                let run = try await ProgramRun.loadGen(
                    Self.quick, in: folder, environment: environment.merging(shell) { $1 })
                #expect(run.summary?.integrity.isIntact == true, "\(run.errors)")
            }
        }

        // MARK: - Pieces

        /// Kills a run in its midst.
        /// - Returns: what ran of its stack then.
        private func killed(
            in folder: URL, _ environment: [String: String], withKeeper: Bool
        ) async throws -> [ProcessIdentity] {
            var processes: [ProcessIdentity] = []
            let arguments = ["run", "quick", "-c", "20", "--set", "balancer.kind=nginx"]
            _ = try await ProgramRun.loadGen(arguments, in: folder, environment: environment) { process in
                try await waitForLoad(process)
                processes = StackProcesses.all(in: folder)
                if withKeeper {
                    let keeper = try #require(StackProcesses.keeper(of: process.processID))
                    kill(keeper, SIGKILL)
                }
                process.signal(SIGKILL)
            }
            return processes
        }

        private func waitForLoad(_ process: ChildProcess) async throws {
            let hasLoad = await StackProcesses.eventually(within: .seconds(40)) {
                process.log.contains("phase=steady") || !process.isRunning
            }
            try #require(hasLoad && process.isRunning, "\(process.log)")
        }

        private func response(port: Int, cookie: String?) async throws -> String {
            let header = cookie.map { "Cookie: \($0)\r\n" } ?? ""
            let request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\(header)Connection: close\r\n\r\n"
            let bytes = await LoopbackSocket.exchange(
                Array(request.utf8), port: port, atLeast: 100, timeout: .seconds(5))
            return String(decoding: try #require(bytes), as: UTF8.self)
        }

        private func withStack(_ settings: [String], _ body: (StandingStack) async throws -> Void) async throws {
            try await withFolder { folder, environment in
                let up = try await ProgramRun.loadGen(["stack", "up"] + settings, in: folder, environment: environment)
                #expect(up.status == 0, "\(up.errors)")
                let stack = try #require(StandingStack.all(in: folder).first)
                do {
                    try await body(stack)
                } catch {
                    await stack.stop()
                    throw error
                }
                await stack.stop()
            }
        }

        /// A temporary folder of the test's own: stacks of others are not seen in it.
        private func withFolder(_ body: (URL, [String: String]) async throws -> Void) async throws {
            try await TestStage.withFolder { folder in
                var environment = ProcessInfo.processInfo.environment
                environment["TMPDIR"] = folder.path
                do {
                    try await body(folder, environment)
                } catch {
                    for folder in Leftovers.folders(in: folder) { await folder.clear() }
                    throw error
                }
                for folder in Leftovers.folders(in: folder) { await folder.clear() }
            }
        }
    }
}
