import Foundation

/// A setup's real processes on this machine: store, broker, servers, balancer, in a throwaway folder.
///
/// However the program that started it ends, the stack ends with it (``Keeper``), or the next start finds and clears it
/// (``Leftovers``); unless it was left running on purpose (``leaveRunning()``).
struct ServiceStack: Sendable {
    let setup: Setup
    let folder: StackFolder
    private let roster: PartRoster
    /// By the words of the summary: `postgresql 15.18`, `redis 7.0.15`, `haproxy 2.6.12 round-robin`.
    let store: String
    let broker: String
    let balancer: String
    let accounts: [Account]
    let rooms: [RoomPlan]
    private let launcher: Launcher
    private let keeper: Keeper

    /// What a start is for.
    enum Purpose: Sendable {
        /// A run: accounts and rooms are made, and logs stay where the run wants them.
        case run(Scenario, logs: URL)
        /// To be left running: no accounts, and logs in the stack's folder.
        case service
    }

    /// Starts everything, and returns when clients can connect. What was started before a failure is stopped again.
    /// - Throws: ``StackError``, ``PartFailure``.
    static func start(
        _ setup: Setup,
        _ purpose: Purpose,
        programs: Programs = .standard(),
        progress: @Sendable (String) -> Void
    ) async throws -> ServiceStack {
        try programs.check(setup)
        let server = try Programs.chatServer()
        let cleared = await Leftovers.clear()
        if !cleared.isEmpty { progress("removed what an earlier run has left: \(cleared.joined(separator: ", "))") }
        let folder = try StackFolder.create()
        do {
            let keeper = try Keeper(folder)
            do {
                let builder = StackBuilder(
                    setup: setup, purpose: purpose, folder: folder, programs: programs, server: server)
                return try await builder.build(keeper, progress)
            } catch {
                await folder.clear()
                await keeper.release()
                throw error
            }
        } catch {
            folder.remove()
            throw error
        }
    }

    fileprivate init(_ builder: StackBuilder, _ built: StackBuilder.Built, _ keeper: Keeper, _ launcher: Launcher) {
        setup = builder.setup
        folder = builder.folder
        roster = PartRoster(built.parts)
        store = built.store
        broker = built.broker
        balancer = built.balancer
        accounts = built.accounts
        rooms = built.rooms
        self.launcher = launcher
        self.keeper = keeper
    }

    /// In the order of their start, as they are now.
    var parts: [StackPart] { roster.all }

    var servers: [StackPart] { parts.filter { $0.kind == .server } }

    /// Where clients connect: the balancer; without one every instance.
    var entrances: [StackPart] {
        let balancers = parts.filter { $0.kind == .balancer }
        return balancers.isEmpty ? servers : balancers
    }

    var stage: Stage {
        Stage(
            endpoints: entrances.map { Endpoint(host: "127.0.0.1", port: $0.port, isTLS: false) },
            scrapeTargets: servers.map { ScrapeTarget(instance: $0.name, baseURL: $0.baseURL) },
            accounts: accounts,
            tokens: TokenBook(accounts),
            rooms: rooms,
            store: store,
            broker: broker,
            balancer: balancer,
            roster: roster,
            injector: FaultInjector(roster, launcher)
        )
    }

    /// Stops everything and removes what it stored. A run's logs stay.
    func stop() async {
        await Self.stop(parts)
        await folder.clear()
        await keeper.release()
    }

    /// Writes down what runs, and lets go of it.
    func leaveRunning() async throws {
        try StackState(self).write(to: folder)
        await keeper.release()
    }

    /// In this order, so that each can still say to the next what it has to: servers, balancer, then what they used.
    static func stop(_ parts: [StackPart]) async {
        for kinds: [StackPart.Kind] in [[.server], [.balancer], [.broker, .store]] {
            await withTaskGroup(of: Void.self) { group in
                for part in parts where kinds.contains(part.kind) { group.addTask { await part.stop() } }
            }
        }
    }
}

/// The steps of a stack's start.
private struct StackBuilder: Sendable {
    let setup: Setup
    let purpose: ServiceStack.Purpose
    let folder: StackFolder
    let programs: Programs
    let server: URL

    struct Built: Sendable {
        var parts: [StackPart] = []
        var store = ""
        var broker = ""
        var balancer = "none"
        var accounts: [Account] = []
        var rooms: [RoomPlan] = []
    }

    private var logs: URL {
        switch purpose {
        case .run(_, let logs): logs
        case .service: folder.logs
        }
    }

