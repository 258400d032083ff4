import Foundation

/// What a connection costs that does nothing.
struct Idle: Experiment {
    static let name = "idle"
    static let summary = "18,000 silent connections: memory for each, of the server and of the generator"

    var figures = [
        FigureResult(
            name: "idle.server", what: "ChatServer's memory for a connection, 18,000 of them in rooms of 20",
            unit: "KB/connection", better: .lower, floor: .init(what: "bare NIO WebSocket server"), target: .atMost(8)),
        FigureResult(
            name: "idle.generator", what: "LoadGen's memory for a client, of the same",
            unit: "KB/connection", better: .lower, floor: .init(what: "bare NIO WebSocket clients"),
            target: .atMost(7)),
    ]

    init() {}

    mutating func measure(_ bench: Bench) async throws {
        let connections = bench.isQuick ? 4000 : 18_000
        let rounds = bench.rounds(atMost: 2)
        for round in 0..<rounds {
            let (server, generator) = try await Self.loaded(bench, connections)
            let (bareServer, bareClients) = try await Self.bare(bench, connections)
            bench.tell(
                "idle \(round + 1)/\(rounds): server \(server.pss.compact) KB (RSS \(server.rss.compact)), floor "
                    + "\(bareServer.pss.compact); generator \(generator.pss.compact) KB "
                    + "(RSS \(generator.rss.compact)), floor \(bareClients.pss.compact)")
            figures[0].add(server.pss, floor: bareServer.pss)
            figures[1].add(generator.pss, floor: bareClients.pss)
            figures[0].details["rss"] = server.rss
            figures[1].details["rss"] = generator.rss
        }
    }

    private typealias PerConnection = (pss: Double, rss: Double)

    private static func loaded(_ bench: Bench, _ connections: Int) async throws -> (PerConnection, PerConnection) {
        let scenario = """
            name: perf-idle
            clients: \(connections)
            rooms: {count: \(connections / 20), members: 20}
            payload_bytes: 80
            phases:
              - {name: connect, connect_rate: 3000/s}
              - {name: hold, duration: 4s, rate: 5/s, measure: true}
            thresholds: []

            """
        let run = try LoadGenRun(bench, scenario, ["--setup", "embedded"])
        let summary = Task { try await run.summary() }
        var generator = MemoryWatch(run.child.id, connections: connections)
        var server: MemoryWatch?
        while run.child.isRunning {
            // `ChatServer seed` and `migrate` are gone before the server is there.
            if let id = ProcessTree.descendants(of: run.child.id, named: "ChatServer").last, id != server?.process,
                server?.with == nil
            {
                server = MemoryWatch(id, connections: connections)
            }
            server?.look()
            generator.look()
            try await Task.sleep(for: .milliseconds(100))
        }
        let connected = try await summary.value.clients.connected
        guard connected == connections, let memory = server?.perConnection, let clients = generator.perConnection else {
            throw Failure(
                "\(connected) of \(connections) connected; the server was seen with \(server?.mostFiles ?? 0) open files, "
                    + "the generator with \(generator.mostFiles)")
        }
        return (memory, clients)
    }

    private static func bare(_ bench: Bench, _ connections: Int) async throws -> (PerConnection, PerConnection) {
        let server = try await ServerProcess.broadcaster(core: nil, in: bench.workspace.url)
        var watch = MemoryWatch(server.child.id, connections: connections)
        watch.look()
        let clients = try Child(
            "bare clients", Programs.own,
            ["floor", "clients", "--port", "\(server.target.port)", "--count", "\(connections)"],
            log: bench.file("clients.log"))
        var clientsWatch = MemoryWatch(clients.id, connections: connections)
        let deadline = ContinuousClock.now + .seconds(60)
        while watch.with == nil || clientsWatch.with == nil || !clients.lastWords.contains("connected") {
            watch.look()
            clientsWatch.look()
            guard clients.isRunning, ContinuousClock.now < deadline else { break }
            try? await Task.sleep(for: .milliseconds(100))
        }
        watch.look()
        clientsWatch.look()
        await clients.stop()
        await server.child.stop()
        guard let server = watch.perConnection, let bare = clientsWatch.perConnection else {
            throw Failure("the bare clients did not all connect: \(clients.lastWords)")
        }
        return (server, bare)
    }
}