    func build(_ keeper: Keeper, _ progress: @Sendable (String) -> Void) async throws -> ServiceStack {
        let launcher = Launcher(folder)
        var built = Built()
        async let startingBroker = startBroker(launcher)
        if setup.store == .postgres { progress("starting PostgreSQL") }
        let (store, storeURL) = try await startStore(launcher)
        let broker = try await startingBroker
        built.parts = [store].compactMap(\.self) + (broker?.parts ?? [])
        let secretFile = folder.url.appendingPathComponent("secret")
        try Secret.write(Secret.random(bytes: 48), to: secretFile)
        let shared = ServerPart.Shared(
            executable: server,
            storeURL: storeURL,
            brokerURL: broker?.url ?? "memory",
            secretFile: secretFile
        )
        if setup.store == .postgres {
            let log = logs.appendingPathComponent("migrate.log")
            let command = ServerPart.command("migrate", name: "migrate", shared, log: log)
            try await launcher.run(command, timeout: .seconds(60))
            try? FileManager.default.removeItem(at: log)
        }
        if case .run(let scenario, _) = purpose {
            progress(
                "seeding \(Format.count(scenario.clients)) accounts and \(Format.count(scenario.rooms.count)) rooms")
            (built.accounts, built.rooms) = try await seed(scenario, launcher, shared)
        }
        progress(setup.instances == 1 ? "starting ChatServer" : "starting \(setup.instances) ChatServers")
        let servers = try await startServers(launcher, shared)
        built.parts += servers.map(\.part)
        built.store = try storeText() ?? servers.first?.store ?? "unknown"
        built.broker = try brokerText() ?? servers.first?.broker ?? "unknown"
        if let program = setup.balancer.kind.program {
            progress("starting \(setup.balancer.kind.rawValue)")
            let part = try await BalancerPart.start(
                setup.balancer, launcher, programs: programs, servers: servers.map(\.part), logs: logs)
            built.parts += [part].compactMap(\.self)
            built.balancer = "\(try text(program, "\(setup.balancer.kind)")) \(setup.balancer.policy.rawValue)"
        }
        return ServiceStack(self, built, keeper, launcher)
    }

    private func startStore(_ launcher: Launcher) async throws -> (StackPart?, url: String) {
        switch setup.store {
        case .sqlite: return (nil, "sqlite:\(folder.path)/chat.db")
        case .postgres:
            let postgres = try await PostgresPart.start(launcher, programs: programs, logs: logs)
            return (postgres.part, postgres.url)
        }
    }

    private func startBroker(_ launcher: Launcher) async throws -> RedisPart? {
        switch setup.broker.kind {
        case .memory: nil
        case .redis: try await RedisPart.start(setup.broker.layout, launcher, programs: programs, logs: logs)
        }
    }

    private func startServers(_ launcher: Launcher, _ shared: ServerPart.Shared) async throws -> [ServerPart] {
        try await withThrowingTaskGroup(of: (Int, ServerPart).self) { group in
            for index in 0..<setup.instances {
                group.addTask {
                    let name = ServerPart.instanceName(index)
                    return (index, try await ServerPart.start(launcher, instance: name, shared, logs: logs))
                }
            }
            var servers: [(Int, ServerPart)] = []
            while let server = try await group.next() { servers.append(server) }
            return servers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func seed(
        _ scenario: Scenario,
        _ launcher: Launcher,
        _ shared: ServerPart.Shared
    ) async throws -> ([Account], [RoomPlan]) {
        let sizes = scenario.rooms.memberCounts()
        let isUniform = Set(sizes).count == 1
        let members = isUniform ? String(sizes[0]) : sizes.map(String.init).joined(separator: ",")
        let log = logs.appendingPathComponent("seed.log")
        var command = ServerPart.command("seed", name: "seed", shared, log: log)
        command.arguments += ["--users", String(scenario.clients), "--rooms", String(sizes.count)]
        command.arguments += ["--members", members, "--jwt-secret-file", shared.secretFile.path]
        if scenario.rooms.isPrivate { command.arguments.append("--private") }
        let output = folder.url.appendingPathComponent("seed.jsonl")
        try await launcher.run(command, output: output, timeout: .seconds(120))
        try? FileManager.default.removeItem(at: log)
        return try SeedOutput.parse(try Data(contentsOf: output))
    }

    // MARK: - Names and versions

    /// Nil: the server knows.
    private func storeText() throws -> String? {
        setup.store == .postgres ? try text(.postgres, "postgresql") : nil
    }

    private func brokerText() throws -> String? {
        guard setup.broker.kind == .redis else { return nil }
        let name = try text(.redisServer, "redis")
        return switch setup.broker.layout {
        case .servers(1): name
        case .servers(let count): "\(name) x\(count)"
        case .cluster(let count): "\(name) cluster of \(count)"
        }
    }

    private func text(_ program: Program, _ name: String) throws -> String {
        "\(name) \(Programs.version(of: program, at: try programs.require(program)))"
    }
}
